import type { Call } from '../../engine/call.ts'
import type { Secret } from '../../kit/secret.ts'
import { headerText } from './header-text.ts'

/** An Outcome is an answer in the making; the headers that belong to all answers are added where it becomes a response. */
export interface Outcome {
  status: number
  /** Goes out as JSON. */
  body?: unknown
  /** Goes out as it is, in place of a body; `headers` has its content-type. */
  text?: string
  headers?: Record<string, string>
}

/** A Visit is one request under way. It has a call as soon as its key is read, if it ever comes to that. */
export interface Visit {
  requestId: string
  call?: Call
  /** The id of the owner who asks, where it is about what is kept here. */
  owner?: string
  /** What the request brought and no log may show, even when it has got into a message of somebody else's. */
  secrets: Secret[]
}

export function toResponse({ status, body, text, headers }: Outcome, { requestId, call }: Visit): Response {
  const all: Record<string, string> = {
    ...headers,
    'x-request-id': requestId,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-dealbridge-upstream-calls': String(call?.ledger.calls ?? 0),
    'x-dealbridge-token-cost': String(call?.ledger.tokens ?? 0),
  }
  if (call && call.warnings.length > 0) all['x-dealbridge-warning'] = headerText(call.warnings.join(' | '))
  if (call && call.incomplete.size > 0) all['x-dealbridge-incomplete'] = [...call.incomplete].toSorted().join(',')
  if (call?.replayed) all['x-dealbridge-replayed'] = 'true'
  if (text !== undefined) return new Response(text, { status, headers: all })
  if (body === undefined) {
    // Else Node announces chunks where no body is. A 204 has no length by definition.
    if (status !== 204) all['content-length'] = '0'
    return new Response(null, { status, headers: all })
  }
  all['content-type'] = 'application/json; charset=utf-8'
  return new Response(JSON.stringify(body), { status, headers: all })
}
