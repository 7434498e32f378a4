import type { Kysely } from 'kysely'
import type { EventType, RecordKind, TriggerRow } from '../../catalog/contract/records/record-kind.ts'
import type { Tables } from '../../store/tables.ts'
import type { DeliveryOptions, Source } from '../deps.ts'
import type { DetectedEvent } from './detected-event.ts'

/** A Listener is a live subscription, as far as it says which events it wants. */
export interface ActiveSubscription {
  id: string
  happening: string
  filters: Readonly<Record<string, unknown>>
  state: 'active' | 'paused' | 'disabled'
  /** Whose records it wants, where nobody says otherwise; null: everybody's. */
  ownerId: number | null
}

/** The live subscriptions of a source. */
export async function loadActiveSubscriptions(
  db: Kysely<Tables>,
  { id, kind }: Pick<Source, 'id' | 'kind'>,
  { activities }: Pick<DeliveryOptions, 'activities'>,
): Promise<ActiveSubscription[]> {
  const rows = await db
    .selectFrom('subscriptions as s')
    .innerJoin('accounts as a', 'a.id', 's.account_id')
    // A connection may have got the key of another user since.
    .leftJoin('connections as c', 'c.id', 'a.connection_id')
    .select(({ fn }) => ['s.id', 's.happening', 's.filters', 's.state', fn.coalesce('c.user_id', 'a.user_id').as('user_id')])
    .where('s.source_id', '=', id)
    .where('s.state', '<>', 'ended')
    .orderBy('s.id')
    .execute()
  return rows.map(({ user_id: userId, state, ...row }) => {
    const asksForOwner = isAsked(row.filters['owner_id'])
    return {
      ...row,
      state: state as ActiveSubscription['state'],
      ownerId: kind === 'activity' && activities === 'mine' && !asksForOwner ? userId : null,
    }
  })
}

/** The filters' view of a record, and whose it is. */
export const filterFieldsOf = (kind: RecordKind, row: TriggerRow): Record<string, unknown> => ({
  owner_id: row.owner_id,
  ...Object.fromEntries(Object.entries(kind.filters).map(([name, value]) => [name, value(row)])),
})

/** Whether a subscription wants an event. */
export const matchesFilters = (
  { happening, filters, ownerId }: ActiveSubscription,
  event: Pick<DetectedEvent, 'happening' | 'filtered'>,
): boolean =>
  happening === event.happening &&
  (ownerId === null || event.filtered['owner_id'] === ownerId) &&
  Object.entries(filters).every(([name, asked]) => !isAsked(asked) || String(asked) === String(event.filtered[name]))

const isAsked = (value: unknown): boolean => value !== undefined && value !== null && value !== ''

export const eventTypesOf = (listeners: readonly ActiveSubscription[]): ReadonlySet<EventType> =>
  new Set(listeners.map(({ happening }) => happening as EventType))
