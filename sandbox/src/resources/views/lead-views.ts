import { type Caller, isReadable } from '../../state/caller.ts'
import type { LeadLabelRow, LeadRow } from '../../state/records.ts'
import { typedValues } from '../../webhooks/typed-values.ts'
import { level, recordView } from './record-view.ts'

/** Times of leads have milliseconds; the sandbox's times are whole seconds. */
const withMs = (time: string): string => time.replace(/Z$/, '.000Z')
const stamps = {
  add_time: {
    v1: ({ add_time }: { add_time: string }) => withMs(add_time),
    webhook: ({ add_time }: { add_time: string }) => withMs(add_time),
  },
  update_time: { v1: ({ add_time, update_time }: { add_time: string; update_time: string | null }) => withMs(update_time ?? add_time) },
}

function nextActivity({ uuid }: LeadRow, caller: Caller): number | null {
  const due = [...caller.company.activities.where('lead_id', uuid)]
    .filter((activity) => !activity.is_deleted && !activity.done && isReadable(activity, caller))
    .map(({ id, due_date, due_time }) => ({ id, at: `${due_date ?? '9999'} ${due_time ?? ''}` }))
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.id - b.id))
  return due[0]?.id ?? null
}

const uuidOf = ({ uuid }: { uuid: string }): string => uuid

export const leadView = recordView<LeadRow>()(
  {
    ...stamps,
    update_time: { ...stamps.update_time, webhook: ({ update_time }) => update_time && withMs(update_time) },
    id: { v1: uuidOf, webhook: uuidOf },
    next_activity_id: { v1: nextActivity, webhook: () => null },
    visible_to: level,
    cc_email: {
      v1: ({ uuid }, { company }) => `${company.domain}+${company.id}+lead${uuid.replaceAll('-', '').slice(0, 22)}@pipedrivemail.com`,
    },
    // Only fields with a value, at the top level as in deals of v1.
    '...custom_fields': { v1: (lead) => lead.custom_fields },
    custom_fields: { webhook: (lead, { company }) => typedValues(company, 'deal', lead.custom_fields) },
  },
  {
    v1: [
      'id title owner_id creator_id label_ids value expected_close_date person_id organization_id is_archived source_name source_deal_id',
      'origin origin_id channel channel_id was_seen next_activity_id add_time update_time visible_to cc_email ...custom_fields',
    ],
    webhook: [
      'add_time channel channel_id creator_id custom_fields expected_close_date id is_archived label_ids next_activity_id organization_id',
      'origin origin_id owner_id person_id source_name title update_time was_seen value',
    ],
  },
)

export const leadLabelView = recordView<LeadLabelRow>()({ ...stamps, id: { v1: uuidOf } }, { v1: ['id name color add_time update_time'] })
