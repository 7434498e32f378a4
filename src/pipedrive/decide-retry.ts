import type { RateHeaders } from './rate-headers.ts'
import type { AnswerBody } from './read-answer.ts'

/** Whether a request only looks or may change something in Pipedrive. All about repeating hangs on it. */
export type UpstreamEffect = 'read' | 'write'

/** An Attempted is how one attempt went: an answer, or none, and then whether the request may have reached Pipedrive. */
export type Attempted =
  | { answered: true; status: number; body: AnswerBody['kind']; rate: RateHeaders; retryAfterMs?: number }
  | { answered: false; reached: 'no' | 'maybe' }

/** A Situation is all that the decision depends on. */
export interface RetrySituation {
  effect: UpstreamEffect
  result: Attempted
  /** 1 for the first attempt. */
  attempt: number
  timeLeftMs: number
  /** API tokens that the request costs. */
  tokens: number
  /** From 0 to 1, so that those who failed together do not come back together. */
  jitter: number
  nowMs: number
}

/** Why a request failed for good; `failure-error.ts` makes the error of it. */
export type Failure =
  | 'key-refused'
  | 'account-blocked'
  | 'forbidden'
  | 'firewall'
  | 'not-found'
  | 'gone'
  | 'conflict'
  | 'rejected'
  | 'burst'
  | 'budget'
  | 'unreadable'
  | 'unavailable'
  | 'outcome-unknown'

/** A Decision is what happens after one attempt. */
export type RetryDecision = { do: 'answer' } | { do: 'retry'; afterMs: number } | { do: 'fail'; why: Failure; retryAfterMs?: number }

export const MAX_REPEATS = 3
const BACKOFF_MS = 250
/** Pipedrive's burst window, for when its headers are missing. */
export const BURST_WINDOW_MS = 2_000
const SPREAD_MS = 250
/** An attempt that starts with less time than this would only end in doubt; a write in doubt is worse than a late one. */
export const ROOM_MS: Record<UpstreamEffect, number> = { read: 500, write: 3_000 }
/** When nothing says how long an outage lasts. */
const OUTAGE_MS = 10_000

/** Whether to answer, to repeat, or to fail, and how. Pure: `send.ts` does what it says. */
export function decideRetry({ effect, result, attempt, timeLeftMs, tokens, jitter, nowMs }: RetrySituation): RetryDecision {
  const repeatOr = (failure: RetryDecision, afterMs: number): RetryDecision =>
    attempt <= MAX_REPEATS && afterMs + ROOM_MS[effect] <= timeLeftMs ? { do: 'retry', afterMs: Math.round(afterMs) } : failure
  const backoffMs = BACKOFF_MS * 2 ** (attempt - 1) * (0.5 + jitter)
  const inDoubt = (readFails: RetryDecision, readRepeatsAfterMs?: number): RetryDecision => {
    if (effect === 'write') return { do: 'fail', why: 'outcome-unknown' }
    return readRepeatsAfterMs === undefined ? readFails : repeatOr(readFails, readRepeatsAfterMs)
  }
  const unavailable: RetryDecision = { do: 'fail', why: 'unavailable', retryAfterMs: OUTAGE_MS }

  if (!result.answered) return result.reached === 'no' ? repeatOr(unavailable, backoffMs) : inDoubt(unavailable, backoffMs)

  const { status, body, rate } = result
  const readable = body !== 'unreadable'
  if (status >= 200 && status < 300) return body === 'data' ? { do: 'answer' } : inDoubt({ do: 'fail', why: 'unreadable' })
  switch (status) {
    case 401:
      return { do: 'fail', why: 'key-refused' }
    case 402:
      return { do: 'fail', why: 'account-blocked' }
    case 403:
      return { do: 'fail', why: readable ? 'forbidden' : 'firewall' }
    case 429: {
      if (dayIsSpent(rate, tokens)) return { do: 'fail', why: 'budget', retryAfterMs: untilMidnightUtcMs(nowMs) }
      const waitMs = rate.resetMs ?? result.retryAfterMs ?? BURST_WINDOW_MS
      return repeatOr({ do: 'fail', why: 'burst', retryAfterMs: waitMs }, waitMs + SPREAD_MS * jitter)
    }
  }
  if (status >= 500 || status === 408) {
    const waitMs = result.retryAfterMs ?? 0
    return inDoubt(result.retryAfterMs === undefined ? unavailable : { ...unavailable, retryAfterMs: waitMs }, Math.max(waitMs, backoffMs))
  }
  if (readable && status >= 400) return { do: 'fail', why: refusals[status] ?? 'rejected' }
  // A page where JSON was due (a wrong host, a proxy's own 404), or a redirect: nothing that Pipedrive's API says.
  return inDoubt({ do: 'fail', why: 'unreadable' })
}

const refusals: Record<number, Failure> = { 404: 'not-found', 409: 'conflict', 410: 'gone' }

/** The same status tells of both limits. A day with a few tokens left also refuses what costs more, while the burst window still has room. */
function dayIsSpent({ dailyRemaining, remaining }: RateHeaders, tokens: number): boolean {
  if (dailyRemaining === undefined) return false
  return dailyRemaining === 0 || (dailyRemaining < tokens && remaining !== undefined && remaining > 0)
}

/** The budget is new at midnight of a server whose time zone Pipedrive does not publish. UTC is assumed, and the error says so. */
export function untilMidnightUtcMs(nowMs: number): number {
  const day = 86_400_000
  return day - (nowMs % day)
}
