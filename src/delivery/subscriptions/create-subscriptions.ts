import { createAccountSessions } from '../../engine/account-session.ts'
import type { DeliveryDeps } from '../deps.ts'
import { onConnectionRemoved } from './on-connection-removed.ts'
import { endByLocation } from './end-by-location.ts'
import { manageSubscriptions } from './owner-methods.ts'
import { createDeliveryPuller } from './pull-deliveries.ts'
import { createSubscribe } from './subscribe.ts'
import type { Subscriptions } from './subscriptions.ts'
import { sweepAccounts } from './delete-unused-accounts.ts'

const SWEEP_EVERY_MS = 3_600_000

export function createSubscriptions(deps: DeliveryDeps): Subscriptions {
  const puller = createDeliveryPuller(deps)
  deps.store.every('unused accounts', SWEEP_EVERY_MS, () => sweepAccounts(deps))
  return {
    subscribe: createSubscribe(deps, createAccountSessions(deps)),
    endByLocation: (location) => endByLocation(deps, location),
    ...puller,
    ...manageSubscriptions(deps),
    onConnectionRemoved: (connectionId) => onConnectionRemoved(deps, connectionId),
  }
}
