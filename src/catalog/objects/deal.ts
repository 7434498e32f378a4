import type { UpstreamRow } from '../../pipedrive/pipedrive.ts'
import { DealNotChangeable } from '../contract/actions/support/deal-errors.ts'
import { resolveStage } from '../contract/actions/support/deal-body.ts'
import type { OperationContext } from '../define.ts'
import {
  advanced,
  boolean,
  choice,
  currency,
  date,
  dateTime,
  filter,
  fixed,
  included,
  includedTime,
  labels,
  link,
  number,
  readOnly,
  pipelineReference,
  required,
  string,
  time,
  visibility,
} from '../fields/field-words.ts'
import { defineObject, type FieldValues } from './define-object.ts'

/** The stage decides the pipeline; a reason belongs to a lost deal; a deal that is gone takes no change. */
async function prepare(given: FieldValues, context: OperationContext, before: UpstreamRow | undefined): Promise<FieldValues> {
  if (before?.['is_deleted'] === true) throw new DealNotChangeable(Number(before.id), 'deleted')
  if (before?.['is_archived'] === true && given['is_archived'] !== false) throw new DealNotChangeable(Number(before.id), 'archived')
  const { lost_reason, ...values } = given
  const isLost = (values['status'] ?? before?.['status']) === 'lost'
  if (lost_reason !== undefined && !isLost) context.warn('lost_reason was left out: Pipedrive keeps it only when status is "lost"')
  const { stage_id, pipeline_id } = values
  const place = await resolveStage(
    { ...(typeof stage_id === 'number' && { stage_id }), ...(typeof pipeline_id === 'number' && { pipeline_id }) },
    context,
  )
  // The first stage applies to a deal that comes from another pipeline; a deal of this pipeline keeps its stage.
  const stays = stage_id === undefined && before !== undefined && before['pipeline_id'] === pipeline_id
  return { ...values, ...(stays ? {} : place), ...(isLost && { lost_reason }) }
}

/** A deal: what is sold, to whom, and how far it has come. */
export const deal = defineObject({
  name: 'deal',
  plural: 'deals',
  set: 'deals',
  operations: ['get', 'list', 'search', 'find', 'create', 'update', 'delete', 'findOrCreate', 'createOrUpdate'],
  search: ['title', 'notes', 'custom_fields'],
  findBy: ['title'],
  list: { sortBy: ['id', 'add_time', 'update_time'], updated: 'both', filterId: true, ids: true },
  customFields: true,
  // An archived or deleted deal, too.
  read: async (pipedrive, id, includes) => ({ ...(await pipedrive.deals.find(Number(id), includes)) }),
  prepare,
  // That a person makes one participant is an assumption.
  created: ({ person_id }) => ({ participants_count: person_id ? 1 : 0 }),
  fields: {
    title: required(string()),
    value: fixed(number()),
    currency: currency(),
    status: filter(choice(['open', 'won', 'lost'])),
    stage_id: fixed(link('stage')),
    pipeline_id: fixed(pipelineReference()),
    person_id: link('person'),
    org_id: link('organization'),
    owner_id: link('user'),
    expected_close_date: date(),
    probability: number(),
    lost_reason: string(),
    label_ids: labels(),
    visible_to: visibility(),
    is_archived: advanced(boolean()),
    is_deleted: readOnly(boolean()),
    creator_user_id: readOnly(link('user')),
    add_time: time(),
    update_time: time(),
    stage_change_time: time(),
    close_time: advanced(dateTime()),
    won_time: advanced(dateTime()),
    lost_time: advanced(dateTime()),
    origin: advanced(readOnly(string())),
    first_won_time: includedTime(),
    products_count: included(),
    participants_count: included(),
    activities_count: included(),
    undone_activities_count: included(),
    done_activities_count: included(),
    email_messages_count: included(),
    files_count: included(),
    notes_count: included(),
    followers_count: included(),
    next_activity_id: included(null),
    last_activity_id: included(null),
  },
})
