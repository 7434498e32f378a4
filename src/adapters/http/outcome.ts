import type { CallReport, ReportedResult } from '../../engine/call-report.ts'
import type { Secret } from '../../kit/secret.ts'
import { headerText } from './header-text.ts'

/** An HttpOutcome is a response before the headers that all responses share are added. */
export interface HttpOutcome {
  status: number
  /** Sent as JSON. */
  body?: unknown
  /** Sent unchanged, in place of a body; `headers` has its content-type. */
  text?: string
  headers?: Record<string, string>
}

/** A Reply is what a handler returns: a response, or the error of a call, each with the call's report if there was a call. */
export type Reply = { report?: CallReport } & (HttpOutcome | { error: unknown })

/** The reply to a call; `outcomeOf` makes its answer. */
export const replyOf = <T>({ result, report }: ReportedResult<T>, outcomeOf: (value: T) => HttpOutcome): Reply =>
  result.ok ? { ...outcomeOf(result.value), report } : { error: result.error, report }

/** A RequestState is one request in progress. */
export interface RequestState {
  requestId: string
  /** The id of the owner, for a request of the management API. */
  owner?: string
  /** The secrets of the request. No log may contain them, not even inside the message of a library. */
  secrets: Secret[]
}

export function toResponse({ status, body, text, headers }: HttpOutcome, requestId: string, report: CallReport | undefined): Response {
  const { upstreamCalls = 0, tokens = 0, warnings = [], incomplete = [], replayed = false } = report ?? {}
  const all: Record<string, string> = {
    ...headers,
    'x-request-id': requestId,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-dealbridge-upstream-calls': String(upstreamCalls),
    'x-dealbridge-token-cost': String(tokens),
  }
  if (warnings.length > 0) all['x-dealbridge-warning'] = headerText(warnings.join(' | '))
  if (incomplete.length > 0) all['x-dealbridge-incomplete'] = incomplete.join(',')
  if (replayed) all['x-dealbridge-replayed'] = 'true'
  if (text !== undefined) return new Response(text, { status, headers: all })
  if (body === undefined) {
    // Without it Node announces chunks for an empty body. A 204 has no length by definition.
    if (status !== 204) all['content-length'] = '0'
    return new Response(null, { status, headers: all })
  }
  all['content-type'] = 'application/json; charset=utf-8'
  return new Response(JSON.stringify(body), { status, headers: all })
}
