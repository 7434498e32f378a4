import { sql, type Kysely } from 'kysely'
import type { EventType, RecordKind, TriggerRow } from '../../catalog/contract/records/record-kind.ts'
import type { Tables } from '../../store/tables.ts'
import type { DeliveryOptions, Source } from '../deps.ts'
import type { DetectedEvent } from './detected-event.ts'

/** An ActiveSubscription is a subscription that has not ended, with what decides which events it receives. */
export interface ActiveSubscription {
  id: string
  eventType: string
  filters: Readonly<Record<string, unknown>>
  state: 'active' | 'paused' | 'disabled'
  /** The default owner filter; null: records of all owners. */
  ownerId: number | null
}

/** The subscriptions of a source that have not ended. */
export async function loadActiveSubscriptions(
  db: Kysely<Tables>,
  { id, kind }: Pick<Source, 'id' | 'kind'>,
  { activities }: Pick<DeliveryOptions, 'activities'>,
): Promise<ActiveSubscription[]> {
  const rows = await db
    .selectFrom('subscriptions as s')
    .innerJoin('accounts as a', 'a.id', 's.account_id')
    // A connection may have the key of another user since it subscribed.
    .leftJoin('connections as c', 'c.id', 'a.connection_id')
    .select(({ fn }) => ['s.id', 's.happening as eventType', 's.filters', 's.state', fn.coalesce('c.user_id', 'a.user_id').as('user_id')])
    .where('s.source_id', '=', id)
    .where('s.state', '<>', sql.lit('ended'))
    .orderBy('s.id')
    .execute()
  return rows.map(({ user_id: userId, state, ...row }) => {
    const hasOwnerFilter = isSet(row.filters['owner_id'])
    return {
      ...row,
      state: state as ActiveSubscription['state'],
      ownerId: kind === 'activity' && activities === 'mine' && !hasOwnerFilter ? userId : null,
    }
  })
}

/** The fields of a record that filters compare, by the filters' names, and its owner. */
export const filterFieldsOf = (kind: RecordKind, row: TriggerRow): Record<string, unknown> => ({
  owner_id: row.owner_id,
  ...Object.fromEntries(Object.entries(kind.filters).map(([name, value]) => [name, value(row)])),
})

/** Whether a subscription receives an event. */
export const matchesFilters = (
  { eventType, filters, ownerId }: ActiveSubscription,
  event: Pick<DetectedEvent, 'eventType' | 'filterFields'>,
): boolean =>
  eventType === event.eventType &&
  (ownerId === null || event.filterFields['owner_id'] === ownerId) &&
  Object.entries(filters).every(([name, filter]) => !isSet(filter) || String(filter) === String(event.filterFields[name]))

const isSet = (value: unknown): boolean => value !== undefined && value !== null && value !== ''

export const subscribedEventTypes = (subscriptions: readonly ActiveSubscription[]): ReadonlySet<EventType> =>
  new Set(subscriptions.map(({ eventType }) => eventType as EventType))
