/** Metrics is the interface through which the parts of the program count events, independent of the collector. */
export interface Metrics {
  /** A request of a caller. `operation` is an operationId, or the template of any other route. */
  request(operation: string, status: number, ms: number): void
  /** A request to Pipedrive. "failed" may have reached it, "unreached" has not. `company` is "unknown" until it was read. */
  upstream(about: {
    method: string
    path: string
    status: number | 'failed' | 'unreached'
    ms: number
    tokens: number
    company: string
  }): void
  /** A company's daily tokens left, as Pipedrive reports them. */
  tokensLeft(company: string, left: number): void
  /** A request to Pipedrive is retried. */
  retry(why: string): void
  /** A limit of this connector rejected a call. */
  limitHit(limit: 'calls' | 'polls' | 'refused-keys'): void
  /** A poll without a state, of a host that drops the Location of its polls. */
  lostLocation(trigger: string): void
  /** A webhook from Pipedrive: received and stored, refused, unreadable, or quarantined because it cannot be recorded. */
  webhook(event: 'received' | 'refused' | 'unreadable' | 'set-aside'): void
  /** Events were recorded; `origin` is how they were detected. */
  events(origin: 'webhook' | 'reconciled' | 'test', count: number): void
  /** A delivery attempt ended: accepted, to be retried, given up, or the endpoint is disabled or gone. */
  attempt(outcome: 'delivered' | 'failed' | 'dead' | 'disabled' | 'gone', ms: number): void
  /** An endpoint accepted an event this long after it was recorded. */
  delivered(afterMs: number): void
  /** A circuit opened or closed. */
  circuit(state: 'open' | 'closed'): void
  /** The course of an idempotent write: run, replayed, joined by a concurrent call, read back, repeated after the settle time, left undecided … */
  idempotency(event: 'run' | 'replayed' | 'twin' | 'mismatch' | 'found' | 'repeated' | 'ambiguous' | 'undecided'): void
}

/** CollectedMetrics are Metrics that can be read, in the text format of Prometheus. */
export interface CollectedMetrics extends Metrics {
  text(): Promise<{ contentType: string; body: string }>
}

const nothing = () => undefined

/** Metrics that are not collected. */
export const noMetrics: Metrics = {
  request: nothing,
  upstream: nothing,
  tokensLeft: nothing,
  retry: nothing,
  limitHit: nothing,
  lostLocation: nothing,
  webhook: nothing,
  events: nothing,
  attempt: nothing,
  delivered: nothing,
  circuit: nothing,
  idempotency: nothing,
}
