import type { TargetResponse } from './targets/target-client.ts'
import { readRetryAfter, silenceAfter, waitAfter } from './schedule.ts'

/**
 * A Verdict is what an answer means. `disabled`: the receiver is turned off and may come back. `gone`: it will not. `slower`: it is there, and
 * asks to be left alone for a while.
 */
export type ResponseClass =
  | { kind: 'delivered' }
  | { kind: 'disabled'; reason: string }
  | { kind: 'gone'; reason: string }
  | { kind: 'failed'; reason: string; slower: boolean }

/** A NextStep is what becomes of a delivery and of its subscription after an attempt that failed. */
export interface NextStep {
  /** When this delivery is tried again; nothing: never. */
  nextAt: Date | undefined
  /** Until when the receiver gets no other delivery, either. */
  quietUntil: Date | null
}

/** Said with a full stop at the end, to a person. */
const TURNED_OFF = 'The flow is turned off. Turn it on: what has happened meanwhile is kept for 7 days, and delivered within an hour.'
const DELETED = 'The flow was deleted. Nothing is sent to it any more; a new flow makes a subscription of its own.'
const GONE = 'The receiver says that it is gone for good (410). Nothing is sent to it any more; subscribe again when it is back.'

/** What an answer means. Whoever has the callback URL can say anything: nothing here believes the body more than the status. */
export function classifyResponse(answer: TargetResponse): ResponseClass {
  if (answer.status === null) return { kind: 'failed', reason: answer.reason, slower: false }
  const { status, body } = answer
  if (status >= 200 && status < 300) return { kind: 'delivered' }
  if (status === 410) return { kind: 'gone', reason: GONE }
  const error = status === 400 || status === 404 ? readError(body) : undefined
  if (status === 404 && error?.code === 'WorkflowNotFound') return { kind: 'gone', reason: DELETED }
  if (status === 400 && error?.code === 'WorkflowTriggerIsNotEnabled') {
    const state = /\bstate '(\w{1,40})'/.exec(error.message)?.[1]
    if (state === 'Deleted') return { kind: 'gone', reason: DELETED }
    // A state that nobody knows yet (Suspended has been seen) can be left again as well.
    return { kind: 'disabled', reason: TURNED_OFF }
  }
  const isRedirect = status >= 300 && status < 400
  const code = error?.code && /^\w{1,60}$/.test(error.code) ? ` ${error.code}` : ''
  const reason = isRedirect
    ? `the receiver answered ${status}, and redirects are not followed: change the target to where it leads`
    : `the receiver answered ${status}${code}`
  return { kind: 'failed', reason, slower: status === 429 || (status >= 502 && status <= 504) }
}

/** The error of Power Automate and Logic Apps: `{"error":{"code","message"}}`, or these two alone. */
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

export interface AfterFailure {
  /** Failed attempts of this delivery, this one included. */
  attempts: number
  /** Failures of the receiver in a row, this one included. */
  failures: number
  /** Whether the receiver asks for less. */
  slower: boolean
  status: number | null
  retryAfter: string | undefined
  now: number
  random: number
}

/** When a delivery that failed is tried again, and how long its receiver is left alone. */
export function decideNext({ attempts, failures, slower, status, retryAfter, now, random }: AfterFailure): NextStep {
  const asked = status === 429 || status === 503 ? (readRetryAfter(retryAfter, now) ?? 0) : 0
  const wait = waitAfter(attempts, random)
  // Who asks for less is left alone as long as his delivery, and gets one at a time from then on.
  const silence = Math.max(asked, silenceAfter(failures, random), slower ? (waitAfter(1, random) ?? 0) : 0)
  return {
    nextAt: wait === undefined ? undefined : new Date(now + Math.max(wait, asked)),
    quietUntil: silence > 0 ? new Date(now + silence) : null,
  }
}
