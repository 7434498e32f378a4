import type { DealbridgeError } from '../kit/errors/dealbridge-error.ts'
import type { Secret } from '../kit/secret.ts'
import type { FailureReason } from './decide-retry.ts'
import { AccountBlocked } from './errors/account-blocked.ts'
import { BudgetExhausted } from './errors/budget-exhausted.ts'
import { BurstExhausted } from './errors/burst-exhausted.ts'
import { Conflict } from './errors/conflict.ts'
import { FirewallBlocked } from './errors/firewall-blocked.ts'
import { Forbidden } from './errors/forbidden.ts'
import { KeyRefused } from './errors/key-refused.ts'
import { NotFound } from './errors/not-found.ts'
import { OutcomeUnknown } from './errors/outcome-unknown.ts'
import { Rejected } from './errors/rejected.ts'
import { Unavailable } from './errors/unavailable.ts'
import { Unreadable } from './errors/unreadable.ts'
import { excerpt } from './excerpt.ts'
import type { AnswerBody } from './read-answer.ts'
import type { Target } from './target.ts'
import { TransportFailure, type UpstreamResponse } from './transport.ts'

/** A FailedAttempt is the last attempt of a request that failed for good, with all that its error may tell. */
export interface FailedAttempt {
  target: Target
  key: Secret
  result: { response: UpstreamResponse; body: AnswerBody } | TransportFailure
  attempts: number
  sentAtMs: number
  nowMs: number
  retryAfterMs?: number
}

/** Whole seconds, never 0: hosts take 0 for "at once". */
export const inSeconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1000))

/** The error for a failure. Everything that upstream wrote passes `excerpt` first. */
export function failureError(
  why: FailureReason,
  { target, key, result, attempts, sentAtMs, nowMs, retryAfterMs = 0 }: FailedAttempt,
): DealbridgeError {
  const seconds = inSeconds(retryAfterMs)
  const lost = result instanceof TransportFailure
  const status = lost ? 0 : result.response.status
  // Pipedrive's own words when it spoke, else the beginning of whatever came.
  const said = lost ? result.message : (result.body.kind === 'error' && result.body.text) || result.response.body
  const text = excerpt(said, key)
  const reason = lost ? text : `status ${status}, ${text ? `"${text}"` : 'without a text'}`
  const cause = lost ? result : undefined
  switch (why) {
    case 'key-refused':
      return new KeyRefused()
    case 'account-blocked':
      return new AccountBlocked()
    case 'forbidden':
      return new Forbidden(target, text)
    case 'firewall':
      return new FirewallBlocked(seconds)
    case 'not-found':
      if (target.id !== undefined) return new NotFound(target.object, target.id)
      // A list cannot be missing; what a create misses is something that it refers to.
      return target.method === 'GET' ? new Unreadable(target, status, text) : new Rejected(status, text)
    case 'gone':
      // Of one record it says that the record is gone, of anything else that the route is: asking again helps neither a read nor a write.
      return target.id === undefined ? new Rejected(status, text) : new NotFound(target.object, target.id)
    case 'conflict':
      return new Conflict(target, text)
    case 'rejected':
      return new Rejected(status, text)
    case 'burst':
      return new BurstExhausted(seconds, nowMs)
    case 'budget':
      return new BudgetExhausted(seconds, nowMs)
    case 'unreadable':
      return new Unreadable(target, status, text)
    case 'unavailable':
      return new Unavailable(target, reason, {
        attempts,
        seconds,
        slow: status === 504 || (cause?.cause as Error | undefined)?.name === 'TimeoutError',
        cause,
      })
    case 'outcome-unknown':
      return new OutcomeUnknown(target, sentAtMs, reason, { cause })
  }
}
