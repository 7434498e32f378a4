import type { V2Activity } from '../../../pipedrive/api-types.ts'
import { activityFields } from '../mappings/activity.ts'
import type { ActivityResponse } from '../shapes/activity.ts'
import { contentOf, flagOf, isOfDeleted, listQuery, numberOf, sinceAdded, textOf, timeOf } from './read-row.ts'
import type { RecordKind } from './record-kind.ts'

/** The RecordKind of activities. Only webhooks report that an activity was deleted. */
export const activityRecord: RecordKind<V2Activity, ActivityResponse> = {
  name: 'activity',
  fields: activityFields,
  list(pipedrive, query) {
    if (isOfDeleted(query)) throw new RangeError('Pipedrive lists no deleted activities')
    return pipedrive.activities.list(listQuery(query))
  },
  get: (pipedrive, id) => pipedrive.activities.get(Number(id)),
  when: {
    added: (activity) => activity.add_time,
    updated: (activity) => activity.update_time,
    done: (activity) => (activity.done ? sinceAdded(activity.marked_as_done_time ?? activity.update_time, activity) : null),
  },
  snapshotOf: { updated: (activity) => activityRecord.fingerprintFields(activity) },
  transition: { done: (before, after) => !before.done && after.done },
  beforeCreation: (activity) => ({ ...activity, done: false }),
  filters: { owner_id: (activity) => activity.owner_id, type: (activity) => activity.type },
  fromWebhook(data) {
    const int = (name: string) => numberOf(data[name])
    const text = (name: string) => textOf(data[name])
    const activity: Record<keyof V2Activity, unknown> = {
      id: int('id'),
      subject: text('subject'),
      type: text('type'),
      owner_id: int('owner_id') ?? int('user_id'),
      creator_user_id: int('creator_user_id'),
      // Webhooks keep the flag of API v1.
      is_deleted: data['is_deleted'] === true || data['active_flag'] === false,
      add_time: timeOf(data['add_time']),
      update_time: timeOf(data['update_time']),
      deal_id: int('deal_id'),
      lead_id: text('lead_id'),
      person_id: int('person_id'),
      org_id: int('org_id'),
      project_id: int('project_id'),
      due_date: text('due_date'),
      due_time: data['due_time'] ?? null,
      duration: data['duration'] ?? null,
      busy: data['busy_flag'] ?? data['busy'] ?? null,
      done: flagOf(data['done']),
      marked_as_done_time: timeOf(data['marked_as_done_time']),
      note: text('note'),
      public_description: text('public_description'),
      priority: int('priority'),
      location: data['location'] ?? null,
      participants: null,
      attendees: null,
    }
    if (activity.id === null) throw new Error('an activity without an id')
    return activity as V2Activity
  },
  fingerprintFields: (activity) => contentOf(activity as unknown as Record<string, unknown>, CONTENT),
}

const CONTENT: readonly (keyof V2Activity)[] = [
  'id',
  'subject',
  'type',
  'owner_id',
  'creator_user_id',
  'is_deleted',
  'deal_id',
  'lead_id',
  'person_id',
  'org_id',
  'project_id',
  'due_date',
  'due_time',
  'duration',
  'busy',
  'done',
  'marked_as_done_time',
  'note',
  'public_description',
  'priority',
  'location',
  'participants',
]
