import { sql } from 'kysely'
import type { EventType } from '../../catalog/contract/records/record-kind.ts'
import { newId } from '../../connections/ids.ts'
import type { StoreTransaction } from '../../connections/registry-deps.ts'
import { Secret } from '../../kit/secret.ts'
import type { AccountRow } from '../../store/tables.ts'
import { baselineOf, eventTypesOfBaseline } from '../process/baselines.ts'
import { retryNow } from '../dispatch/retry-now.ts'
import { TooManySubscriptions } from '../errors/too-many-subscriptions.ts'
import { NEVER, SOURCES, SUBSCRIPTIONS, type DeliveryDeps, type Source, type Subscription } from '../deps.ts'
import { newSigningKey, openSigningKey, sealSigningKey } from '../dispatch/targets/sealed-signing-key.ts'
import { sealTarget, targetHash, targetHint } from '../dispatch/targets/sealed-target.ts'
import { hasBaseline, hasWebhookUpkeep } from './account-and-source.ts'
import { locationHash, newLocationToken } from './location-token.ts'
import { filtersHash } from './read-subscription.ts'

/**
 * Live subscriptions of one account: each event makes a delivery for each of them in one transaction, and one key must not fill the database.
 * Ten flows for each of a thousand people are within it.
 */
export const ACTIVE_SUBSCRIPTIONS_MAX = 10_000
/** Of more Locations of one subscription the oldest are forgotten: they would end nothing anyway. */
const LOCATIONS_KEPT = 100

/** A Wanted is a subscription in the making. */
export interface SubscriptionSpec {
  trigger: string
  happening: EventType
  filters: Record<string, unknown>
  format: string
  sign: boolean
  /** None where deliveries are fetched. */
  target: URL | undefined
}

export interface SavedSubscription {
  row: Subscription
  source: Source
  locationToken: string
  signingKey: string | undefined
}

/**
 * Writes a subscription down, or finds it: whoever subscribes again takes over what is on its way, with a Location of his own. Answers
 * undefined when account or source are not (or no longer) ready for it; `amongOthers`: when no other one needs the same of its source.
 */
export async function saveSubscription(
  deps: DeliveryDeps,
  ids: { account: string; source: string },
  wanted: SubscriptionSpec,
  amongOthers: boolean,
): Promise<SavedSubscription | undefined> {
  const { store, clock } = deps
  const now = new Date(clock.now())
  const locationToken = newLocationToken()
  const kept = await store.transaction(async (trx): Promise<SavedSubscription | undefined> => {
    const ready = await lockReady(trx, ids, wanted.happening)
    if (!ready) return undefined
    const again = wanted.target && (await findLive(trx, deps, ids.account, wanted, wanted.target))
    if (amongOthers && !again && !(await holdAnother(trx, ids.source, wanted.happening))) return undefined
    const row = again ? await takeOver(trx, deps, again, wanted) : await insert(trx, deps, ready.account, ready.source, wanted)
    await trx
      .insertInto('locations')
      .values({ token_hash: locationHash(locationToken), subscription_id: row.id, created_at: now })
      .execute()
    await forgetOldLocations(trx, row.id)
    await trx
      .updateTable('sources')
      .set({ due_at: sql<Date>`least(due_at, ${now})` })
      .where('id', '=', ids.source)
      .execute()
    const { id, sealed_signing_key: sealed } = row
    const signingKey = wanted.sign && sealed !== null ? openSigningKey(deps.ring, id, sealed).reveal() : undefined
    return { row, source: ready.source, locationToken, signingKey }
  })
  if (kept) {
    store.signal(SOURCES)
    store.signal(SUBSCRIPTIONS)
  }
  return kept
}

/** Whoever makes or ends subscriptions of one account queues at the account. */
async function lockReady(trx: StoreTransaction, ids: { account: string; source: string }, happening: EventType) {
  const account = await trx.selectFrom('accounts').selectAll().where('id', '=', ids.account).forNoKeyUpdate().executeTakeFirst()
  if (!account || (account.connection_id === null && account.sealed_key === null)) return undefined
  const source = await trx.selectFrom('sources').selectAll().where('id', '=', ids.source).executeTakeFirst()
  return source && hasWebhookUpkeep(source) && hasBaseline(source, happening) ? { account, source } : undefined
}

/**
 * Whether another live subscription needs the same of the source, and so keeps it as it is. That one cannot end before this transaction does:
 * else the source's lane might see neither of the two, and clean up.
 */
async function holdAnother(trx: StoreTransaction, sourceId: string, happening: EventType): Promise<boolean> {
  const found = await trx
    .selectFrom('subscriptions')
    .select('id')
    .where('source_id', '=', sourceId)
    .where('state', '<>', 'ended')
    .where('happening', 'in', eventTypesOfBaseline(baselineOf(happening)))
    .orderBy('created_at')
    .limit(1)
    .forShare()
    .executeTakeFirst()
  return found !== undefined
}

const findLive = (
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
    .where('state', '<>', 'ended')
    .forNoKeyUpdate()
    .executeTakeFirst()

/** What people have paused stays so; a receiver that had turned itself off subscribes because it is on again. */
async function takeOver(
  trx: StoreTransaction,
  deps: DeliveryDeps,
  found: Subscription,
  { sign, target }: SubscriptionSpec,
): Promise<Subscription> {
  const { ring, clock } = deps
  const now = new Date(clock.now())
  const wakes = found.state === 'disabled'
  await retryNow(trx, found.id, now)
  return trx
    .updateTable('subscriptions')
    .set({
      sealed_target: sealTarget(ring, found.id, new Secret(target!.href)),
      sealed_signing_key: found.sealed_signing_key ?? (sign ? sealSigningKey(ring, found.id, newSigningKey()) : null),
      ...(wakes && { state: 'active' as const, state_reason: null, state_since: now }),
    })
    .where('id', '=', found.id)
    .returningAll()
    .executeTakeFirstOrThrow()
}

async function insert(
  trx: StoreTransaction,
  deps: DeliveryDeps,
  account: AccountRow,
  source: Source,
  wanted: SubscriptionSpec,
): Promise<Subscription> {
  const { ring, clock, store } = deps
  const live = await trx
    .selectFrom('subscriptions')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('account_id', '=', account.id)
    .where('state', '<>', 'ended')
    .executeTakeFirstOrThrow()
  if (live.count >= ACTIVE_SUBSCRIPTIONS_MAX) throw new TooManySubscriptions(ACTIVE_SUBSCRIPTIONS_MAX)
  const id = newId()
  const now = new Date(clock.now())
  const { trigger, happening, filters, format, sign, target } = wanted
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
      // Whatever is fetched goes to somebody else each time.
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

const forgetOldLocations = (trx: StoreTransaction, id: string) =>
  trx
    .deleteFrom('locations')
    .where('subscription_id', '=', id)
    .where('id', '<=', ({ selectFrom }) =>
      selectFrom('locations').select('id').where('subscription_id', '=', id).orderBy('id', 'desc').offset(LOCATIONS_KEPT).limit(1),
    )
    .execute()
