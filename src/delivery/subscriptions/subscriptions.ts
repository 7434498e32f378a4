import type { Trigger } from '../../catalog/define.ts'
import type { Owner } from '../../connections/registry.ts'
import type { CallContext } from '../../engine/call-context.ts'
import type { ReportedResult } from '../../engine/call-report.ts'
import type { DeliveryRow, SubscriptionRow } from '../../store/tables.ts'

/** A PageRequest asks for a part of a list, newest first. */
export interface PageRequest<State extends string> {
  state?: State
  /** The last id that the caller has seen. */
  after?: string
  limit?: number
}

/** A Subscribed is what a subscriber is told once. */
export interface Subscribed {
  id: string
  /** The id of the trigger. */
  trigger: string
  /** The id of the named connection that it belongs to; null where it was made with a Pipedrive API key. */
  connection: string | null
  filters: Record<string, unknown>
  format: string
  /** Host and last four characters of the callback URL; null where deliveries are fetched. */
  callback: string | null
  state: SubscriptionRow['state']
  /** Whether Pipedrive tells of events by itself, or its lists are compared. */
  mode: 'webhook' | 'polling'
  modeReason: string | null
  /** What the subscriber should know; null when nothing. */
  notice: string | null
  /** What deliveries are signed with; where they are. */
  signingKey?: string
}

/** A SubscriptionView is a subscription as its owner sees it. Times are ISO 8601 in UTC. */
export interface SubscriptionView extends Omit<Subscribed, 'notice' | 'signingKey'> {
  stateReason: string | null
  stateSince: string
  signed: boolean
  createdAt: string
}

/** A SubscriptionDetail is a SubscriptionView with how it goes. */
export interface SubscriptionDetail extends SubscriptionView {
  pending: number
  delivered: number
  dead: number
  /** When the oldest one that is on its way was made. */
  oldestPendingAt: string | null
  /** The newest first. */
  lastAttempts: readonly (AttemptView & { delivery: string })[]
  /** Why events may be late; null when all is well. */
  sourceTrouble: string | null
  lastWebhookAt: string | null
}

/** A DeliveryView is one event on its way to a subscription. */
export interface DeliveryView {
  id: string
  recordId: number
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

/** An AttemptView is one request to a receiver, and what came of it. */
export interface AttemptView {
  attempt: number
  at: string
  status: number | null
  reason: string | null
  ms: number
}

/** A DeliveryDetail is a DeliveryView with its attempts and what it brings. */
export interface DeliveryDetail extends DeliveryView {
  attemptList: readonly AttemptView[]
  payload: Record<string, unknown>
}

/** A Replay says what is to be delivered once more: one delivery, all that were made since a moment, or all that were given up. */
export type Replay = { delivery: string } | { since: Date } | { dead: true }

/** A Pulled is one delivery as a callback would bring it. */
export interface Pulled {
  id: string
  headers: Record<string, string>
  body: string
}

/** A PulledOutcome is what became of a Pulled: the status that its receiver answered, or why there was none. */
export interface PulledOutcome {
  status: number | null
  reason: string | null
  retryAfter: string | null
  /** How long the receiver took. */
  ms: number
}

/**
 * Subscriptions keeps who wants to know of what, and where to. A subscription belongs to a connection, or to a Pipedrive API key that is kept
 * for it: revoking the connection key that it was made with leaves it alone, removing the connection ends it.
 */
export interface Subscriptions {
  /**
   * The same trigger, filters, format and callback URL twice are one subscription with two Locations. Never rejects; the errors are what `connections` and
   * Pipedrive throw, InvalidInput, CallbackUrlRefused, NamedConnectionRequired, TooManySubscriptions, SourceBusy.
   */
  subscribe(
    trigger: Trigger,
    given: Record<string, unknown>,
    context: CallContext,
  ): Promise<ReportedResult<{ view: Subscribed; locationToken: string }>>
  /** The newest Location ends the subscription, an older one only itself. Never fails for one that is unknown. */
  end(locationToken: string): Promise<void>
  /** What is due of a subscription whose deliveries are fetched: at once when there is something, else after `waitMs`. Throws SubscriptionNotFound. */
  pull(locationToken: string, waitMs: number, signal: AbortSignal): Promise<Pulled[]>
  /** Throws SubscriptionNotFound. */
  report(locationToken: string, deliveryId: string, outcome: PulledOutcome): Promise<void>

  /** Every method from here on acts for `owner`: of his connections, or, for the admin, of all. Throws NotFoundHere. */
  list(owner: Owner, page: PageRequest<SubscriptionRow['state']>): Promise<SubscriptionView[]>
  get(owner: Owner, id: string): Promise<SubscriptionDetail>
  /** Events are kept until it is resumed. Throws SubscriptionEnded, as all changes do. */
  pause(owner: Owner, id: string): Promise<SubscriptionView>
  resume(owner: Owner, id: string): Promise<SubscriptionView>
  /** Delivers the newest record there is, marked as a test. Throws NothingToTest. */
  test(owner: Owner, id: string): Promise<DeliveryView>
  /** Answers how many are on their way again. */
  replay(owner: Owner, id: string, what: Replay): Promise<{ replayed: number }>
  /** Throws CallbackUrlRefused, SubscriptionTaken. */
  retarget(owner: Owner, id: string, callbackUrl: string): Promise<SubscriptionView>
  remove(owner: Owner, id: string): Promise<void>
  listDeliveries(owner: Owner, id: string, page: PageRequest<DeliveryRow['state']>): Promise<DeliveryView[]>
  getDelivery(owner: Owner, id: string, deliveryId: string): Promise<DeliveryDetail>

  /** A named connection is about to be removed: its webhooks are taken out of Pipedrive, as far as that works in a moment. Never fails. */
  connectionEnds(connectionId: string): Promise<void>
  /** The process is about to end: whoever waits for something to fetch is answered. */
  close(): void
}
