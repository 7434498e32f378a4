import * as z from 'zod'
import { flag, gone, id, int, text, time, word } from './kinds.ts'

/** An ActivityResponse is one activity, as the contract shows it; the keys stand in the contract's order. */
export const ActivityResponse = z
  .object({
    id: id(),
    user_id: id(),
    done: flag(),
    type: word(),
    due_date: text(),
    due_time: text(),
    duration: text(),
    subject: text(),
    deal_id: int(),
    deal_title: text(),
    org_id: int(),
    org_name: text(),
    person_id: int(),
    person_name: text(),
    add_time: time(),
    update_time: time(),
    marked_as_done_time: time(),
    gcal_event_id: gone(text()),
    google_calendar_id: gone(text()),
    note: text(),
    assigned_to_user_id: id(),
    created_by_user_id: id(),
    owner_name: text(),
  })
  .meta({ id: 'ActivityResponse' })
export type ActivityResponse = z.infer<typeof ActivityResponse>
