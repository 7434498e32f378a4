/** Metrics is what the parts of the program count, in the words of what happened; who collects it is none of their business. */
export interface Metrics {
  /** A request of a caller. `operation` is an operationId, or the template of any other route. */
  request(operation: string, status: number, ms: number): void
  /** A request to Pipedrive. "failed" may have reached it, "unreached" has not. `company` is "unknown" until something has told. */
  upstream(about: {
    method: string
    path: string
    status: number | 'failed' | 'unreached'
    ms: number
    tokens: number
    company: string
  }): void
  /** What Pipedrive says is left of a company's day. */
  tokensLeft(company: string, left: number): void
  /** A request to Pipedrive is repeated. */
  retry(why: string): void
  /** One of our own limits has turned a call away. */
  limitHit(limit: 'calls' | 'polls' | 'refused-keys'): void
  /** A webhook of Pipedrive's came in, and was kept or turned away; a kept one says nothing that can be read, or cannot be recorded and stays. */
  webhook(event: 'received' | 'refused' | 'unreadable' | 'set-aside'): void
  /** Something that happened to a record was recorded, and how it was found. */
  events(origin: 'webhook' | 'reconciled' | 'test', count: number): void
  /** An attempt to deliver has ended: accepted, to be repeated, given up, or met by a receiver that is turned off or gone. */
  attempt(outcome: 'delivered' | 'failed' | 'dead' | 'disabled' | 'gone', ms: number): void
  /** An event was accepted by a receiver so long after it was recorded. */
  delivered(afterMs: number): void
  /** A circuit opened or closed. */
  circuit(state: 'open' | 'closed'): void
  /** How an intent went: run, replayed, joined by a twin, read back, repeated after the settle time, left undecided … */
  idempotency(event: 'run' | 'replayed' | 'twin' | 'mismatch' | 'found' | 'repeated' | 'ambiguous' | 'undecided'): void
}

/** CollectedMetrics are Metrics that can be read, in the text format of Prometheus. */
export interface CollectedMetrics extends Metrics {
  text(): Promise<{ contentType: string; body: string }>
}

const nothing = () => undefined

/** For where nobody looks. */
export const noMetrics: Metrics = {
  request: nothing,
  upstream: nothing,
  tokensLeft: nothing,
  retry: nothing,
  limitHit: nothing,
  webhook: nothing,
  events: nothing,
  attempt: nothing,
  delivered: nothing,
  circuit: nothing,
  idempotency: nothing,
}
