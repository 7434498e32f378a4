import { sql } from 'kysely'
import type { EventType } from '../../catalog/contract/records/record-kind.ts'
import { newId } from '../../connections/new-credentials.ts'
import type { StoreTransaction } from '../../connections/registry-deps.ts'
import { Secret } from '../../kit/secret.ts'
import type { AccountRow } from '../../store/tables.ts'
import { baselineOf, eventTypesOfBaseline } from '../process/baselines.ts'
import { retryNow } from '../dispatch/retry-now.ts'
import { TooManySubscriptions } from '../errors/too-many-subscriptions.ts'
import { NEVER, SOURCES, SUBSCRIPTIONS, type DeliveryDeps, type Source, type Subscription } from '../deps.ts'
import { newSigningKey, openSigningKey, sealSigningKey, sealTarget, targetHash, targetHint } from '../dispatch/targets/endpoint-secrets.ts'
import { hasBaseline, isModeDecided } from './ensure-account-and-source.ts'
import { locationHash, newLocationToken } from './location-token.ts'
import { filtersHash } from './read-subscription.ts'

/**
 * The limit for one account: an event inserts a delivery for each subscription in one transaction, and one key must not fill the database.
 * Ten flows for each of a thousand people are within the limit.
 */
export const ACTIVE_SUBSCRIPTIONS_MAX = 10_000
/** Older Locations of a subscription are deleted: only the newest one ends it. */
const LOCATIONS_MAX = 100

/** A SubscriptionSpec is a validated subscription request. */
export interface SubscriptionSpec {
  trigger: string
  happening: EventType
  filters: Record<string, unknown>
  format: string
  sign: boolean
  /** Undefined if the client fetches the deliveries. */
  target: URL | undefined
}

export interface SavedSubscription {
  row: Subscription
  source: Source
  locationToken: string
  signingKey: string | undefined
}

/**
 * Inserts a subscription, or renews an equal one: it keeps its pending deliveries and gets another Location. Returns undefined if account or
 * source are not (or no longer) prepared, and with `requireSibling` if no other subscription needs the same baseline of the source.
 */
export async function saveSubscription(
  deps: DeliveryDeps,
  ids: { account: string; source: string },
  spec: SubscriptionSpec,
  requireSibling: boolean,
): Promise<SavedSubscription | undefined> {
  const { store, clock } = deps
  const now = new Date(clock.now())
  const locationToken = newLocationToken()
  const saved = await store.transaction(async (trx): Promise<SavedSubscription | undefined> => {
    const prepared = await lockPrepared(trx, ids, spec.happening)
    if (!prepared) return undefined
    const existing = spec.target && (await findExisting(trx, deps, ids.account, spec, spec.target))
    if (requireSibling && !existing && !(await lockSibling(trx, ids.source, spec.happening))) return undefined
    const row = existing
      ? await renew(trx, deps, existing, spec)
      : await insertSubscription(trx, deps, prepared.account, prepared.source, spec)
    await trx
      .insertInto('locations')
      .values({ token_hash: locationHash(locationToken), subscription_id: row.id, created_at: now })
      .execute()
    await deleteOldLocations(trx, row.id)
    await trx
      .updateTable('sources')
      .set({ due_at: sql<Date>`least(due_at, ${now})` })
      .where('id', '=', ids.source)
      .execute()
    const { id, sealed_signing_key: sealed } = row
    const signingKey = spec.sign && sealed !== null ? openSigningKey(deps.ring, id, sealed).reveal() : undefined
    return { row, source: prepared.source, locationToken, signingKey }
  })
  if (saved) {
    store.signal(SOURCES)
    store.signal(SUBSCRIPTIONS)
  }
  return saved
}

/** Locks the account: subscribing and ending are serialized for each account. Returns undefined if account or source are not prepared. */
async function lockPrepared(trx: StoreTransaction, ids: { account: string; source: string }, happening: EventType) {
  const account = await trx.selectFrom('accounts').selectAll().where('id', '=', ids.account).forNoKeyUpdate().executeTakeFirst()
  if (!account || (account.connection_id === null && account.sealed_key === null)) return undefined
  const source = await trx.selectFrom('sources').selectAll().where('id', '=', ids.source).executeTakeFirst()
  return source && isModeDecided(source) && hasBaseline(source, happening) ? { account, source } : undefined
}

/**
 * Whether another subscription that has not ended needs the same baseline. The lock keeps it from ending before this transaction does:
 * otherwise the source's work item could find neither of the two and clean up.
 */
async function lockSibling(trx: StoreTransaction, sourceId: string, happening: EventType): Promise<boolean> {
  const found = await trx
    .selectFrom('subscriptions')
    .select('id')
    .where('source_id', '=', sourceId)
    .where('state', '<>', sql.lit('ended'))
    .where('happening', 'in', eventTypesOfBaseline(baselineOf(happening)))
    .orderBy('created_at')
    .limit(1)
    .forShare()
    .executeTakeFirst()
  return found !== undefined
}

const findExisting = (
  trx: StoreTransaction,
  { store }: DeliveryDeps,
  accountId: string,
  { trigger, filters, format }: SubscriptionSpec,
  target: URL,
) =>
  trx
    .selectFrom('subscriptions')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('trigger', '=', trigger)
    .where('filters_hash', '=', filtersHash(filters))
    .where('format', '=', format)
    .where('target_hash', '=', targetHash(store.salt, target))
    .where('state', '<>', sql.lit('ended'))
    .forNoKeyUpdate()
    .executeTakeFirst()

/** A paused subscription stays paused; a disabled one becomes active, because its endpoint subscribes when it is turned on again. */
async function renew(
  trx: StoreTransaction,
  deps: DeliveryDeps,
  found: Subscription,
  { sign, target }: SubscriptionSpec,
): Promise<Subscription> {
  const { ring, clock } = deps
  const now = new Date(clock.now())
  const isEnabled = found.state === 'disabled'
  await retryNow(trx, found.id, now)
  return trx
    .updateTable('subscriptions')
    .set({
      sealed_target: sealTarget(ring, found.id, new Secret(target!.href)),
      sealed_signing_key: found.sealed_signing_key ?? (sign ? sealSigningKey(ring, found.id, newSigningKey()) : null),
      ...(isEnabled && { state: 'active' as const, state_reason: null, state_since: now }),
    })
    .where('id', '=', found.id)
    .returningAll()
    .executeTakeFirstOrThrow()
}

async function insertSubscription(
  trx: StoreTransaction,
  deps: DeliveryDeps,
  account: AccountRow,
  source: Source,
  spec: SubscriptionSpec,
): Promise<Subscription> {
  const { ring, clock, store } = deps
  const existing = await trx
    .selectFrom('subscriptions')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('account_id', '=', account.id)
    .where('state', '<>', sql.lit('ended'))
    .executeTakeFirstOrThrow()
  if (existing.count >= ACTIVE_SUBSCRIPTIONS_MAX) throw new TooManySubscriptions(ACTIVE_SUBSCRIPTIONS_MAX)
  const id = newId()
  const now = new Date(clock.now())
  const { trigger, happening, filters, format, sign, target } = spec
  return trx
    .insertInto('subscriptions')
    .values({
      id,
      account_id: account.id,
      source_id: source.id,
      trigger,
      happening,
      filters: JSON.stringify(filters),
      filters_hash: filtersHash(filters),
      format,
      // Fetched subscriptions are never equal to each other.
      target_hash: target ? targetHash(store.salt, target) : `pull:${id}`,
      sealed_target: target ? sealTarget(ring, id, new Secret(target.href)) : null,
      target_hint: target ? targetHint(target) : 'fetched',
      sealed_signing_key: sign ? sealSigningKey(ring, id, newSigningKey()) : null,
      state: 'active',
      state_reason: null,
      state_since: now,
      asked_at: target ? null : now,
      due_at: NEVER,
      leased_until: null,
      created_at: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

const deleteOldLocations = (trx: StoreTransaction, id: string) =>
  trx
    .deleteFrom('locations')
    .where('subscription_id', '=', id)
    .where('id', '<=', ({ selectFrom }) =>
      selectFrom('locations').select('id').where('subscription_id', '=', id).orderBy('id', 'desc').offset(LOCATIONS_MAX).limit(1),
    )
    .execute()
