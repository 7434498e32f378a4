import type { DealListQuery } from '../../../pipedrive/pipedrive.ts'
import type { V2Deal, V2DealWithIncluded } from '../../../pipedrive/api-types.ts'
import { includeFields } from '../../mapping.ts'
import { dealFieldsV2 } from '../mappings/deal.ts'
import type { DealResponseV2 } from '../shapes/deal.ts'
import { contentOf, isOfDeleted, listQuery, numberOf, sinceAdded, textOf, timeOf } from './read-row.ts'
import type { RecordKind, RecordQuery } from './record-kind.ts'

const include = includeFields(dealFieldsV2)

/** GET /api/v2/deals returns deleted deals only if the query asks for that status, and then those of the last 30 days. */
const dealQuery = (query: RecordQuery): DealListQuery => ({ ...listQuery(query), ...(isOfDeleted(query) && { status: 'deleted' }) })

/** The RecordKind of deals. */
export const dealRecord: RecordKind<V2DealWithIncluded, DealResponseV2> = {
  name: 'deal',
  fields: dealFieldsV2,
  list: (pipedrive, query, { bare = false } = {}) => pipedrive.deals.list({ ...dealQuery(query), ...(!bare && { include }) }),
  get: (pipedrive, id) => pipedrive.deals.get(Number(id), include),
  when: {
    added: (deal) => deal.add_time,
    updated: (deal) => deal.update_time,
    moved: (deal) => deal.stage_change_time,
    won: (deal) => (deal.status === 'won' ? sinceAdded(deal.won_time ?? deal.update_time, deal) : null),
    lost: (deal) => (deal.status === 'lost' ? sinceAdded(deal.lost_time ?? deal.update_time, deal) : null),
    deleted: (deal) => (deal.is_deleted ? deal.update_time : null),
  },
  snapshotOf: { updated: (deal) => dealRecord.fingerprintFields(deal), moved: (deal) => deal.stage_id },
  transition: {
    moved: (before, after) => before.stage_id !== after.stage_id,
    // A deleted deal has the status "deleted": when it is restored it has its former status again, and was not won then.
    won: (before, after) => !before.is_deleted && before.status !== 'won' && after.status === 'won',
    lost: (before, after) => !before.is_deleted && before.status !== 'lost' && after.status === 'lost',
    deleted: (before, after) => !before.is_deleted && after.is_deleted,
  },
  beforeCreation: (deal) => ({ ...deal, status: 'open' }),
  filters: {
    pipeline_id: (deal) => deal.pipeline_id,
    stage_id: (deal) => deal.stage_id,
    owner_id: (deal) => deal.owner_id,
  },
  fromWebhook(data) {
    const time = (name: string) => timeOf(data[name])
    const int = (name: string) => numberOf(data[name])
    const text = (name: string) => textOf(data[name])
    const deal: Record<keyof V2DealWithIncluded, unknown> = {
      id: int('id'),
      title: text('title'),
      creator_user_id: int('creator_user_id'),
      owner_id: int('owner_id'),
      value: int('value'),
      person_id: int('person_id'),
      org_id: int('org_id'),
      stage_id: int('stage_id'),
      pipeline_id: int('pipeline_id'),
      currency: text('currency'),
      add_time: time('add_time'),
      update_time: time('update_time'),
      stage_change_time: time('stage_change_time'),
      status: text('status'),
      is_deleted: data['is_deleted'] === true || data['status'] === 'deleted',
      is_archived: data['is_archived'] === true,
      archive_time: time('archive_time'),
      probability: int('probability'),
      lost_reason: text('lost_reason'),
      visible_to: int('visible_to'),
      close_time: time('close_time'),
      won_time: time('won_time'),
      lost_time: time('lost_time'),
      local_won_date: null,
      local_lost_date: null,
      local_close_date: null,
      expected_close_date: text('expected_close_date'),
      label_ids: Array.isArray(data['label_ids']) ? data['label_ids'] : [],
      origin: text('origin'),
      origin_id: text('origin_id'),
      channel: int('channel'),
      channel_id: text('channel_id'),
      custom_fields: data['custom_fields'] ?? null,
      first_won_time: time('first_won_time'),
      // Webhooks contain no counts.
      next_activity_id: null,
      last_activity_id: null,
      products_count: null,
      files_count: null,
      notes_count: null,
      followers_count: null,
      email_messages_count: null,
      activities_count: null,
      done_activities_count: null,
      undone_activities_count: null,
      participants_count: null,
    }
    if (deal.id === null) throw new Error('a deal without an id')
    return deal as V2DealWithIncluded
  },
  fingerprintFields: (deal) => contentOf(deal as unknown as Record<string, unknown>, CONTENT),
}

/** Every field of a bare deal except those that change without an edit. */
const CONTENT: readonly (keyof V2Deal)[] = [
  'id',
  'title',
  'creator_user_id',
  'owner_id',
  'value',
  'person_id',
  'org_id',
  'stage_id',
  'pipeline_id',
  'currency',
  'stage_change_time',
  'status',
  'is_deleted',
  'is_archived',
  'probability',
  'lost_reason',
  'visible_to',
  'close_time',
  'won_time',
  'lost_time',
  'expected_close_date',
  'label_ids',
  'custom_fields',
]
