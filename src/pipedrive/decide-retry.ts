import type { RateHeaders } from './rate-headers.ts'
import type { AnswerBody } from './read-answer.ts'

/** Whether a request only reads or may change something in Pipedrive. Whether it may be repeated depends on it. */
export type UpstreamEffect = 'read' | 'write'

/** An AttemptResult is the result of one attempt: an answer, or none, and then whether the request may have reached Pipedrive. */
export type AttemptResult =
  | { answered: true; status: number; body: AnswerBody['kind']; rate: RateHeaders; retryAfterMs?: number }
  | { answered: false; reached: 'no' | 'maybe' }

/** A RetrySituation is everything that the decision depends on. */
export interface RetrySituation {
  effect: UpstreamEffect
  result: AttemptResult
  /** 1 for the first attempt. */
  attempt: number
  timeLeftMs: number
  /** API tokens that the request costs. */
  tokens: number
  /** From 0 to 1, so that calls that failed together do not retry together. */
  jitter: number
  nowMs: number
}

/** Why a request failed permanently; `failure-error.ts` builds its error. */
export type FailureReason =
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

/** A RetryDecision is what happens after one attempt. */
export type RetryDecision = { do: 'answer' } | { do: 'retry'; afterMs: number } | { do: 'fail'; why: FailureReason; retryAfterMs?: number }

export const MAX_REPEATS = 3
const BACKOFF_MS = 250
/** Pipedrive's burst window, if its headers are missing. */
export const BURST_WINDOW_MS = 2_000
const SPREAD_MS = 250
/** An attempt that starts with less time than this would probably get no answer; for a write, an unknown outcome is worse than a delay. */
export const ROOM_MS: Record<UpstreamEffect, number> = { read: 500, write: 3_000 }
/** The pause if nothing says how long an outage lasts. */
const OUTAGE_MS = 10_000

/** Whether to answer, to retry or to fail, and how. Pure; `send.ts` performs the decision. */
export function decideRetry({ effect, result, attempt, timeLeftMs, tokens, jitter, nowMs }: RetrySituation): RetryDecision {
  const retryOr = (failure: RetryDecision, afterMs: number): RetryDecision =>
    attempt <= MAX_REPEATS && afterMs + ROOM_MS[effect] <= timeLeftMs ? { do: 'retry', afterMs: Math.round(afterMs) } : failure
  const backoffMs = BACKOFF_MS * 2 ** (attempt - 1) * (0.5 + jitter)
  const outcomeUnknown = (readFailure: RetryDecision, readRetryAfterMs?: number): RetryDecision => {
    if (effect === 'write') return { do: 'fail', why: 'outcome-unknown' }
    return readRetryAfterMs === undefined ? readFailure : retryOr(readFailure, readRetryAfterMs)
  }
  const unavailable: RetryDecision = { do: 'fail', why: 'unavailable', retryAfterMs: OUTAGE_MS }

  if (!result.answered) return result.reached === 'no' ? retryOr(unavailable, backoffMs) : outcomeUnknown(unavailable, backoffMs)

  const { status, body, rate } = result
  const readable = body !== 'unreadable'
  if (status >= 200 && status < 300) return body === 'data' ? { do: 'answer' } : outcomeUnknown({ do: 'fail', why: 'unreadable' })
  switch (status) {
    case 401:
      return { do: 'fail', why: 'key-refused' }
    case 402:
      return { do: 'fail', why: 'account-blocked' }
    case 403:
      return { do: 'fail', why: readable ? 'forbidden' : 'firewall' }
    case 429: {
      if (isDailyBudgetUsedUp(rate, tokens)) return { do: 'fail', why: 'budget', retryAfterMs: untilMidnightUtcMs(nowMs) }
      const waitMs = rate.resetMs ?? result.retryAfterMs ?? BURST_WINDOW_MS
      return retryOr({ do: 'fail', why: 'burst', retryAfterMs: waitMs }, waitMs + SPREAD_MS * jitter)
    }
  }
  if (status >= 500 || status === 408) {
    const waitMs = result.retryAfterMs ?? 0
    return outcomeUnknown(
      result.retryAfterMs === undefined ? unavailable : { ...unavailable, retryAfterMs: waitMs },
      Math.max(waitMs, backoffMs),
    )
  }
  if (readable && status >= 400) return { do: 'fail', why: refusals[status] ?? 'rejected' }
  // A page instead of JSON (a wrong host, a proxy's own 404), or a redirect: not an answer of Pipedrive's API.
  return outcomeUnknown({ do: 'fail', why: 'unreadable' })
}

const refusals: Record<number, FailureReason> = { 404: 'not-found', 409: 'conflict', 410: 'gone' }

/** Both limits use the same status. With a few tokens left, the daily limit also refuses a call that costs more, while the burst window has room. */
function isDailyBudgetUsedUp({ dailyRemaining, remaining }: RateHeaders, tokens: number): boolean {
  if (dailyRemaining === undefined) return false
  return dailyRemaining === 0 || (dailyRemaining < tokens && remaining !== undefined && remaining > 0)
}

/** The budget renews at midnight of Pipedrive's server, whose time zone is not published. UTC is assumed, and the error says so. */
export function untilMidnightUtcMs(nowMs: number): number {
  const day = 86_400_000
  return day - (nowMs % day)
}
