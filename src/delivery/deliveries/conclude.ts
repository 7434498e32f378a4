import type { TargetAnswer } from '../targets/target-client.ts'
import { decideNext, readAnswer, type Verdict } from './decide-outcome.ts'
import type { Attempt, SubscriptionChange } from './outcome-writer.ts'
import { OPENS_AFTER_FAILURES, PROBE_EVERY_MS } from './schedule.ts'

/** A Standing is how a receiver has done so far. */
export interface Standing {
  state: 'active' | 'disabled'
  /** In a row. */
  failures: number
  quietUntil: Date | null
}

/** A Conclusion is what follows from one answer: for the delivery, for the subscription, and how the receiver stands now. */
export interface Conclusion extends Pick<Attempt, 'becomes' | 'status' | 'reason'> {
  kind: Verdict['kind'] | 'dead'
  standing: Standing
  /** Nothing where the subscription stays as it was. */
  change: SubscriptionChange | undefined
}

export interface Concluded {
  standing: Standing
  /** Attempts of this delivery before this one. */
  attempts: number
  /** Whether it was sent alone, to a receiver that had failed. */
  probe: boolean
  answer: TargetAnswer
  now: number
  random: number
}

/** What follows from an answer. */
export function conclude({ standing, attempts, probe, answer, now, random }: Concluded): Conclusion {
  const verdict = readAnswer(answer)
  const { status } = answer
  const common = { kind: verdict.kind, status }
  switch (verdict.kind) {
    case 'delivered':
      return { ...common, reason: null, becomes: 'delivered', ...afterSuccess(standing) }
    case 'gone': {
      const change: SubscriptionChange = { failures: 0, quietUntil: null, state: { is: 'ended', reason: verdict.reason } }
      return { ...common, reason: verdict.reason, becomes: 'dead', standing, change }
    }
    case 'disabled': {
      const off: Standing = { state: 'disabled', failures: 0, quietUntil: new Date(now + PROBE_EVERY_MS) }
      const turnsOff = standing.state === 'active'
      const change = {
        failures: 0,
        quietUntil: off.quietUntil,
        ...(turnsOff && { state: { is: 'disabled' as const, reason: verdict.reason } }),
      }
      return { ...common, reason: verdict.reason, becomes: 'waiting', standing: off, change }
    }
    case 'failed': {
      // Those that were under way together when the receiver failed are one failure: its silence grows with each probe.
      const failures = probe || standing.failures < OPENS_AFTER_FAILURES ? standing.failures + 1 : standing.failures
      const retryAfter = answer.status === null ? undefined : answer.retryAfter
      const step = decideNext({ attempts: attempts + 1, failures, slower: verdict.slower, status, retryAfter, now, random })
      const isOff = standing.state === 'disabled'
      // One that is turned off is asked every hour, whatever it says.
      const quietUntil = latest(standing.quietUntil, isOff ? new Date(now + PROBE_EVERY_MS) : step.quietUntil)
      const after: Standing = { ...standing, failures, quietUntil }
      const becomes = isOff ? 'waiting' : step.nextAt ? { nextAt: step.nextAt } : 'dead'
      const kind = becomes === 'dead' ? 'dead' : 'failed'
      return { kind, status, reason: verdict.reason, becomes, standing: after, change: { failures, quietUntil } }
    }
  }
}

/** A receiver that is back gets at once what waited for it. */
function afterSuccess(standing: Standing): Pick<Conclusion, 'standing' | 'change'> {
  const wasOff = standing.state === 'disabled'
  if (standing.failures === 0 && !wasOff) return { standing, change: undefined }
  const isBack = wasOff || standing.failures >= OPENS_AFTER_FAILURES
  // It may have asked for a pause meanwhile, with another answer.
  const quietUntil = isBack ? null : standing.quietUntil
  const change = {
    failures: 0,
    quietUntil,
    ...(wasOff && { state: { is: 'active' as const, reason: null } }),
    ...(isBack && { hurry: true }),
  }
  return { standing: { state: 'active', failures: 0, quietUntil }, change }
}

const latest = (a: Date | null, b: Date | null): Date | null => (!a || (b && b > a) ? b : a)
