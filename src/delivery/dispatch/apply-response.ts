import type { TargetResponse } from './targets/target-client.ts'
import { classifyResponse, decideRetryAt, type ResponseClass } from './classify-response.ts'
import type { DeliveryAttempt, SubscriptionChange } from './outcome-writer.ts'
import { CIRCUIT_OPENS_AFTER, PROBE_EVERY_MS } from './schedule.ts'

/** An EndpointHealth is the state of an endpoint after its last response. */
export interface EndpointHealth {
  state: 'active' | 'disabled'
  /** Consecutive failures. */
  failures: number
  quietUntil: Date | null
}

/** An AppliedResponse is the effect of one response: on the delivery, on the subscription, and on the endpoint's health. */
export interface AppliedResponse extends Pick<DeliveryAttempt, 'becomes' | 'status' | 'reason'> {
  kind: ResponseClass['kind'] | 'dead'
  health: EndpointHealth
  /** Undefined if the subscription does not change. */
  change: SubscriptionChange | undefined
}

export interface ResponseInput {
  health: EndpointHealth
  /** Attempts of this delivery before this one. */
  attempts: number
  /** Whether it was sent alone, to an endpoint that had failed. */
  isProbe: boolean
  response: TargetResponse
  now: number
  random: number
}

/** `exhausted`: the endpoint has failed, and this delivery has no attempt left. */
type ResponseKind = ResponseClass['kind'] | 'exhausted'
/** The endpoint before its response. `circuit open`: it gets one delivery at a time, after a pause. */
type HealthLevel = 'healthy' | 'failing' | 'circuit open' | 'disabled'

/** A Rule is the effect of one response on its delivery and on the subscription. */
interface Rule {
  delivery: 'delivered' | 'retried' | 'waiting' | 'dead'
  /** The subscription's new state; undefined: it does not change. */
  state?: 'active' | 'disabled' | 'ended'
  /** Consecutive failures after this response. */
  failures: 'unchanged' | 'reset' | 'incremented'
  /** How long the endpoint gets no delivery. `backoff`: longer with each failure. `probe`: an hour. */
  quiet: 'unchanged' | 'none' | 'backoff' | 'probe'
  /** Deliveries that wait for another attempt are due now. */
  retryNow?: true
}

const DELIVERED: Rule = { delivery: 'delivered', failures: 'unchanged', quiet: 'unchanged' }
const RECOVERED: Rule = { delivery: 'delivered', failures: 'reset', quiet: 'unchanged' }
const CLOSE_CIRCUIT: Rule = { delivery: 'delivered', failures: 'reset', quiet: 'none', retryNow: true }
const ENABLE: Rule = { ...CLOSE_CIRCUIT, state: 'active' }
const RETRY: Rule = { delivery: 'retried', failures: 'incremented', quiet: 'backoff' }
const GIVE_UP: Rule = { delivery: 'dead', failures: 'incremented', quiet: 'backoff' }
const PROBE_FAILED: Rule = { delivery: 'waiting', failures: 'incremented', quiet: 'probe' }
const STILL_DISABLED: Rule = { delivery: 'waiting', failures: 'reset', quiet: 'probe' }
const DISABLE: Rule = { ...STILL_DISABLED, state: 'disabled' }
const END: Rule = { delivery: 'dead', failures: 'reset', quiet: 'none', state: 'ended' }

/** A disabled endpoint is probed every hour after any response, and a probe uses up no attempt of the delivery. */
// prettier-ignore
const RULES: Readonly<Record<ResponseKind, Readonly<Record<HealthLevel, Rule>>>> = {
  delivered: { healthy: DELIVERED, failing: RECOVERED, 'circuit open': CLOSE_CIRCUIT, disabled: ENABLE },
  failed:    { healthy: RETRY,     failing: RETRY,     'circuit open': RETRY,         disabled: PROBE_FAILED },
  exhausted: { healthy: GIVE_UP,   failing: GIVE_UP,   'circuit open': GIVE_UP,       disabled: PROBE_FAILED },
  disabled:  { healthy: DISABLE,   failing: DISABLE,   'circuit open': DISABLE,       disabled: STILL_DISABLED },
  gone:      { healthy: END,       failing: END,       'circuit open': END,           disabled: END },
}

const levelOf = ({ state, failures }: EndpointHealth): HealthLevel =>
  state === 'disabled' ? 'disabled' : failures === 0 ? 'healthy' : failures < CIRCUIT_OPENS_AFTER ? 'failing' : 'circuit open'

/** Decides the effect of a response. */
export function applyResponse({ health, attempts, isProbe, response, now, random }: ResponseInput): AppliedResponse {
  const verdict = classifyResponse(response)
  const { status } = response
  // Parallel requests that fail together count as one failure: only a probe makes the quiet time longer.
  const incremented = isProbe || health.failures < CIRCUIT_OPENS_AFTER ? health.failures + 1 : health.failures
  const retryAfter = response.status === null ? undefined : response.retryAfter
  const slower = verdict.kind === 'failed' && verdict.slower
  const retry = decideRetryAt({ attempts: attempts + 1, failures: incremented, slower, status, retryAfter, now, random })
  const isLast = verdict.kind === 'failed' && retry.nextAt === undefined
  const rule = RULES[isLast ? 'exhausted' : verdict.kind][levelOf(health)]

  const reason = verdict.kind === 'delivered' ? null : verdict.reason
  const failures = { unchanged: health.failures, reset: 0, incremented }[rule.failures]
  // While the state stays the same, the quiet time only gets longer: a parallel response may have asked for more.
  const quietUntil = {
    unchanged: health.quietUntil,
    none: null,
    backoff: latest(health.quietUntil, retry.quietUntil),
    probe: latest(health.state === 'disabled' ? health.quietUntil : null, new Date(now + PROBE_EVERY_MS)),
  }[rule.quiet]
  const change: SubscriptionChange = {
    failures,
    quietUntil,
    ...(rule.state && { state: { is: rule.state, reason } }),
    ...(rule.retryNow && { retryNow: true }),
  }
  return {
    kind: isLast && rule.delivery === 'dead' ? 'dead' : verdict.kind,
    status,
    reason,
    becomes: rule.delivery === 'retried' ? { nextAt: retry.nextAt ?? new Date(now) } : rule.delivery,
    health: rule.state === 'ended' ? health : { state: rule.state ?? health.state, failures, quietUntil },
    change: rule === DELIVERED ? undefined : change,
  }
}

const latest = (a: Date | null, b: Date | null): Date | null => (!a || (b && b > a) ? b : a)
