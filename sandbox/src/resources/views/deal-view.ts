import type { Caller } from '../../state/caller.ts'
import { shownLabels, shownValues } from '../../state/fields.ts'
import type { DealRow, Owned } from '../../state/records.ts'
import { canSee } from '../../state/visibility.ts'
import { localDate } from '../../time.ts'
import { typedValues } from '../../webhooks/typed-values.ts'
import { dealIncludes } from '../includes.ts'
import { activitiesOf, activityOf, countsOf, ownerName } from './linked.ts'
import { level, recordView, type Shape, times } from './record-view.ts'

const localTo = (column: 'won_time' | 'lost_time' | 'close_time') => ({
  v2: (deal: DealRow, { user }: Caller) => (deal[column] === null ? null : localDate(deal[column], user.timezone_name)),
})

/** A deal hides linked records that the caller may not see, and returns only a flag. */
const isHidden = (row: Owned | undefined, caller: Caller): boolean => row !== undefined && !canSee(row, caller)
const nameOf = (row: (Owned & { name: string }) | undefined, caller: Caller): string | null =>
  isHidden(row, caller) ? null : (row?.name ?? null)
const personOf = ({ person_id }: DealRow, { company }: Caller) => (person_id === null ? undefined : company.persons.get(person_id))
const organizationOf = ({ org_id }: DealRow, { company }: Caller) => (org_id === null ? undefined : company.organizations.get(org_id))
const stageOf = ({ stage_id }: DealRow, { company }: Caller) => company.stages.get(stage_id)

/** In v1 the subfields of a value are separate fields: `<code>_currency`. */
function v1CustomField(code: string, value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[code, Array.isArray(value) ? value.join(',') : value]]
  const { value: whole, ...parts } = value as Shape
  return [[code, whole ?? null], ...Object.entries(parts).map(([name, part]): [string, unknown] => [`${code}_${name}`, part])]
}

function nextActivity(deal: DealRow, caller: Caller): Shape {
  const next = activityOf(dealIncludes['next_activity_id']!(deal, caller), caller)
  return {
    next_activity_subject: next?.subject ?? null,
    next_activity_type: next?.type ?? null,
    next_activity_duration: next?.duration ?? null,
    next_activity_note: next?.note ?? null,
  }
}

export const dealView = recordView<DealRow>()(
  {
    ...times('add_time', 'update_time', 'stage_change_time', 'close_time', 'won_time', 'first_won_time', 'lost_time', 'archive_time'),
    update_time: {
      ...times('update_time').update_time,
      webhook: (deal, { action }) => (action === 'create' ? null : deal.update_time),
    },
    status: {
      v2: (deal, { behaviour }) => (deal.is_deleted && behaviour.deletedDealStatus === 'deleted' ? 'deleted' : deal.status),
      v1: (deal) => (deal.is_deleted ? 'deleted' : deal.status),
    },
    local_won_date: localTo('won_time'),
    local_lost_date: localTo('lost_time'),
    local_close_date: localTo('close_time'),
    visible_to: level,
    label_ids: { v2: (deal, { company }) => shownLabels(company, 'deal', deal.label_ids) },
    custom_fields: {
      v2: (deal, { company }) => shownValues(company, 'deal', deal.custom_fields),
      webhook: (deal, { company }) => typedValues(company, 'deal', deal.custom_fields),
    },
    user_id: { v1: (deal) => deal.owner_id },
    active: { v1: (deal) => deal.status === 'open' && !deal.is_deleted },
    deleted: { v1: (deal) => deal.is_deleted },
    '...activities': { v1: activitiesOf(dealIncludes) },
    '...counts': { v1: countsOf(dealIncludes) },
    last_incoming_mail_time: { v1: () => null },
    last_outgoing_mail_time: { v1: () => null },
    label: { v1: ({ label_ids }) => (label_ids.length === 0 ? null : label_ids.join(',')) },
    source_lead_id: { v1: (deal) => deal.source_lead_id ?? null },
    stage_order_nr: { v1: (deal, caller) => stageOf(deal, caller)?.order_nr ?? null },
    person_name: { v1: (deal, caller) => nameOf(personOf(deal, caller), caller) },
    org_name: { v1: (deal, caller) => nameOf(organizationOf(deal, caller), caller) },
    '...next_activity': { v1: nextActivity },
    weighted_value: {
      v1: (deal, caller) => (deal.value * (deal.probability ?? stageOf(deal, caller)?.deal_probability ?? 100)) / 100,
    },
    weighted_value_currency: { v1: (deal) => deal.currency },
    rotten_time: { v1: () => null },
    owner_name: { v1: ownerName },
    cc_email: { v1: dealIncludes['smart_bcc_email']! },
    org_hidden: { v1: (deal, caller) => isHidden(organizationOf(deal, caller), caller) },
    person_hidden: { v1: (deal, caller) => isHidden(personOf(deal, caller), caller) },
    '...custom_fields': {
      v1: (deal) => Object.fromEntries(Object.entries(deal.custom_fields).flatMap(([code, value]) => v1CustomField(code, value))),
    },
  },
  {
    v2: [
      'id title creator_user_id owner_id value person_id org_id stage_id pipeline_id currency add_time update_time status probability',
      'lost_reason visible_to close_time won_time lost_time stage_change_time local_won_date local_lost_date local_close_date',
      'expected_close_date label_ids is_deleted is_archived archive_time origin origin_id channel channel_id custom_fields',
    ],
    v1: [
      'id creator_user_id user_id person_id org_id stage_id title value currency add_time update_time stage_change_time active deleted',
      'status probability ...activities lost_reason visible_to close_time pipeline_id won_time first_won_time lost_time ...counts',
      'expected_close_date last_incoming_mail_time last_outgoing_mail_time label origin origin_id channel channel_id is_archived',
      'archive_time source_lead_id stage_order_nr person_name org_name ...next_activity weighted_value weighted_value_currency',
      'rotten_time owner_name cc_email org_hidden person_hidden ...custom_fields',
    ],
    webhook: [
      'add_time archive_time channel channel_id close_time creator_user_id currency custom_fields expected_close_date first_won_time id',
      'is_archived label_ids lost_reason lost_time org_id origin origin_id owner_id person_id pipeline_id probability',
      'stage_change_time stage_id status title update_time value visible_to won_time',
    ],
  },
)
