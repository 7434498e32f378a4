import type { StoreTransaction } from '../../connections/registry-deps.ts'
import type { Clock } from '../../kit/clock.ts'
import type { Logger } from '../../kit/logger.ts'
import type { AttemptRecord } from '../../store/engine.ts'
import { createGroupCommit } from '../../store/group-commit.ts'
import { storeReason } from '../../store/store-reason.ts'
import { StoreUnavailable } from '../../store/errors/store-unavailable.ts'
import type { Store } from '../../store/store.ts'
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

/** A database that restarts is back within seconds. */
const AGAIN_AFTER_MS = 500

/** What somebody else has said of himself is kept, but not at any length, nor with what no database takes. */
const REASON_LENGTH_MAX = 300
// oxlint-disable-next-line no-control-regex -- these are meant
const CONTROLS = /[\u0000-\u001f\u007f]/g

export function createOutcomeWriter(store: Store, clock: Clock, logger: Logger): OutcomeWriter {
  let closed = false

  async function save(attempts: readonly DeliveryAttempt[]): Promise<undefined[]> {
    if (attempts.some(({ subscription }) => subscription))
      await store.transaction(async (trx) => {
        const valid = await dropStaleAttempts(trx, attempts)
        await store.engine.saveAttempts(trx, valid.map(recordOf))
        const changes = mergeChanges(valid)
        // Always in the same order: two processes that wait for each other would both wait in vain.
        for (const [id, change] of [...changes].sort(([a], [b]) => (a < b ? -1 : 1))) await saveChange(trx, clock, id, change)
      })
    else await store.engine.saveAttempts(store.db, attempts.map(recordOf))
    return attempts.map(() => undefined)
  }
  const group = createGroupCommit({ save })

  return {
    async write(attempt) {
      for (;;) {
        try {
          return await group.write(attempt)
        } catch (error) {
          if (closed || !(error instanceof StoreUnavailable || isContention(error))) throw error
          logger.warn({ reason: storeReason(error) }, 'the outcome of a delivery could not be written, and is kept until it can')
        }
        await pause()
      }
    },
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

const recordOf = ({ deliveryId, at, ms, status, reason, becomes }: DeliveryAttempt): AttemptRecord => ({
  deliveryId,
  state: typeof becomes === 'string' && becomes !== 'waiting' ? becomes : 'pending',
  counts: becomes !== 'waiting',
  nextAt: typeof becomes === 'string' ? null : becomes.nextAt,
  at,
  ms,
  status,
  reason: reason?.replace(CONTROLS, ' ').slice(0, REASON_LENGTH_MAX) ?? null,
})

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
