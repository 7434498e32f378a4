import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { CollectedMetrics } from './metrics.ts'

/** From an answer from the cache to the 25 s deadline of a call. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25]
/** From an endpoint that accepts at once to one that was down for days. */
const DELAY_SECONDS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300, 1_800, 7_200, 36_000, 172_800]
/** Every value of a label is a permanent time series in the memory of this process and in Prometheus. */
const VALUES_MAX = 200
const OTHER = 'other'

/** Passes the first VALUES_MAX values of a label, and replaces all others with "other". */
function bounded(): (value: string) => string {
  const known = new Set<string>()
  return (value) => {
    if (known.size < VALUES_MAX) known.add(value)
    return known.has(value) ? value : OTHER
  }
}

let ofProcess: Registry | undefined
/**
 * Memory, event loop and garbage collection belong to the process, even with several apps in it. prom-client never releases their collectors,
 * so they are created once, and only if the metrics of the process are read.
 */
function processMetrics(): Registry {
  if (!ofProcess) collectDefaultMetrics({ register: (ofProcess = new Registry()) })
  return ofProcess
}

/** The metrics of one app, in a separate registry. Labels hold no values from callers, only catalog ids, templates, statuses and company ids. */
export function createMetrics(): CollectedMetrics {
  const registers = [new Registry()]
  const [registry] = registers as [Registry]
  const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Counter<L>({ name: `dealbridge_${name}`, help, labelNames, registers })
  const gauge = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Gauge<L>({ name: `dealbridge_${name}`, help, labelNames, registers })
  const histogram = <L extends string>(name: string, help: string, labelNames: L[], buckets = SECONDS) =>
    new Histogram<L>({ name: `dealbridge_${name}`, help, labelNames, buckets, registers })

  const requests = counter('requests_total', 'Requests of callers.', ['operation', 'status'])
  const requestSeconds = histogram('request_duration_seconds', 'Duration of requests of callers.', ['operation'])
  const upstreams = counter('upstream_requests_total', 'Requests to Pipedrive, including retries.', ['method', 'path', 'status'])
  const upstreamSeconds = histogram('upstream_request_duration_seconds', 'Duration of requests to Pipedrive.', ['method', 'path'])
  const spent = counter('tokens_spent_total', 'API tokens that requests to Pipedrive have cost.', ['company'])
  const left = gauge('tokens_left', "A company's daily API tokens left, as Pipedrive last reported them.", ['company'])
  const limits = counter('limits_hit_total', 'Calls that a limit of this connector rejected.', ['limit'])
  const retries = counter('retries_total', 'Retries of requests to Pipedrive, by the status that caused them.', ['why'])
  const open = gauge('circuits_open', "Keys (and the whole server) paused after a block by Pipedrive's firewall.", [])
  const opened = counter('circuits_opened_total', "How often Pipedrive's firewall blocked a key or the server.", [])
  const intents = counter('intents_total', 'Idempotent writes, by their course.', ['event'])

  const lostLocations = counter(
    'lost_locations_total',
    'Polls of hosts that drop the Location of their polls: their triggers never fire.',
    ['trigger'],
  )
  const webhooks = counter('webhooks_total', 'Webhooks from Pipedrive, stored or refused.', ['event'])
  const events = counter('events_total', 'Recorded events, by how they were detected.', ['origin'])
  const attempts = counter('delivery_attempts_total', 'Delivery attempts, by outcome.', ['outcome'])
  const attemptSeconds = histogram('delivery_attempt_duration_seconds', 'Duration of delivery attempts.', [])
  const delays = histogram(
    'delivery_delay_seconds',
    'Time from the recording of an event to its acceptance by an endpoint.',
    [],
    DELAY_SECONDS,
  )

  const operations = bounded()
  const paths = bounded()
  const companies = bounded()

  return {
    request(operation, status, ms) {
      const labels = { operation: operations(operation) }
      requests.inc({ ...labels, status })
      requestSeconds.observe(labels, ms / 1_000)
    },
    upstream({ method, path, status, ms, tokens, company }) {
      const labels = { method, path: paths(path) }
      upstreams.inc({ ...labels, status })
      upstreamSeconds.observe(labels, ms / 1_000)
      if (tokens > 0) spent.inc({ company: companies(company) }, tokens)
    },
    tokensLeft(company, tokens) {
      const label = companies(company)
      // The tokens left of several companies together have no meaning.
      if (label !== OTHER) left.set({ company: label }, tokens)
    },
    retry: (why) => retries.inc({ why }),
    limitHit: (limit) => limits.inc({ limit }),
    circuit(state) {
      open.inc(state === 'open' ? 1 : -1)
      if (state === 'open') opened.inc()
    },
    lostLocation: (trigger) => lostLocations.inc({ trigger }),
    idempotency: (event) => intents.inc({ event }),
    webhook: (event) => webhooks.inc({ event }),
    events: (origin, count) => events.inc({ origin }, count),
    attempt(outcome, ms) {
      attempts.inc({ outcome })
      attemptSeconds.observe(ms / 1_000)
    },
    delivered: (afterMs) => delays.observe(Math.max(afterMs, 0) / 1_000),
    text: async () => ({
      contentType: registry.contentType,
      body: await Registry.merge([registry, processMetrics()]).metrics(),
    }),
  }
}
