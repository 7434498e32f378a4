import * as z from 'zod'
import { defineShape } from '../../shape.ts'
import { count, boolean, removedUpstream, id, nullableInt, number, nullableString, nullableDateTime, string } from './kinds.ts'

const user = () => z.object({ id: id(), name: nullableString(), email: nullableString() }).nullable()
const link = () => z.object({ name: nullableString(), value: id() }).nullable()

/** A DealResponse is one deal, as the contract's first version shows it; the keys are in the contract's order. */
export const DealResponse = defineShape(
  'DealResponse',
  z.object({
    id: id(),
    creator_user_id: user(),
    user_id: user(),
    person_id: link(),
    org_id: link(),
    status: string(),
    title: string(),
    value: number(),
    currency: string(),
    add_time: nullableDateTime(),
    update_time: nullableDateTime(),
    stage_id: id(),
    stage_name: nullableString(),
    stage_change_time: nullableDateTime(),
    active: boolean(),
    deleted: boolean(),
    next_activity_date: nullableString(),
    next_activity_time: nullableString(),
    next_activity_id: nullableInt(),
    last_activity_id: nullableInt(),
    last_activity_date: nullableString(),
    lost_reason: nullableString(),
    visible_to: nullableString(),
    close_time: nullableDateTime(),
    pipeline_id: id(),
    products_count: count(),
    files_count: count(),
    notes_count: count(),
    followers_count: count(),
    email_messages_count: count(),
    activities_count: count(),
    done_activities_count: count(),
    undone_activities_count: count(),
    reference_activities_count: removedUpstream(nullableInt()),
    participants_count: count(),
    expected_close_date: nullableString(),
    next_activity_subject: nullableString(),
    next_activity_type: nullableString(),
    next_activity_duration: nullableString(),
    next_activity_note: nullableString(),
  }),
)
export type DealResponse = z.infer<typeof DealResponse>

/** A DealResponseV2 is one deal, as the V2 operations show it: without the stage's name. */
export const DealResponseV2 = defineShape('DealResponseV2', DealResponse.omit({ stage_name: true }))
export type DealResponseV2 = z.infer<typeof DealResponseV2>
