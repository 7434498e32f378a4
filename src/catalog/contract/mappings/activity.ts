import type { V2Activity } from '../../../pipedrive/api-types.ts'
import { defineMapping, fieldRules } from '../../mapping.ts'
import type { ActivityResponse } from '../shapes/activity.ts'
import { dateOnly, hoursMinutes, isoMillis } from './convert.ts'

const { field, lookup, removedUpstream } = fieldRules<V2Activity>()

/** Where each field of ActivityResponse comes from. */
export const activityFields = defineMapping<V2Activity, ActivityResponse>()({
  id: field('id'),
  user_id: field('owner_id'),
  done: field('done'),
  type: field('type'),
  due_date: field('due_date', dateOnly),
  due_time: field('due_time', hoursMinutes),
  duration: field('duration', hoursMinutes),
  subject: field('subject'),
  deal_id: field('deal_id'),
  deal_title: lookup('deal', 'deal_id', (deal) => deal?.title ?? null),
  org_id: field('org_id'),
  org_name: lookup('organization', 'org_id', (organization) => organization?.name ?? null),
  person_id: field('person_id'),
  person_name: lookup('person', 'person_id', (person) => person?.name ?? null),
  add_time: field('add_time', isoMillis),
  update_time: field('update_time', isoMillis),
  marked_as_done_time: field('marked_as_done_time', isoMillis),
  gcal_event_id: removedUpstream('nullSince2020'),
  google_calendar_id: removedUpstream('nullSince2020'),
  note: field('note'),
  assigned_to_user_id: field('owner_id'),
  created_by_user_id: field('creator_user_id'),
  owner_name: lookup('user', 'owner_id', (user) => user?.name ?? null),
})
