import { sql, type Kysely } from 'kysely'
import { NotFoundHere } from '../../connections/errors/not-found-here.ts'
import type { Owner } from '../../connections/registry.ts'
import type { SubscriptionRow, Tables } from '../../store/tables.ts'
import { SubscriptionEnded } from '../errors/subscription-ended.ts'
import type { PageRequest, SubscriptionView } from './subscriptions.ts'

const PAGE_DEFAULT = 50
const PAGE_MAX = 100

export const pageSize = (limit: number = PAGE_DEFAULT): number => Math.min(PAGE_MAX, Math.max(1, limit))

/**
 * The subscriptions that `owner` may see: those of their own connections. Subscriptions made with a Pipedrive key have no owner, and the admin
 * sees them too; the admin does not see those of other owners' connections.
 */
export const subscriptionsOf = (db: Kysely<Tables>, owner: Owner) =>
  db
    .selectFrom('subscriptions as s')
    .innerJoin('accounts as a', 'a.id', 's.account_id')
    .innerJoin('sources as f', 'f.id', 's.source_id')
    .where(({ eb, or, selectFrom }) => {
      const own = eb('a.connection_id', 'in', selectFrom('connections').select('id').where('owner_id', '=', owner.id))
      return owner.admin ? or([own, eb('a.connection_id', 'is', null)]) : own
    })
    .select([
      's.id',
      's.account_id',
      's.source_id',
      's.trigger',
      's.happening',
      's.filters',
      's.format',
      's.target_hint',
      's.sealed_target',
      's.sealed_signing_key',
      's.state',
      's.state_reason',
      's.state_since',
      's.asked_at',
      's.created_at',
      'a.connection_id',
      'a.user_id',
      'f.kind',
      'f.mode',
      'f.mode_reason',
      'f.trouble',
      'f.last_webhook_at',
    ])

export type SubscriptionRecord = Awaited<ReturnType<ReturnType<typeof subscriptionsOf>['execute']>>[number]

/** Throws NotFoundHere. */
export async function findSubscription(db: Kysely<Tables>, owner: Owner, id: string): Promise<SubscriptionRecord> {
  const found = await subscriptionsOf(db, owner).where('s.id', '=', id).executeTakeFirst()
  if (!found) throw new NotFoundHere('subscription', id)
  return found
}

/** Also throws SubscriptionEnded. */
export async function findActiveSubscription(db: Kysely<Tables>, owner: Owner, id: string): Promise<SubscriptionRecord> {
  const found = await findSubscription(db, owner, id)
  if (found.state === 'ended') throw new SubscriptionEnded(id, found.state_reason)
  return found
}

export async function listSubscriptions(
  db: Kysely<Tables>,
  owner: Owner,
  { state, after, limit }: PageRequest<SubscriptionRow['state']>,
): Promise<SubscriptionView[]> {
  const last = after === undefined ? undefined : await findSubscription(db, owner, after)
  const rows = await subscriptionsOf(db, owner)
    .$if(state !== undefined, (query) => query.where('s.state', '=', state!))
    // Ended subscriptions are listed on request only.
    .$if(state === undefined, (query) => query.where('s.state', '<>', sql.lit('ended')))
    .$if(last !== undefined, (query) =>
      query.where(({ eb, refTuple, tuple }) => eb(refTuple('s.created_at', 's.id'), '<', tuple(last!.created_at, last!.id))),
    )
    .orderBy('s.created_at', 'desc')
    .orderBy('s.id', 'desc')
    .limit(pageSize(limit))
    .execute()
  return rows.map(toSubscriptionView)
}

export const toSubscriptionView = (row: SubscriptionRecord): SubscriptionView => ({
  id: row.id,
  trigger: row.trigger,
  connection: row.connection_id,
  filters: row.filters,
  format: row.format,
  callback: row.asked_at === null ? row.target_hint : null,
  state: row.state,
  stateReason: row.state_reason,
  stateSince: row.state_since.toISOString(),
  mode: row.mode,
  modeReason: row.mode_reason,
  signed: row.sealed_signing_key !== null,
  createdAt: row.created_at.toISOString(),
})
