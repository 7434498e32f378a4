import type { TargetResponse } from './targets/target-client.ts'
import { readRetryAfter } from '../../kit/retry-after.ts'
import { quietTime, retryDelay } from './schedule.ts'

/**
 * A ResponseClass is the meaning of a response. `disabled`: the endpoint is turned off and may come back. `gone`: it is removed permanently.
 * `slower`: it is overloaded and asks for fewer requests.
 */
export type ResponseClass =
  | { kind: 'delivered' }
  | { kind: 'disabled'; reason: string }
  | { kind: 'gone'; reason: string }
  | { kind: 'failed'; reason: string; slower: boolean }

/** A RetrySchedule says when a failed delivery is retried, and when the endpoint gets other deliveries. */
export interface RetrySchedule {
  /** When this delivery is retried; undefined: never. */
  nextAt: Date | undefined
  /** Until when the endpoint gets no other delivery either. */
  quietUntil: Date | null
}

/** Shown to the owner of the subscription as the reason of its state. */
const TURNED_OFF = 'The flow is turned off. Turn it on: its events are stored for 7 days, and delivered within an hour after that.'
const DELETED = 'The flow was deleted. Nothing more is sent to it; a new flow makes a new subscription.'
const GONE = 'The endpoint answered that it is permanently gone (410). Nothing more is sent to it; subscribe again when it is back.'

/** The body is only read where the status allows it: anyone who has the callback URL controls the body. */
export function classifyResponse(response: TargetResponse): ResponseClass {
  if (response.status === null) return { kind: 'failed', reason: response.reason, slower: false }
  const { status, body } = response
  if (status >= 200 && status < 300) return { kind: 'delivered' }
  if (status === 410) return { kind: 'gone', reason: GONE }
  const error = status === 400 || status === 404 ? readError(body) : undefined
  if (status === 404 && error?.code === 'WorkflowNotFound') return { kind: 'gone', reason: DELETED }
  if (status === 400 && error?.code === 'WorkflowTriggerIsNotEnabled') {
    const state = /\bstate '(\w{1,40})'/.exec(error.message)?.[1]
    if (state === 'Deleted') return { kind: 'gone', reason: DELETED }
    // Any other state (Suspended was observed) can end again.
    return { kind: 'disabled', reason: TURNED_OFF }
  }
  const isRedirect = status >= 300 && status < 400
  const code = error?.code && /^\w{1,60}$/.test(error.code) ? ` ${error.code}` : ''
  const reason = isRedirect
    ? `the endpoint answered ${status}, and redirects are not followed: set the callback URL to the address that it redirects to`
    : `the endpoint answered ${status}${code}`
  return { kind: 'failed', reason, slower: status === 429 || (status >= 502 && status <= 504) }
}

/** An error of Power Automate and Logic Apps: `{"error":{"code","message"}}`, or `code` and `message` at the top. */
function readError(body: string): { code: string; message: string } | undefined {
  try {
    const parsed: unknown = JSON.parse(body)
    const { error = parsed } = (parsed ?? {}) as { error?: unknown }
    const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
    return typeof code === 'string' ? { code, message: typeof message === 'string' ? message : '' } : undefined
  } catch {
    return undefined
  }
}

export interface FailedDelivery {
  /** Failed attempts of this delivery, this one included. */
  attempts: number
  /** Consecutive failures of the endpoint, this one included. */
  failures: number
  /** Whether the endpoint asks for fewer requests. */
  slower: boolean
  status: number | null
  retryAfter: string | undefined
  now: number
  random: number
}

/** When a failed delivery is retried, and how long its endpoint gets no other delivery. */
export function decideRetryAt({ attempts, failures, slower, status, retryAfter, now, random }: FailedDelivery): RetrySchedule {
  const requested = status === 429 || status === 503 ? (readRetryAfter(retryAfter, now) ?? 0) : 0
  const delay = retryDelay(attempts, random)
  // An endpoint that asks for fewer requests gets no delivery until this one is retried.
  const quiet = Math.max(requested, quietTime(failures, random), slower ? (retryDelay(1, random) ?? 0) : 0)
  return {
    nextAt: delay === undefined ? undefined : new Date(now + Math.max(delay, requested)),
    quietUntil: quiet > 0 ? new Date(now + quiet) : null,
  }
}
