import type { TargetResponse } from './targets/target-client.ts'
import { decideNext, classifyResponse, type ResponseClass } from './classify-response.ts'
import type { DeliveryAttempt, SubscriptionChange } from './outcome-writer.ts'
import { OPENS_AFTER_FAILURES, PROBE_EVERY_MS } from './schedule.ts'

/** A Standing is how a receiver has done so far. */
export interface EndpointHealth {
  state: 'active' | 'disabled'
  /** In a row. */
  failures: number
  quietUntil: Date | null
}

/** A Conclusion is what follows from one answer: for the delivery, for the subscription, and how the receiver stands now. */
export interface AppliedResponse extends Pick<DeliveryAttempt, 'becomes' | 'status' | 'reason'> {
  kind: ResponseClass['kind'] | 'dead'
  standing: EndpointHealth
  /** Nothing where the subscription stays as it was. */
  change: SubscriptionChange | undefined
}

export interface ResponseInput {
  standing: EndpointHealth
  /** Attempts of this delivery before this one. */
  attempts: number
  /** Whether it was sent alone, to a receiver that had failed. */
  probe: boolean
  answer: TargetResponse
  now: number
  random: number
}

/** An AnswerKind is what a receiver has said. `last`: it has failed, and this delivery has no attempt left. */
type AnswerKind = ResponseClass['kind'] | 'last'
/** A Health is how a receiver was before its answer. `left alone`: it gets one delivery at a time, after a pause. `off`: it has turned itself off. */
type Health = 'well' | 'failing' | 'left alone' | 'off'

/** A Rule is what one answer means: for its delivery, and for the subscription. */
interface Rule {
  delivery: 'delivered' | 'retried' | 'waiting' | 'dead'
  /** What the subscription becomes; nothing: its state stays. */
  state?: 'active' | 'disabled' | 'ended'
  /** Failures in a row, after this answer. */
  failures: 'kept' | 'none' | 'counted'
  /** How long the receiver gets nothing. `kept`: as another answer has asked. `backoff`: longer with each failure. `probe`: an hour. */
  quiet: 'kept' | 'none' | 'backoff' | 'probe'
  /** Deliveries that wait for another attempt are tried now. */
  hurry?: true
}

const FINE: Rule = { delivery: 'delivered', failures: 'kept', quiet: 'kept' }
const RECOVERED: Rule = { delivery: 'delivered', failures: 'none', quiet: 'kept' }
const BACK: Rule = { delivery: 'delivered', failures: 'none', quiet: 'none', hurry: true }
const ON: Rule = { ...BACK, state: 'active' }
const RETRIED: Rule = { delivery: 'retried', failures: 'counted', quiet: 'backoff' }
const DEAD: Rule = { delivery: 'dead', failures: 'counted', quiet: 'backoff' }
const PROBED: Rule = { delivery: 'waiting', failures: 'counted', quiet: 'probe' }
const STILL_OFF: Rule = { delivery: 'waiting', failures: 'none', quiet: 'probe' }
const OFF: Rule = { ...STILL_OFF, state: 'disabled' }
const ENDED: Rule = { delivery: 'dead', failures: 'none', quiet: 'none', state: 'ended' }

/** One that is off is asked every hour, whatever it says, and no delivery loses an attempt by that. */
// prettier-ignore
const RULES: Readonly<Record<AnswerKind, Readonly<Record<Health, Rule>>>> = {
  delivered: { well: FINE,    failing: RECOVERED, 'left alone': BACK,    off: ON },
  failed:    { well: RETRIED, failing: RETRIED,   'left alone': RETRIED, off: PROBED },
  last:      { well: DEAD,    failing: DEAD,      'left alone': DEAD,    off: PROBED },
  disabled:  { well: OFF,     failing: OFF,       'left alone': OFF,     off: STILL_OFF },
  gone:      { well: ENDED,   failing: ENDED,     'left alone': ENDED,   off: ENDED },
}

const healthOf = ({ state, failures }: EndpointHealth): Health =>
  state === 'disabled' ? 'off' : failures === 0 ? 'well' : failures < OPENS_AFTER_FAILURES ? 'failing' : 'left alone'

/** What follows from an answer. */
export function applyResponse({ standing, attempts, probe, answer, now, random }: ResponseInput): AppliedResponse {
  const verdict = classifyResponse(answer)
  const { status } = answer
  // Those that were under way together when the receiver failed are one failure: its silence grows with each probe.
  const counted = probe || standing.failures < OPENS_AFTER_FAILURES ? standing.failures + 1 : standing.failures
  const retryAfter = answer.status === null ? undefined : answer.retryAfter
  const slower = verdict.kind === 'failed' && verdict.slower
  const next = decideNext({ attempts: attempts + 1, failures: counted, slower, status, retryAfter, now, random })
  const isLast = verdict.kind === 'failed' && next.nextAt === undefined
  const rule = RULES[isLast ? 'last' : verdict.kind][healthOf(standing)]

  const reason = verdict.kind === 'delivered' ? null : verdict.reason
  const failures = { kept: standing.failures, none: 0, counted }[rule.failures]
  // Longer only, as long as its state stays: it may have asked for more with another answer.
  const quietUntil = {
    kept: standing.quietUntil,
    none: null,
    backoff: latest(standing.quietUntil, next.quietUntil),
    probe: latest(standing.state === 'disabled' ? standing.quietUntil : null, new Date(now + PROBE_EVERY_MS)),
  }[rule.quiet]
  const change: SubscriptionChange = {
    failures,
    quietUntil,
    ...(rule.state && { state: { is: rule.state, reason } }),
    ...(rule.hurry && { hurry: true }),
  }
  return {
    kind: isLast && rule.delivery === 'dead' ? 'dead' : verdict.kind,
    status,
    reason,
    becomes: rule.delivery === 'retried' ? { nextAt: next.nextAt ?? new Date(now) } : rule.delivery,
    standing: rule.state === 'ended' ? standing : { state: rule.state ?? standing.state, failures, quietUntil },
    change: rule === FINE ? undefined : change,
  }
}

const latest = (a: Date | null, b: Date | null): Date | null => (!a || (b && b > a) ? b : a)
