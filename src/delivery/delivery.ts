import { createAccounts } from './accounts.ts'
import { SWEEP_EVERY_MS, sweepDeliveries } from './deliveries/housekeeping.ts'
import { createSubscriptionRunner } from './deliveries/run-subscription.ts'
import { createInbox } from './inbox/inbox.ts'
import { createReceiver, type Receiver } from './inbox/receive-webhook.ts'
import { createLanes } from './lanes.ts'
import type { DeliveryParts } from './parts.ts'
import { reconcileAfterStart } from './reconcile/after-start.ts'
import { createSourceRunner } from './run-source.ts'
import { createSubscriptions } from './subscriptions/create-subscriptions.ts'
import type { Subscriptions } from './subscriptions/subscriptions.ts'

/** A Delivery is everything behind instant triggers: who wants to know, what Pipedrive tells, and the way from one to the other. */
export interface Delivery {
  readonly subscriptions: Subscriptions
  /** Takes Pipedrive's webhooks. */
  readonly receiver: Receiver
  /** Begins the work behind the requests, where this process's role has it. */
  start(): Promise<void>
  /** Ends it: what was begun is finished, what was not is done by the next process. */
  stop(): Promise<void>
}

/** A database that restarts is back within seconds. */
const CATCH_UP_EVERY_MS = 5_000
/** Mostly waiting for Pipedrive. */
const SOURCES_AT_ONCE = 50
/** Mostly waiting for receivers, some of which never answer. */
const SUBSCRIPTIONS_AT_ONCE = 400

export function createDelivery(given: Omit<DeliveryParts, 'accounts'>): Delivery {
  const parts: DeliveryParts = { ...given, accounts: createAccounts(given) }
  const { store, clock, logger, options } = parts
  const inbox = createInbox({ store, clock })
  const sender = createSubscriptionRunner(parts)
  let missed = false
  const catchUp = async () => {
    if (!missed) return
    // Another one may be missed while this is written down.
    missed = false
    await reconcileAfterStart(parts).catch((error: unknown) => {
      missed = true
      throw error
    })
  }
  store.every('what was missed while the database was away', CATCH_UP_EVERY_MS, catchUp)
  store.every('deliveries that are over', SWEEP_EVERY_MS, () => sweepDeliveries(store, clock))
  const lanes = [
    createLanes({ table: 'sources', store, clock, logger, concurrency: SOURCES_AT_ONCE, run: createSourceRunner(parts) }),
    createLanes({ table: 'subscriptions', store, clock, logger, concurrency: SUBSCRIPTIONS_AT_ONCE, run: sender.run }),
  ]
  return {
    subscriptions: createSubscriptions(parts),
    receiver: createReceiver({ store, metrics: parts.metrics, inbox, onMissed: () => (missed = true) }),
    async start() {
      await reconcileAfterStart(parts)
      if (options.role !== 'web') await Promise.all(lanes.map((lane) => lane.start()))
    },
    async stop() {
      await inbox.close()
      // The lanes wait for what is on its way; the sender waits a moment, and gives that up.
      await Promise.all([...lanes.map((lane) => lane.stop()), sender.close()])
    },
  }
}
