import type { Selectable } from 'kysely'
import type { Trigger } from '../catalog/define.ts'
import type { Connections } from '../connections/connections.ts'
import type { Clock } from '../kit/clock.ts'
import type { KeyRing } from '../kit/key-ring.ts'
import type { Logger } from '../kit/logger.ts'
import type { Metrics } from '../kit/metrics.ts'
import type { PipedriveClient } from '../pipedrive/client.ts'
import type { Spending } from '../pipedrive/ledger.ts'
import type { Store } from '../store/store.ts'
import type { SourceRow, SubscriptionRow } from '../store/tables.ts'
import type { Accounts } from './accounts.ts'

/** What a process does: take requests, do the work behind them, or both. */
export type Role = 'web' | 'worker' | 'all'

/** A TargetPolicy says which callback URLs are taken. */
export interface TargetPolicy {
  /** `microsoft`: only the hosts of Power Automate and Logic Apps. */
  hosts: 'any' | 'microsoft'
  /** Addresses and CIDR ranges that are taken although they are private, and over http too. */
  allowed: readonly string[]
}

/** DeliveryOptions are what whoever runs the server decides about instant triggers. */
export interface DeliveryOptions {
  role: Role
  /** `named-only`: a Pipedrive key that was sent itself is never kept. */
  subscribers: 'any' | 'named-only'
  targets: TargetPolicy
  /** What an idle connection may cost each day, for each kind of record. */
  reconcileTokens: number
  /** Whose activities the triggers of activities tell. */
  activities: 'mine' | 'all'
  /** Where Pipedrive's webhooks reach this server, without a slash at the end; none: everything is polled. */
  hookBase(): string | undefined
}

/** DeliveryParts is what the parts of `delivery/` work with. */
export interface DeliveryDeps {
  store: Store
  ring: KeyRing
  clock: Clock
  logger: Logger
  metrics: Metrics
  client: PipedriveClient
  connections: Connections
  spending: Spending
  /** Those with an instant version. */
  triggers: readonly Trigger[]
  options: DeliveryOptions
  accounts: Accounts
}

/** A Source is a row of `sources`, as it is read. */
export type Source = Selectable<SourceRow>
/** A Subscription is a row of `subscriptions`, as it is read. */
export type Subscription = Selectable<SubscriptionRow>

/** Names of the signals that wake lanes in other processes. */
export const SOURCES = 'sources'
export const SUBSCRIPTIONS = 'subscriptions'
export { NEVER } from '../store/lease-statements.ts'
