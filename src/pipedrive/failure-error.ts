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

/** A FailedAttempt is the last attempt of a request that failed permanently, with everything that its error may contain. */
export interface FailedAttempt {
  target: Target
  key: Secret
  result: { response: UpstreamResponse; body: AnswerBody } | TransportFailure
  attempts: number
  sentAtMs: number
  nowMs: number
  retryAfterMs?: number
}

/** Whole seconds, never 0: hosts read 0 as "at once". */
export const inSeconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1000))

/** The error for a failure. `excerpt` sanitizes every text from upstream first. */
export function failureError(
  why: FailureReason,
  { target, key, result, attempts, sentAtMs, nowMs, retryAfterMs = 0 }: FailedAttempt,
): DealbridgeError {
  const seconds = inSeconds(retryAfterMs)
  const hasNoResponse = result instanceof TransportFailure
  const status = hasNoResponse ? 0 : result.response.status
  // Pipedrive's error text if there is one, else the beginning of the response.
  const upstreamText = hasNoResponse ? result.message : (result.body.kind === 'error' && result.body.text) || result.response.body
  const text = excerpt(upstreamText, key)
  const reason = hasNoResponse ? text : `status ${status}, ${text ? `"${text}"` : 'without a text'}`
  const cause = hasNoResponse ? result : undefined
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
      // A list cannot be missing; for a create, a record that it refers to is missing.
      return target.method === 'GET' ? new Unreadable(target, status, describeBody(result, text)) : new Rejected(status, text)
    case 'gone':
      // For one record it means that the record is gone, otherwise that the route is gone: a retry helps neither a read nor a write.
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
      return new Unreadable(target, status, describeBody(result, text))
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

/** What a successful answer contains are records: no log shows those. */
function describeBody(result: FailedAttempt['result'], text: string): string {
  if (text === '') return 'empty'
  const mayHoldRecords = !(result instanceof TransportFailure) && result.response.status < 300 && /^\s*[[{]/.test(result.response.body)
  return mayHoldRecords ? 'JSON that is not as documented' : `beginning "${text}"`
}
