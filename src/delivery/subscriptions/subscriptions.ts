import type { Trigger } from '../../catalog/define.ts'
import type { Owner } from '../../connections/registry.ts'
import type { CallContext } from '../../engine/call-context.ts'
import type { ReportedResult } from '../../engine/call-report.ts'
import type { DeliveryRow, SubscriptionRow } from '../../store/tables.ts'
import type { RecordId } from '../../kit/record-id.ts'

/** A PageRequest selects a page of a list, newest first. */
export interface PageRequest<State extends string> {
  state?: State
  /** The last id of the previous page. */
  after?: string
  limit?: number
}

/** A NewSubscription is the response to a subscribe call. */
export interface NewSubscription {
  id: string
  /** The id of the trigger. */
  trigger: string
  /** The id of its named connection; null if it was made with a Pipedrive API key. */
  connection: string | null
  filters: Record<string, unknown>
  format: string
  /** Host and last four characters of the callback URL; null if the client fetches the deliveries. */
  callback: string | null
  state: SubscriptionRow['state']
  /** Whether events come from a Pipedrive webhook or from comparing lists. */
  mode: 'webhook' | 'polling'
  modeReason: string | null
  /** A notice for the subscriber, or null. */
  notice: string | null
  /** Undefined if deliveries are not signed. */
  signingKey?: string
}

/** A SubscriptionView is a subscription as its owner sees it. Times are ISO 8601 in UTC. */
export interface SubscriptionView extends Omit<NewSubscription, 'notice' | 'signingKey'> {
  stateReason: string | null
  stateSince: string
  signed: boolean
  createdAt: string
}

/** A SubscriptionDetail is a SubscriptionView with its delivery counts, last attempts and the health of its source. */
export interface SubscriptionDetail extends SubscriptionView {
  pending: number
  delivered: number
  dead: number
  /** When the oldest pending delivery was made. */
  oldestPendingAt: string | null
  /** Newest first. */
  lastAttempts: readonly (AttemptView & { delivery: string })[]
  /** Why events may be late, or null. */
  sourceTrouble: string | null
  lastWebhookAt: string | null
}

/** A DeliveryView is the delivery of one event to a subscription. */
export interface DeliveryView {
  id: string
  recordId: RecordId
  happening: string
  state: DeliveryRow['state']
  attempts: number
  nextAttemptAt: string | null
  lastStatus: number | null
  lastReason: string | null
  test: boolean
  createdAt: string
  endedAt: string | null
}

/** An AttemptView is one request to an endpoint, with its outcome. */
export interface AttemptView {
  attempt: number
  at: string
  status: number | null
  reason: string | null
  ms: number
}

/** A DeliveryDetail is a DeliveryView with its attempts and payload. */
export interface DeliveryDetail extends DeliveryView {
  attemptList: readonly AttemptView[]
  payload: Record<string, unknown>
}

/** A ReplaySelection selects deliveries: one, all that were made since a time, or all dead ones. */
export type ReplaySelection = { delivery: string } | { since: Date } | { dead: true }

/** A PulledDelivery is one fetched delivery, with the headers and body of a callback. */
export interface PulledDelivery {
  id: string
  headers: Record<string, string>
  body: string
}

/** A ReportedOutcome is the outcome of a fetched delivery: the status of the response, or why there was none. */
export interface ReportedOutcome {
  status: number | null
  reason: string | null
  retryAfter: string | null
  /** The duration of the request. */
  ms: number
}

/** A SubscriptionLocation is the part of a Location that a request authenticates with. */
export interface SubscriptionLocation {
  token: string
  /** The connection of the runtime URL that the request came through: the Location of any other connection is unknown there. */
  connectionId?: string | undefined
}

/**
 * Subscriptions manages subscriptions and their deliveries. A subscription belongs to a connection, or to a Pipedrive API key that is stored for
 * it: revoking the connection key that made it does not affect it, removing the connection ends it.
 */
export interface Subscriptions {
  /**
   * Calls with equal trigger, filters, format and callback URL make one subscription with several Locations. Never rejects; the report's errors
   * are those of `connections` and Pipedrive, InvalidInput, CallbackUrlRefused, NamedConnectionRequired, TooManySubscriptions, SourceBusy.
   */
  subscribe(
    trigger: Trigger,
    body: Record<string, unknown>,
    context: CallContext,
  ): Promise<ReportedResult<{ view: NewSubscription; locationToken: string }>>
  /** The newest Location ends the subscription, an older one does nothing. An unknown one is no error. */
  endByLocation(location: SubscriptionLocation): Promise<void>
  /** Returns the due deliveries, or waits up to `waitMs` for the first one. Throws SubscriptionNotFound. */
  pull(location: SubscriptionLocation, waitMs: number, signal: AbortSignal): Promise<PulledDelivery[]>
  /** Throws SubscriptionNotFound. */
  report(location: SubscriptionLocation, deliveryId: string, outcome: ReportedOutcome): Promise<void>

  /** The methods from here on act for `owner`, on the subscriptions that they may see. Throw NotFoundHere. */
  list(owner: Owner, page: PageRequest<SubscriptionRow['state']>): Promise<SubscriptionView[]>
  get(owner: Owner, id: string): Promise<SubscriptionDetail>
  /** Events are stored until it is resumed. Throws SubscriptionEnded, as all changes do. */
  pause(owner: Owner, id: string): Promise<SubscriptionView>
  resume(owner: Owner, id: string): Promise<SubscriptionView>
  /** Delivers the newest record, marked as a test. Throws NothingToTest. */
  test(owner: Owner, id: string): Promise<DeliveryView>
  /** Returns how many deliveries are pending again. */
  replay(owner: Owner, id: string, selection: ReplaySelection): Promise<{ replayed: number }>
  /** Throws CallbackUrlRefused, SubscriptionTaken. */
  setUrl(owner: Owner, id: string, callbackUrl: string): Promise<SubscriptionView>
  end(owner: Owner, id: string): Promise<void>
  listDeliveries(owner: Owner, id: string, page: PageRequest<DeliveryRow['state']>): Promise<DeliveryView[]>
  getDelivery(owner: Owner, id: string, deliveryId: string): Promise<DeliveryDetail>

  /** Call it before a named connection is removed: removes its webhooks from Pipedrive if that works within seconds. Never rejects. */
  onConnectionRemoved(connectionId: string): Promise<void>
  /** Lets waiting `pull` calls return at once. */
  close(): void
}
