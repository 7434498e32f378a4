import { fullAddress } from '../../state/full-address.ts'
import type { Caller } from '../../state/caller.ts'
import type { ActivityRow } from '../../state/records.ts'
import { ownerName, spread } from './linked.ts'
import { alive, type PayloadContext, recordView, times } from './record-view.ts'

const nothing = () => null

/** A time of day. v1 omits the seconds and returns an empty text for none; payloads have null in a create without one, later an object, possibly empty. */
const clockTime = (column: 'due_time' | 'duration') => ({
  v2: ({ [column]: time }: ActivityRow, { behaviour }: Caller) =>
    time === null ? behaviour.emptyActivityTime : behaviour.activityTimes === 'HH:MM' ? time.slice(0, 5) : time,
  v1: ({ [column]: time }: ActivityRow) => time?.slice(0, 5) ?? '',
  webhook: ({ [column]: time }: ActivityRow, { action }: PayloadContext) =>
    time === null && action === 'create' ? null : { timezone_id: null, value: time ?? '' },
})

const linked = <T>(id: number | null, read: (id: number) => T | undefined): T | null => (id === null ? undefined : read(id)) ?? null

export const activityView = recordView<ActivityRow>()(
  {
    ...times('add_time', 'update_time'),
    due_time: clockTime('due_time'),
    duration: clockTime('duration'),
    location: { v2: ({ location }) => fullAddress(location) },
    '...location': { v1: ({ location }) => spread('location', location) },
    conference_meeting_client: { v2: nothing },
    conference_meeting_url: { v2: nothing },
    conference_meeting_id: { v2: nothing },
    company_id: { v1: (_activity, { company }) => company.id },
    user_id: { v1: ({ owner_id }) => owner_id },
    busy_flag: { v1: ({ busy }) => busy, webhook: ({ busy }) => busy || null },
    marked_as_done_time: { v1: (activity) => times('marked_as_done_time').marked_as_done_time.v1(activity) ?? '' },
    active_flag: alive,
    gcal_event_id: { v1: nothing },
    google_calendar_id: { v1: nothing },
    created_by_user_id: { v1: ({ creator_user_id }) => creator_user_id },
    participants: { v1: ({ participants }) => participants.map(({ person_id, primary }) => ({ person_id, primary_flag: primary })) },
    org_name: { v1: ({ org_id }, { company }) => linked(org_id, (id) => company.organizations.get(id)?.name) },
    person_name: { v1: ({ person_id }, { company }) => linked(person_id, (id) => company.persons.get(id)?.name) },
    deal_title: { v1: ({ deal_id }, { company }) => linked(deal_id, (id) => company.deals.get(id)?.title) },
    owner_name: { v1: ownerName },
    assigned_to_user_id: { v1: ({ owner_id }) => owner_id },
    custom_fields: { webhook: () => ({}) },
    public_description: { webhook: (activity) => activity.public_description ?? '' },
    update_user_id: { webhook: nothing },
  },
  {
    v2: [
      'id subject type owner_id creator_user_id is_deleted add_time update_time deal_id lead_id person_id org_id project_id due_date',
      'due_time duration busy done marked_as_done_time location participants conference_meeting_client conference_meeting_url',
      'conference_meeting_id public_description priority note',
    ],
    v1: [
      'id company_id user_id done type due_date due_time duration busy_flag add_time marked_as_done_time subject public_description',
      '...location org_id person_id deal_id lead_id project_id active_flag update_time gcal_event_id google_calendar_id note',
      'created_by_user_id participants org_name person_name deal_title owner_name assigned_to_user_id',
    ],
    webhook: [
      'active_flag add_time busy_flag custom_fields deal_id done due_date due_time duration id lead_id location org_id owner_id',
      'person_id public_description subject type update_time update_user_id',
    ],
  },
)
