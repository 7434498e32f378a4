import { createAccountSessions } from '../../engine/account-session.ts'
import type { DeliveryParts } from '../parts.ts'
import { connectionEnds } from './connection-ends.ts'
import { endByLocation } from './end-by-location.ts'
import { manageSubscriptions } from './manage-subscriptions.ts'
import { createPuller } from './pull-deliveries.ts'
import { subscribeWith } from './subscribe.ts'
import type { Subscriptions } from './subscriptions.ts'
import { sweepAccounts } from './sweep-accounts.ts'

const SWEEP_EVERY_MS = 3_600_000

export function createSubscriptions(parts: DeliveryParts): Subscriptions {
  const puller = createPuller(parts)
  parts.store.every('accounts that nobody uses', SWEEP_EVERY_MS, () => sweepAccounts(parts))
  return {
    subscribe: subscribeWith(parts, createAccountSessions(parts)),
    end: (locationToken) => endByLocation(parts, locationToken),
    ...puller,
    ...manageSubscriptions(parts),
    connectionEnds: (connectionId) => connectionEnds(parts, connectionId),
  }
}
