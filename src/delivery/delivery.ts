import { createAccounts } from './accounts.ts'
import { SWEEP_EVERY_MS, sweepDeliveries } from './dispatch/sweep-deliveries.ts'
import { createSubscriptionRunner } from './dispatch/run-subscription.ts'
import { createInbox } from './ingest/inbox.ts'
import { createWebhookIngest, type WebhookIngest } from './ingest/webhook-ingest.ts'
import { createWorkQueue } from './queue/work-queue.ts'
import type { DeliveryDeps } from './deps.ts'
import { requestReconciliation } from './reconcile/request-reconciliation.ts'
import { createSourceRunner } from './queue/run-source.ts'
import { createSubscriptions } from './subscriptions/create-subscriptions.ts'
import type { Subscriptions } from './subscriptions/subscriptions.ts'

/** A Delivery is everything behind instant triggers: who wants to know, what Pipedrive tells, and the way from one to the other. */
export interface Delivery {
  readonly subscriptions: Subscriptions
  /** Takes Pipedrive's webhooks. */
  readonly receiver: WebhookIngest
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

export function createDelivery(given: Omit<DeliveryDeps, 'accounts'>): Delivery {
  const deps: DeliveryDeps = { ...given, accounts: createAccounts(given) }
  const { store, clock, logger, options } = deps
  const inbox = createInbox({ store, clock })
  const sender = createSubscriptionRunner(deps)
  let missed = false
  const catchUp = async () => {
    if (!missed) return
    // Another one may be missed while this is written down.
    missed = false
    await requestReconciliation(deps).catch((error: unknown) => {
      missed = true
      throw error
    })
  }
  store.every('what was missed while the database was away', CATCH_UP_EVERY_MS, catchUp)
  store.every('deliveries that are over', SWEEP_EVERY_MS, () => sweepDeliveries(store, clock))
  const lanes = [
    createWorkQueue({ table: 'sources', store, clock, logger, concurrency: SOURCES_AT_ONCE, run: createSourceRunner(deps) }),
    createWorkQueue({ table: 'subscriptions', store, clock, logger, concurrency: SUBSCRIPTIONS_AT_ONCE, run: sender.run }),
  ]
  return {
    subscriptions: createSubscriptions(deps),
    receiver: createWebhookIngest({ store, metrics: deps.metrics, inbox, onMissed: () => (missed = true) }),
    async start() {
      await requestReconciliation(deps)
      if (options.role !== 'web') await Promise.all(lanes.map((lane) => lane.start()))
    },
    async stop() {
      await inbox.close()
      // The lanes wait for what is on its way; the sender waits a moment, and gives that up.
      await Promise.all([...lanes.map((lane) => lane.stop()), sender.close()])
    },
  }
}
