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

/** A Delivery is everything behind instant triggers, from a Pipedrive webhook (ingest, queue, process, dispatch) to the subscriptions. */
export interface Delivery {
  readonly subscriptions: Subscriptions
  /** Receives Pipedrive's webhooks. */
  readonly ingest: WebhookIngest
  /** Starts the work queues, if this process's role includes them. */
  start(): Promise<void>
  /** Finishes the running work; the next process does the rest. */
  stop(): Promise<void>
}

/** A database that restarts is back within seconds. */
const CATCH_UP_EVERY_MS = 5_000
/** Mostly waiting for Pipedrive. */
const SOURCES_AT_ONCE = 50
/** Mostly waiting for endpoints, some of which never respond. */
const SUBSCRIPTIONS_AT_ONCE = 400

export function createDelivery(services: Omit<DeliveryDeps, 'accounts'>): Delivery {
  const deps: DeliveryDeps = { ...services, accounts: createAccounts(services) }
  const { store, clock, logger, options } = deps
  const inbox = createInbox({ store, clock })
  const dispatcher = createSubscriptionRunner(deps)
  let missed = false
  const catchUp = async () => {
    if (!missed) return
    // Set before the write: another webhook may be missed meanwhile.
    missed = false
    await requestReconciliation(deps).catch((error: unknown) => {
      missed = true
      throw error
    })
  }
  store.every('reconciliation after a database outage', CATCH_UP_EVERY_MS, catchUp)
  store.every('deletion of old deliveries', SWEEP_EVERY_MS, () => sweepDeliveries(store, clock))
  const queues = [
    createWorkQueue({ table: 'sources', store, clock, logger, concurrency: SOURCES_AT_ONCE, run: createSourceRunner(deps) }),
    createWorkQueue({ table: 'subscriptions', store, clock, logger, concurrency: SUBSCRIPTIONS_AT_ONCE, run: dispatcher.run }),
  ]
  return {
    subscriptions: createSubscriptions(deps),
    ingest: createWebhookIngest({ store, metrics: deps.metrics, inbox, onMissed: () => (missed = true) }),
    async start() {
      await requestReconciliation(deps)
      if (options.role !== 'web') await Promise.all(queues.map((queue) => queue.start()))
    },
    async stop() {
      await inbox.close()
      // The queues wait for their running items; the dispatcher waits a moment for pending requests, then aborts them.
      await Promise.all([...queues.map((queue) => queue.stop()), dispatcher.close()])
    },
  }
}
