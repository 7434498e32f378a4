import { sql } from 'kysely'
import type { StoreTransaction } from '../../connections/registry-deps.ts'
import type { Clock } from '../../kit/clock.ts'
import type { Logger } from '../../kit/logger.ts'
import type { AttemptRecord } from '../../store/engine.ts'
import { createGroupCommit } from '../../store/group-commit.ts'
import { storeReason } from '../../store/store-reason.ts'
import { StoreUnavailable } from '../../store/errors/store-unavailable.ts'
import type { Store } from '../../store/store.ts'
import { endSubscription } from '../subscriptions/end-subscription.ts'
import { retryNow } from './retry-now.ts'

/** A DeliveryAttempt is one finished request to an endpoint, and the new state of its delivery. */
export interface DeliveryAttempt {
  deliveryId: string
  subscriptionId: string
  at: Date
  ms: number
  status: number | null
  reason: string | null
  /** `waiting`: the delivery does not change, because the endpoint is turned off. */
  becomes: 'delivered' | 'dead' | 'waiting' | { nextAt: Date }
  /** The sealed callback URL of the request: a response of a replaced endpoint does not change the subscription. */
  target?: string
  /** Undefined if the subscription does not change. */
  subscription?: SubscriptionChange
}

/** A SubscriptionChange is the effect of an attempt on the subscription. */
export interface SubscriptionChange {
  failures: number
  quietUntil: Date | null
  state?: { is: 'active' | 'disabled' | 'ended'; reason: string | null }
  /** Deliveries that wait for another attempt are due now. */
  retryNow?: boolean
}

/** An OutcomeWriter records attempts. Attempts that end during a write are recorded together by the next one. */
export interface OutcomeWriter {
  /** Resolves when the attempt is durable. Waits while the database is unavailable; rejects if the writer was closed meanwhile. */
  record(attempt: DeliveryAttempt): Promise<void>
  /** Gives up attempts that cannot be written now; their deliveries are sent again. */
  close(): void
}

/** A database restart takes seconds. */
const RETRY_AFTER_MS = 500

/** A reason may contain text of the endpoint: it is limited, and control characters that a database rejects are replaced. */
const REASON_LENGTH_MAX = 300
// oxlint-disable-next-line no-control-regex -- matched on purpose
const CONTROLS = /[\u0000-\u001f\u007f]/g

export function createOutcomeWriter(store: Store, clock: Clock, logger: Logger): OutcomeWriter {
  let closed = false

  async function save(attempts: readonly DeliveryAttempt[]): Promise<undefined[]> {
    if (attempts.some(({ subscription }) => subscription))
      await store.transaction(async (trx) => {
        const valid = await dropStaleAttempts(trx, attempts)
        await store.engine.saveAttempts(trx, valid.map(recordOf))
        const changes = mergeChanges(valid)
        // Sorted, so that two processes do not deadlock.
        for (const [id, change] of [...changes].sort(([a], [b]) => (a < b ? -1 : 1))) await saveChange(trx, clock, id, change)
      })
    else await store.engine.saveAttempts(store.db, attempts.map(recordOf))
    return attempts.map(() => undefined)
  }
  const group = createGroupCommit({ save })

  return {
    async record(attempt) {
      for (;;) {
        try {
          return await group.write(attempt)
        } catch (error) {
          if (closed || !(error instanceof StoreUnavailable || isContention(error))) throw error
          logger.warn({ reason: storeReason(error) }, 'delivery outcome not written; will retry')
        }
        await pause()
      }
    },
    close: () => void (closed = true),
  }
}

/** In real time: with the manual clock of a test, the loop would not pause. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS))

/** A deadlock or a serialization failure: the transaction passes when it is repeated. */
const isContention = (error: unknown): boolean => ['40P01', '40001'].includes(String((error as { code?: unknown }).code))

/**
 * If the callback URL has changed since the request, the old endpoint's response does not change the subscription, and a delivery that the
 * old endpoint refused permanently stays pending for the new one. Locks the subscription first, as every change of deliveries does.
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
    const isEnded = subscription.state?.is === 'ended'
    return { ...rest, subscriptionId, becomes: isEnded ? 'waiting' : becomes }
  })
}

/** One change for each subscription: the last one, unless an earlier one ended it. */
function mergeChanges(attempts: readonly DeliveryAttempt[]): Map<string, SubscriptionChange> {
  const merged = new Map<string, SubscriptionChange>()
  for (const { subscriptionId, subscription: change } of attempts) {
    const before = merged.get(subscriptionId)
    if (!change || before?.state?.is === 'ended') continue
    const isRetryDue = change.retryNow || before?.retryNow
    const state = change.state ?? before?.state
    merged.set(subscriptionId, { ...change, ...(state && { state }), ...(isRetryDue && { retryNow: true }) })
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
  if (state?.is === 'ended') return endByEndpoint(trx, clock, id, state.reason ?? '')
  await trx
    .updateTable('subscriptions')
    .set({ failures, quiet_until: quietUntil, ...(state && { state: state.is, state_reason: state.reason, state_since: now }) })
    .where('id', '=', id)
    // A pause or an end in the meantime takes precedence.
    .where('state', 'in', ['active', 'disabled'])
    .execute()
  if (change.retryNow) await retryNow(trx, id, now)
}

/** Ends a subscription whose endpoint is permanently gone. Its pending deliveries stay visible as dead. */
async function endByEndpoint(trx: StoreTransaction, clock: Clock, id: string, reason: string): Promise<void> {
  await trx
    .updateTable('deliveries')
    .set({ state: 'dead', ended_at: new Date(clock.now()), last_reason: `The subscription has ended. ${reason}` })
    .where('subscription_id', '=', id)
    .where('state', '=', sql.lit('pending'))
    .execute()
  await endSubscription(trx, clock, id, reason)
}
