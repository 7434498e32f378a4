import * as z from 'zod'
import { defineShape } from '../../shape.ts'
import { boolean, removedUpstream, id, nullableInt, nullableString, nullableDateTime, string } from './kinds.ts'

/** An ActivityResponse is one activity, as the contract shows it; the keys are in the contract's order. */
export const ActivityResponse = defineShape(
  'ActivityResponse',
  z.object({
    id: id(),
    user_id: id(),
    done: boolean(),
    type: string(),
    due_date: nullableString(),
    due_time: nullableString(),
    duration: nullableString(),
    subject: nullableString(),
    deal_id: nullableInt(),
    deal_title: nullableString(),
    org_id: nullableInt(),
    org_name: nullableString(),
    person_id: nullableInt(),
    person_name: nullableString(),
    add_time: nullableDateTime(),
    update_time: nullableDateTime(),
    marked_as_done_time: nullableDateTime(),
    gcal_event_id: removedUpstream(nullableString()),
    google_calendar_id: removedUpstream(nullableString()),
    note: nullableString(),
    assigned_to_user_id: id(),
    created_by_user_id: id(),
    owner_name: nullableString(),
  }),
)
export type ActivityResponse = z.infer<typeof ActivityResponse>
