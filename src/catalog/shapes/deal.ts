import * as z from 'zod'
import { flag, gone, id, int, number, text, time } from './kinds.ts'

const user = () => z.object({ id: int(), name: text(), email: text() }).nullable()
const link = () => z.object({ name: text(), value: int() }).nullable()

/** A DealResponse is one deal, as the contract's first version shows it; the keys stand in the contract's order. */
export const DealResponse = z
  .object({
    id: id(),
    creator_user_id: user(),
    user_id: user(),
    person_id: link(),
    org_id: link(),
    status: z.string(),
    title: z.string(),
    value: number(),
    currency: text(),
    add_time: time(),
    update_time: time(),
    stage_id: int(),
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
    pipeline_id: int(),
    products_count: int(),
    files_count: int(),
    notes_count: int(),
    followers_count: int(),
    email_messages_count: int(),
    activities_count: int(),
    done_activities_count: int(),
    undone_activities_count: int(),
    reference_activities_count: gone(int()),
    participants_count: int(),
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
