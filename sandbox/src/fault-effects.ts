import { STATUS_CODES } from 'node:http'
import type { Fault } from './fault-rules.ts'
import { type Answer, html, json, tooManyRequests } from './http/answer.ts'
import type { BrokenExchange } from './request-outcome.ts'

/** The headers of a 429 whose rule has none. */
const BURST_IS_OVER = { 'x-ratelimit-limit': '40', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '2' }

/** Whether the sandbox executes the request in spite of the fault. */
export function isCommitted(rule: Fault['rule']): boolean {
  if (rule.kind === 'rate-limit' || rule.kind === 'refused') return false
  return !('when' in rule) || rule.when === 'after'
}

/** How the connection breaks; undefined if there is an answer. */
export function brokenExchange({ kind }: Fault['rule'], committed: boolean): BrokenExchange | undefined {
  if (kind === 'refused') return { kind, committed: false }
  return kind === 'reset' || kind === 'silent' ? { kind, committed } : undefined
}

/** The answer that replaces the original one. */
export function faultyAnswer(rule: Fault['rule'], original: Answer | undefined): Answer {
  if (rule.kind === 'rate-limit') return { ...tooManyRequests(), headers: rule.headers ?? BURST_IS_OVER }
  if (rule.kind === 'status') {
    const { status, body, headers } = rule
    const title = STATUS_CODES[status] ?? 'Error'
    const answer = body === 'json' ? json(status, { success: false, error: title, errorCode: status }) : html(status, `${status} ${title}`)
    return { ...answer, ...(body === 'empty' && { body: '' }), ...(headers && { headers }) }
  }
  if (!original) throw new Error(`the fault ${rule.kind} has no answer`)
  return rule.kind === 'malformed' ? { ...original, body: original.body.replace(/[}\]]?$/, ',') } : original
}
