import type { CallReport, ReportedResult } from '../../engine/call-report.ts'
import type { Secret } from '../../kit/secret.ts'
import { COMPRESSED_FROM_CHARACTERS, encodeText } from './compress.ts'
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

/** The request's Accept-Encoding counts only if `compress`. */
export async function toResponse(
  { status, body, text, headers }: HttpOutcome,
  requestId: string,
  report: CallReport | undefined,
  { compress, accepted }: { compress: boolean; accepted: string | undefined },
): Promise<Response> {
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
  if (text === undefined && body === undefined) {
    // Without it Node announces chunks for an empty body. A 204 has no length by definition.
    if (status !== 204) all['content-length'] = '0'
    return new Response(null, { status, headers: all })
  }
  if (text === undefined) all['content-type'] = 'application/json; charset=utf-8'
  const sent = text ?? JSON.stringify(body)
  if (!compress || sent.length < COMPRESSED_FROM_CHARACTERS) return new Response(sent, { status, headers: all })
  const encoded = await encodeText(sent, accepted)
  return new Response(encoded.body, { status, headers: { ...all, ...encoded.headers } })
}
