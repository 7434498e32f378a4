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

/** A Role is what a process does: serve requests, run the work queues, or both. */
export type Role = 'web' | 'worker' | 'all'

/** A TargetPolicy says which callback URLs are accepted. */
export interface TargetPolicy {
  /** `microsoft`: only the hosts of Power Automate and Logic Apps. */
  hosts: 'any' | 'microsoft'
  /** Private addresses and CIDR ranges that are accepted, over http too. */
  allowed: readonly string[]
}

/** DeliveryOptions are the operator's choices about instant triggers. */
export interface DeliveryOptions {
  role: Role
  /** `named-only`: a Pipedrive key sent by the caller is never stored. */
  subscribers: 'any' | 'named-only'
  targets: TargetPolicy
  /** Tokens that an idle connection may use each day, for each kind of record. */
  reconcileTokens: number
  /** Whose activities the activity triggers report by default. */
  activities: 'mine' | 'all'
  /** The base URL at which Pipedrive's webhooks reach this server, without a trailing slash; undefined: lists are polled. */
  hookBase(): string | undefined
}

/** DeliveryDeps is the services that the files of `delivery/` use. */
export interface DeliveryDeps {
  store: Store
  ring: KeyRing
  clock: Clock
  logger: Logger
  metrics: Metrics
  client: PipedriveClient
  connections: Connections
  spending: Spending
  /** The triggers that have an instant version. */
  triggers: readonly Trigger[]
  options: DeliveryOptions
  accounts: Accounts
}

/** A Source is a row of `sources`, as it is read: one kind of record of one account. */
export type Source = Selectable<SourceRow>
/** A Subscription is a row of `subscriptions`, as it is read. */
export type Subscription = Selectable<SubscriptionRow>

/** Names of the signals that wake the work queues of other processes. */
export const SOURCES = 'sources'
export const SUBSCRIPTIONS = 'subscriptions'
export { NEVER } from '../store/lease-statements.ts'
