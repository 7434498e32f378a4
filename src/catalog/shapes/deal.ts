import * as z from 'zod'
import { count, flag, gone, id, int, number, text, time, word } from './kinds.ts'

const user = () => z.object({ id: id(), name: text(), email: text() }).nullable()
const link = () => z.object({ name: text(), value: id() }).nullable()

/** A DealResponse is one deal, as the contract's first version shows it; the keys stand in the contract's order. */
export const DealResponse = z
  .object({
    id: id(),
    creator_user_id: user(),
    user_id: user(),
    person_id: link(),
    org_id: link(),
    status: word(),
    title: word(),
    value: number(),
    currency: word(),
    add_time: time(),
    update_time: time(),
    stage_id: id(),
    stage_name: text(),
    stage_change_time: time(),
    active: flag(),
    deleted: flag(),
    next_activity_date: text(),
    next_activity_time: text(),
    next_activity_id: int(),
    last_activity_id: int(),
    last_activity_date: text(),
    lost_reason: text(),
    visible_to: text(),
    close_time: time(),
    pipeline_id: id(),
    products_count: count(),
    files_count: count(),
    notes_count: count(),
    followers_count: count(),
    email_messages_count: count(),
    activities_count: count(),
    done_activities_count: count(),
    undone_activities_count: count(),
    reference_activities_count: gone(int()),
    participants_count: count(),
    expected_close_date: text(),
    next_activity_subject: text(),
    next_activity_type: text(),
    next_activity_duration: text(),
    next_activity_note: text(),
  })
  .meta({ id: 'DealResponse' })
export type DealResponse = z.infer<typeof DealResponse>

/** A DealResponseV2 is one deal, as the V2 operations show it: without the stage's name. */
export const DealResponseV2 = DealResponse.omit({ stage_name: true }).meta({ id: 'DealResponseV2' })
export type DealResponseV2 = z.infer<typeof DealResponseV2>
