import type { Caller } from '../state/caller.ts'
import {
  type ActivityRow,
  type Address,
  addressParts,
  type DealRow,
  type OrganizationRow,
  type Owned,
  type PersonRow,
  type PipelineRow,
  type ProductRow,
  type StageRow,
} from '../state/records.ts'
import { canSee } from '../state/visibility.ts'
import { v1Time } from '../time.ts'
import { dealIncludes, organizationIncludes, personIncludes } from './includes.ts'
import { v1TimeOrNull } from './v1.ts'

/** What records look like in v1: flat, with the names of what they are linked to. Only what is still served there is made here. */
type Shape = Record<string, unknown>

const user = (id: number, { company }: Caller) => company.users.get(id)

/** v1 spreads an address over fields: `address`, `address_locality` … Parts that an address has not are empty texts. */
const spread = (name: string, address: Partial<Address> | null): Shape => ({
  [name]: address?.['value'] ?? null,
  ...Object.fromEntries(addressParts.map((part) => [`${name}_${part}`, address && (address[part] ?? '')])),
})

/** A user as records of v1 name him. */
export function v1UserLink(id: number, caller: Caller): Shape | null {
  const linked = user(id, caller)
  if (!linked) return null
  const { name, email, active_flag } = linked
  return { id, name, email, has_pic: 0, pic_hash: null, active_flag, value: id }
}

/** An organization as records of v1 name it. */
export function v1OrganizationLink(id: number | null, caller: Caller): Shape | null {
  const organization = id === null ? undefined : caller.company.organizations.get(id)
  return organization
    ? {
        name: organization.name,
        people_count: organizationIncludes['people_count']!(organization, caller),
        owner_id: organization.owner_id,
        address: organization.address?.value ?? null,
        active_flag: !organization.is_deleted,
        cc_email: organizationIncludes['smart_bcc_email']!(organization, caller),
        value: organization.id,
      }
    : null
}
const activity = (id: unknown, { company }: Caller): ActivityRow | undefined =>
  typeof id === 'number' ? company.activities.get(id) : undefined
/** v1 writes numbers of labels as one text. */
const label = (ids: readonly number[]): string | null => (ids.length === 0 ? null : ids.join(','))

/** The next and the last activity, told by a record of any kind. */
function activitiesOf<R>(includes: Readonly<Record<string, (row: R, caller: Caller) => unknown>>, row: R, caller: Caller): Shape {
  const next = activity(includes['next_activity_id']!(row, caller), caller)
  const last = activity(includes['last_activity_id']!(row, caller), caller)
  return {
    next_activity_date: next?.due_date ?? null,
    next_activity_time: next?.due_time ?? null,
    next_activity_id: next?.id ?? null,
    last_activity_id: last?.id ?? null,
    last_activity_date: last?.due_date ?? null,
  }
}

/** What include_fields can name, without what is made elsewhere. */
const counts = <R>(includes: Readonly<Record<string, (row: R, caller: Caller) => unknown>>, row: R, caller: Caller): Shape =>
  Object.fromEntries(
    Object.entries(includes)
      .filter(([name]) => name.endsWith('_count'))
      .map(([name, read]) => [name, read(row, caller)]),
  )

/** A deal says of what it is linked to only that it is hidden, to whoever may not see that. */
const isHidden = (row: Owned | undefined, caller: Caller): boolean => row !== undefined && !canSee(row, caller)

export function v1Deal(deal: DealRow, caller: Caller): Shape {
  const { company } = caller
  const stage = company.stages.get(deal.stage_id)
  const person = deal.person_id === null ? undefined : company.persons.get(deal.person_id)
  const organization = deal.org_id === null ? undefined : company.organizations.get(deal.org_id)
  const next = activity(dealIncludes['next_activity_id']!(deal, caller), caller)
  const probability = deal.probability ?? stage?.deal_probability ?? 100
  return {
    id: deal.id,
    creator_user_id: deal.creator_user_id,
    user_id: deal.owner_id,
    person_id: deal.person_id,
    org_id: deal.org_id,
    stage_id: deal.stage_id,
    title: deal.title,
    value: deal.value,
    currency: deal.currency,
    add_time: v1Time(deal.add_time),
    update_time: v1TimeOrNull(deal.update_time),
    stage_change_time: v1TimeOrNull(deal.stage_change_time),
    active: deal.status === 'open' && !deal.is_deleted,
    deleted: deal.is_deleted,
    status: deal.is_deleted ? 'deleted' : deal.status,
    probability: deal.probability,
    ...activitiesOf(dealIncludes, deal, caller),
    lost_reason: deal.lost_reason,
    visible_to: String(deal.visible_to),
    close_time: v1TimeOrNull(deal.close_time),
    pipeline_id: deal.pipeline_id,
    won_time: v1TimeOrNull(deal.won_time),
    first_won_time: v1TimeOrNull(deal.first_won_time),
    lost_time: v1TimeOrNull(deal.lost_time),
    ...counts(dealIncludes, deal, caller),
    expected_close_date: deal.expected_close_date,
    last_incoming_mail_time: null,
    last_outgoing_mail_time: null,
    label: label(deal.label_ids),
    origin: deal.origin,
    origin_id: deal.origin_id,
    channel: deal.channel,
    channel_id: deal.channel_id,
    is_archived: deal.is_archived,
    archive_time: v1TimeOrNull(deal.archive_time),
    source_lead_id: deal.source_lead_id ?? null,
    stage_order_nr: stage?.order_nr ?? null,
    person_name: isHidden(person, caller) ? null : (person?.name ?? null),
    org_name: isHidden(organization, caller) ? null : (organization?.name ?? null),
    next_activity_subject: next?.subject ?? null,
    next_activity_type: next?.type ?? null,
    next_activity_duration: next?.duration ?? null,
    next_activity_note: next?.note ?? null,
    weighted_value: (deal.value * probability) / 100,
    weighted_value_currency: deal.currency,
    rotten_time: null,
    owner_name: user(deal.owner_id, caller)?.name ?? null,
    cc_email: dealIncludes['smart_bcc_email']!(deal, caller),
    org_hidden: isHidden(organization, caller),
    person_hidden: isHidden(person, caller),
    ...Object.fromEntries(Object.entries(deal.custom_fields).flatMap(([code, value]) => v1CustomField(code, value))),
  }
}

/** In v1 the parts of a value stand beside it: `<code>_currency`. */
function v1CustomField(code: string, value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[code, Array.isArray(value) ? value.join(',') : value]]
  const { value: whole, ...parts } = value as Record<string, unknown>
  return [[code, whole ?? null], ...Object.entries(parts).map(([name, part]): [string, unknown] => [`${code}_${name}`, part])]
}

export function v1Person(person: PersonRow, caller: Caller): Shape {
  const { company } = caller
  return {
    id: person.id,
    company_id: company.id,
    owner_id: person.owner_id,
    org_id: person.org_id,
    name: person.name,
    first_name: person.first_name,
    last_name: person.last_name,
    ...counts(personIncludes, person, caller),
    active_flag: !person.is_deleted,
    phone: person.phones,
    email: person.emails,
    first_char: person.name.slice(0, 1).toLowerCase(),
    update_time: v1TimeOrNull(person.update_time),
    add_time: v1Time(person.add_time),
    visible_to: String(person.visible_to),
    picture_id: null,
    ...activitiesOf(personIncludes, person, caller),
    last_incoming_mail_time: null,
    last_outgoing_mail_time: null,
    label: person.label_ids[0] ?? null,
    label_ids: person.label_ids,
    org_name: (person.org_id === null ? undefined : company.organizations.get(person.org_id)?.name) ?? null,
    owner_name: user(person.owner_id, caller)?.name ?? null,
    cc_email: personIncludes['smart_bcc_email']!(person, caller),
  }
}

export function v1Organization(organization: OrganizationRow, caller: Caller): Shape {
  return {
    id: organization.id,
    company_id: caller.company.id,
    owner_id: v1UserLink(organization.owner_id, caller),
    name: organization.name,
    ...counts(organizationIncludes, organization, caller),
    active_flag: !organization.is_deleted,
    first_char: organization.name.slice(0, 1).toLowerCase(),
    update_time: v1TimeOrNull(organization.update_time),
    add_time: v1Time(organization.add_time),
    visible_to: String(organization.visible_to),
    ...spread('address', organization.address),
    ...activitiesOf(organizationIncludes, organization, caller),
    label: organization.label_ids[0] ?? null,
    label_ids: organization.label_ids,
    owner_name: user(organization.owner_id, caller)?.name ?? null,
    cc_email: organizationIncludes['smart_bcc_email']!(organization, caller),
  }
}

/** v1 leaves out the seconds of an activity's times, and writes nothing as an empty text. */
const clockTime = (time: string | null): string => time?.slice(0, 5) ?? ''

export function v1Activity(row: ActivityRow, caller: Caller): Shape {
  const { company } = caller
  const name = <T>(id: number | null, read: (id: number) => T | undefined): T | null => (id === null ? undefined : read(id)) ?? null
  return {
    id: row.id,
    company_id: company.id,
    user_id: row.owner_id,
    done: row.done,
    type: row.type,
    due_date: row.due_date,
    due_time: clockTime(row.due_time),
    duration: clockTime(row.duration),
    busy_flag: row.busy,
    add_time: v1Time(row.add_time),
    marked_as_done_time: row.marked_as_done_time === null ? '' : v1Time(row.marked_as_done_time),
    subject: row.subject,
    public_description: row.public_description,
    ...spread('location', row.location),
    org_id: row.org_id,
    person_id: row.person_id,
    deal_id: row.deal_id,
    lead_id: row.lead_id,
    project_id: row.project_id,
    active_flag: !row.is_deleted,
    update_time: v1TimeOrNull(row.update_time),
    gcal_event_id: null,
    google_calendar_id: null,
    note: row.note,
    created_by_user_id: row.creator_user_id,
    participants: row.participants.map(({ person_id, primary }) => ({ person_id, primary_flag: primary })),
    org_name: name(row.org_id, (id) => company.organizations.get(id)?.name),
    person_name: name(row.person_id, (id) => company.persons.get(id)?.name),
    deal_title: name(row.deal_id, (id) => company.deals.get(id)?.title),
    owner_name: user(row.owner_id, caller)?.name ?? null,
    assigned_to_user_id: row.owner_id,
  }
}

export const v1Stage = (stage: StageRow, { company }: Caller): Shape => ({
  id: stage.id,
  order_nr: stage.order_nr,
  name: stage.name,
  active_flag: !stage.is_deleted,
  deal_probability: stage.deal_probability,
  pipeline_id: stage.pipeline_id,
  rotten_flag: stage.is_deal_rot_enabled,
  rotten_days: stage.days_to_rotten,
  add_time: v1Time(stage.add_time),
  update_time: v1TimeOrNull(stage.update_time),
  pipeline_name: company.pipelines.get(stage.pipeline_id)?.name ?? null,
})

export const v1Pipeline = (pipeline: PipelineRow): Shape => ({
  id: pipeline.id,
  name: pipeline.name,
  order_nr: pipeline.order_nr,
  active: !pipeline.is_deleted,
  url_title: 'default',
  deal_probability: pipeline.is_deal_probability_enabled,
  add_time: v1Time(pipeline.add_time),
  update_time: v1TimeOrNull(pipeline.update_time),
})

export const v1Product = (product: ProductRow): Shape => ({
  id: product.id,
  name: product.name,
  code: product.code ?? '',
  description: product.description ?? '',
  unit: product.unit ?? '',
  tax: product.tax,
  category: product.category === null ? null : String(product.category),
  active_flag: !product.is_deleted,
  selectable: product.is_linkable,
  first_char: product.name.slice(0, 1).toLowerCase(),
  visible_to: product.visible_to,
  owner_id: product.owner_id,
  files_count: 0,
  add_time: v1Time(product.add_time),
  update_time: v1TimeOrNull(product.update_time),
  prices: product.prices.map((price) => ({ product_id: product.id, ...price })),
})
