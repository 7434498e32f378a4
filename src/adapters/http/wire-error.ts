import { DealbridgeError, type Detail } from '../../kit/errors/dealbridge-error.ts'
import { MethodNotAllowed } from './errors/method-not-allowed.ts'

/** A WireError is the body of every error response. */
export interface WireError {
  statusCode: number
  code: string
  message: string
  source: 'connector' | 'pipedrive'
  requestId: string
  details: readonly Detail[]
}

/** The challenges of a 401: which kinds of key this part of the server accepts. */
const challenges = {
  basic: 'Basic realm="Any user name, and the Pipedrive API key as the password"',
  bearer: 'Bearer realm="Dealbridge"',
} as const
export type Challenge = keyof typeof challenges

/** The part of an error that the caller sees: status, headers and body. An error that is not a DealbridgeError is only logged. */
export function wireError(
  error: unknown,
  requestId: string,
  challenge: Challenge = 'basic',
): { headers: Record<string, string>; body: WireError } {
  if (!(error instanceof DealbridgeError)) return { headers: {}, body: { ...INTERNAL_ERROR, requestId } }
  const { status: statusCode, code, message, source, details } = error
  const headers: Record<string, string> = {}
  if (error.retryAfterSeconds !== undefined) headers['retry-after'] = String(Math.max(1, Math.ceil(error.retryAfterSeconds)))
  if (statusCode === 401) headers['www-authenticate'] = challenges[challenge]
  if (error instanceof MethodNotAllowed) headers['allow'] = error.allow.join(', ')
  return { headers, body: { statusCode, code, message, source, requestId, details } }
}

const INTERNAL_ERROR: Omit<WireError, 'requestId'> = {
  statusCode: 500,
  code: 'InternalError',
  message: "The connector failed unexpectedly. Its log has the details under this answer's requestId; please report it.",
  source: 'connector',
  details: [],
}
