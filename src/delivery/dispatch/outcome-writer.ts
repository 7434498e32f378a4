import { sql, type Kysely } from 'kysely'
import type { StoreTransaction } from '../../connections/registry-deps.ts'
import type { Clock } from '../../kit/clock.ts'
import type { Logger } from '../../kit/logger.ts'
import { storeReason } from '../../store/store-reason.ts'
import { StoreUnavailable } from '../../store/errors/store-unavailable.ts'
import { jsonText } from '../../store/json-text.ts'
import type { Store } from '../../store/store.ts'
import type { Tables } from '../../store/tables.ts'
import { endByReceiver } from './end-by-receiver.ts'
import { retryNow } from './retry-now.ts'

/** An Attempt is one request to a receiver that came to an end, and what becomes of its delivery. */
export interface DeliveryAttempt {
  deliveryId: string
  subscriptionId: string
  at: Date
  ms: number
  status: number | null
  reason: string | null
  /** `waiting`: it stays as it was, for the receiver is turned off. */
  becomes: 'delivered' | 'dead' | 'waiting' | { nextAt: Date }
  /** The sealed callback URL that it went to: what another one has said says nothing of the receiver. */
  target?: string
  /** What becomes of the subscription, where that changes. */
  subscription?: SubscriptionChange
}

/** A SubscriptionChange is what an attempt has shown of a receiver. */
export interface SubscriptionChange {
  failures: number
  quietUntil: Date | null
  /** `active`: it is back, and what waited for it waits no longer. */
  state?: { is: 'active' | 'disabled' | 'ended'; reason: string | null }
  /** Deliveries that wait for another attempt are tried now. */
  hurry?: boolean
}

/** An OutcomeWriter records attempts: all that end while one write is under way go into the next. */
export interface OutcomeWriter {
  /** Resolves when it is durable. While the database is away it waits; rejects when the writer was closed meanwhile. */
  write(attempt: DeliveryAttempt): Promise<void>
  /** What cannot be written now is given up; the receiver gets that delivery once more. */
  close(): void
}

const BATCH = 500
/** A database that restarts is back within seconds. */
const AGAIN_AFTER_MS = 500

/** What somebody else has said of himself is kept, but not at any length, nor with what no database takes. */
const REASON_LENGTH_MAX = 300
// oxlint-disable-next-line no-control-regex -- these are meant
const CONTROLS = /[\u0000-\u001f\u007f]/g

interface PendingAttempt {
  attempt: DeliveryAttempt
  done(): void
  failed(error: unknown): void
}

export function createOutcomeWriter(store: Store, clock: Clock, logger: Logger): OutcomeWriter {
  let waiting: PendingAttempt[] = []
  let writing = false
  let closed = false

  async function save(attempts: readonly DeliveryAttempt[]): Promise<void> {
    if (!attempts.some(({ subscription }) => subscription)) return saveAttempts(store.db, attempts)
    await store.transaction(async (trx) => {
      const valid = await dropStaleAttempts(trx, attempts)
      await saveAttempts(trx, valid)
      const changes = mergeChanges(valid)
      // Always in the same order: two processes that wait for each other would both wait in vain.
      for (const [id, change] of [...changes].sort(([a], [b]) => (a < b ? -1 : 1))) await saveChange(trx, clock, id, change)
    })
  }

  /** True when it is written, or never will be. */
  async function tryToWrite(batch: readonly PendingAttempt[]): Promise<boolean> {
    try {
      await save(batch.map(({ attempt }) => attempt))
      for (const { done } of batch) done()
      return true
    } catch (error) {
      const passes = error instanceof StoreUnavailable || isContention(error)
      if (passes && !closed) {
        logger.warn(
          { attempts: batch.length, reason: storeReason(error) },
          'outcomes of deliveries could not be written, and are kept until they can',
        )
        return false
      }
      // One that cannot be written must not keep the others from it.
      if (!passes && batch.length > 1) {
        for (const waiter of batch) while (!(await tryToWrite([waiter]))) await pause()
      } else for (const { failed } of batch) failed(error)
      return true
    }
  }

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH)
      if (await tryToWrite(batch)) waiting = waiting.slice(batch.length)
      else await pause()
    }
  }

  return {
    write: (attempt) =>
      new Promise((done, failed) => {
        waiting.push({ attempt, done, failed })
        if (writing) return
        writing = true
        void writeAll().finally(() => (writing = false))
      }),
    close: () => void (closed = true),
  }
}

/** By the process's own time: a test's clock would not wait, and ask without a pause. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS))

/** Two transactions that waited for each other: one of them was ended, and passes now. */
const isContention = (error: unknown): boolean => ['40P01', '40001'].includes(String((error as { code?: unknown }).code))

/**
 * People may have changed the target since, or the host has subscribed anew: then the old receiver's answer changes nothing about the
 * subscription, and what it never wants to get again is for the new one. Locked first, as by everybody who changes deliveries too.
 */
async function dropStaleAttempts(trx: StoreTransaction, attempts: readonly DeliveryAttempt[]): Promise<readonly DeliveryAttempt[]> {
  const ids = [...new Set(attempts.flatMap(({ subscriptionId, subscription }) => (subscription ? [subscriptionId] : [])))]
  const rows = await trx
    .selectFrom('subscriptions')
    .select(['id', 'sealed_target'])
    .where('id', 'in', ids)
    .orderBy('id')
    .forNoKeyUpdate()
    .execute()
  const targets = new Map(rows.map(({ id, sealed_target: target }) => [id, target]))
  return attempts.map((attempt) => {
    const { subscription, target, becomes, subscriptionId, ...rest } = attempt
    if (!subscription || target === undefined || targets.get(subscriptionId) === target) return attempt
    const isOver = subscription.state?.is === 'ended'
    return { ...rest, subscriptionId, becomes: isOver ? 'waiting' : becomes }
  })
}

/** One change for each subscription: the last one, but nothing comes after the end. */
function mergeChanges(attempts: readonly DeliveryAttempt[]): Map<string, SubscriptionChange> {
  const merged = new Map<string, SubscriptionChange>()
  for (const { subscriptionId, subscription: change } of attempts) {
    const before = merged.get(subscriptionId)
    if (!change || before?.state?.is === 'ended') continue
    const hurry = change.hurry || before?.hurry
    const state = change.state ?? before?.state
    merged.set(subscriptionId, { ...change, ...(state && { state }), ...(hurry && { hurry }) })
  }
  return merged
}

/** In one statement. A delivery that was given up meanwhile stays what it is; the attempt is noted all the same. */
async function saveAttempts(db: Kysely<Tables>, attempts: readonly DeliveryAttempt[]): Promise<void> {
  const rows = attempts.map(({ deliveryId, at, ms, status, reason, becomes }) => ({
    id: deliveryId,
    state: typeof becomes === 'string' && becomes !== 'waiting' ? becomes : 'pending',
    counts: becomes === 'waiting' ? 0 : 1,
    next_at: typeof becomes === 'string' ? null : becomes.nextAt,
    at,
    ms,
    status,
    reason: reason?.replace(CONTROLS, ' ').slice(0, REASON_LENGTH_MAX) ?? null,
  }))
  await sql`
    with made as (
      select * from jsonb_to_recordset(${jsonText(rows)}::jsonb)
        as r(id text, state text, counts int, next_at timestamptz, at timestamptz, ms int, status int, reason text)
    ), updated as (
      update deliveries as d set state = made.state, attempts = d.attempts + made.counts, next_at = coalesce(made.next_at, d.next_at),
        last_status = made.status, last_reason = made.reason, ended_at = case when made.state <> 'pending' then made.at end
      from made where d.id = made.id and d.state = 'pending'
    )
    insert into delivery_attempts (delivery_id, attempt, at, status, reason, ms)
    select made.id, 1 + coalesce((select max(a.attempt) from delivery_attempts a where a.delivery_id = made.id), 0), at, made.status, reason, ms
    from made join deliveries on deliveries.id = made.id
    on conflict do nothing`.execute(db)
}

async function saveChange(trx: StoreTransaction, clock: Clock, id: string, change: SubscriptionChange): Promise<void> {
  const { failures, quietUntil, state } = change
  const now = new Date(clock.now())
  if (state?.is === 'ended') return endByReceiver(trx, clock, id, state.reason ?? '')
  await trx
    .updateTable('subscriptions')
    .set({ failures, quiet_until: quietUntil, ...(state && { state: state.is, state_reason: state.reason, state_since: now }) })
    .where('id', '=', id)
    // What people have decided meanwhile counts.
    .where('state', 'in', ['active', 'disabled'])
    .execute()
  if (change.hurry) await retryNow(trx, id, now)
}
