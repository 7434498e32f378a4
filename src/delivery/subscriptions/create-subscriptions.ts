import { createAccountSessions } from '../../engine/account-session.ts'
import type { DeliveryDeps } from '../deps.ts'
import { onConnectionRemoved } from './on-connection-removed.ts'
import { endByLocation } from './end-by-location.ts'
import { manageSubscriptions } from './manage-subscriptions.ts'
import { createPuller } from './pull-deliveries.ts'
import { subscribeWith } from './subscribe.ts'
import type { Subscriptions } from './subscriptions.ts'
import { sweepAccounts } from './sweep-accounts.ts'

const SWEEP_EVERY_MS = 3_600_000

export function createSubscriptions(deps: DeliveryDeps): Subscriptions {
  const puller = createPuller(deps)
  deps.store.every('accounts that nobody uses', SWEEP_EVERY_MS, () => sweepAccounts(deps))
  return {
    subscribe: subscribeWith(deps, createAccountSessions(deps)),
    end: (locationToken) => endByLocation(deps, locationToken),
    ...puller,
    ...manageSubscriptions(deps),
    connectionEnds: (connectionId) => onConnectionRemoved(deps, connectionId),
  }
}
