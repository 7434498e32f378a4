import type { V1User, V2Activity, V2DealWithIncluded } from '../../../pipedrive/api-types.ts'
import { defineMapping, fieldRules, type Mapping } from '../../mapping.ts'
import type { DealResponse, DealResponseV2 } from '../shapes/deal.ts'
import { dateOnly, hoursMinutesSeconds, isoMillis } from './convert.ts'

const { field, included, lookup, derived, removedUpstream } = fieldRules<V2DealWithIncluded>()

const toUser = (user: V1User | undefined, id: number) => ({ id, name: user?.name ?? null, email: user?.email ?? null })
const toLink = (row: { name: string } | undefined, id: number) => ({ name: row?.name ?? null, value: id })
const nextActivity = <V>(map: (activity: V2Activity) => V) =>
  lookup('activity', 'next_activity_id', (activity) => (activity ? map(activity) : null), { include: true })

/** Where each field of DealResponse comes from. */
export const dealFields = defineMapping<V2DealWithIncluded, DealResponse>()({
  id: field('id'),
  creator_user_id: lookup('user', 'creator_user_id', toUser),
  user_id: lookup('user', 'owner_id', toUser),
  person_id: lookup('person', 'person_id', toLink),
  org_id: lookup('organization', 'org_id', toLink),
  status: derived('deletedStatus', (deal) => (deal.is_deleted ? 'deleted' : deal.status)),
  title: field('title'),
  value: field('value'),
  currency: field('currency'),
  add_time: field('add_time', isoMillis),
  update_time: field('update_time', isoMillis),
  stage_id: field('stage_id'),
  stage_name: lookup('stage', 'stage_id', (stage) => stage?.name ?? null),
  stage_change_time: field('stage_change_time', isoMillis),
  active: derived('activeFlag', (deal) => deal.status === 'open' && !deal.is_deleted),
  deleted: field('is_deleted'),
  next_activity_date: nextActivity((activity) => dateOnly(activity.due_date ?? '')),
  next_activity_time: nextActivity((activity) => hoursMinutesSeconds(activity.due_time)),
  next_activity_id: included('next_activity_id'),
  last_activity_id: included('last_activity_id'),
  last_activity_date: lookup('activity', 'last_activity_id', (activity) => dateOnly(activity?.due_date ?? ''), { include: true }),
  lost_reason: field('lost_reason'),
  visible_to: field('visible_to', String),
  close_time: field('close_time', isoMillis),
  pipeline_id: field('pipeline_id'),
  products_count: included('products_count'),
  files_count: included('files_count'),
  notes_count: included('notes_count'),
  followers_count: included('followers_count'),
  email_messages_count: included('email_messages_count'),
  activities_count: included('activities_count'),
  done_activities_count: included('done_activities_count'),
  undone_activities_count: included('undone_activities_count'),
  reference_activities_count: removedUpstream('notSpecifiedSince2023'),
  participants_count: included('participants_count'),
  expected_close_date: field('expected_close_date', dateOnly),
  next_activity_subject: nextActivity((activity) => activity.subject),
  next_activity_type: nextActivity((activity) => activity.type),
  next_activity_duration: nextActivity((activity) => hoursMinutesSeconds(activity.duration)),
  next_activity_note: nextActivity((activity) => activity.note),
})

/** DealResponseV2 is DealResponse without the name of the stage, which costs a look-up. */
export const dealFieldsV2: Mapping<V2DealWithIncluded, DealResponseV2> = (({ stage_name: _, ...rest }) => rest)(dealFields)
