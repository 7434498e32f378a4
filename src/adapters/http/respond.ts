import { errorText } from '../../kit/error-text.ts'
import { newRequestId } from '../../kit/ids.ts'
import type { Logger } from '../../kit/logger.ts'
import type { Metrics } from '../../kit/metrics.ts'
import type { Secret } from '../../kit/secret.ts'
import type { HostCheck } from './host-check.ts'
import type { HttpContext } from './http-context.ts'
import { toResponse, type Reply, type RequestState } from './outcome.ts'
import { wireError, type Challenge } from './wire-error.ts'

/** A RouteInfo is what is known about a request before it is read. */
export interface RouteInfo {
  /** The template of its path. Logs show it instead of the path, because a path may contain secrets. */
  route: string
  /** Its name in metrics: the operationId, or the template. */
  name: string
  /** The challenge of a 401. */
  challenge: Challenge
  /**
   * Whether its answers are compressed for clients that ask for it. Not where an answer or the path may hold a secret: beside text of the caller, the
   * compressed length would reveal the secret bit by bit (BREACH).
   */
  compress?: boolean
  /** Probes request it every few seconds: logged only at level debug. */
  quiet?: boolean
}

/** Respond runs one request from its id to its log line. */
export type Respond = (c: HttpContext, route: RouteInfo, run: (state: RequestState) => Promise<Reply>) => Promise<Response>

/** The request's abort signal is not passed on: a caller that disconnects does not stop a write. */
export function createRespond(logger: Logger, metrics: Metrics, checkHost: HostCheck): Respond {
  return async (c, route, run) => {
    const startedAt = performance.now()
    const state: RequestState = { requestId: newRequestId(), secrets: [] }
    const { requestId } = state
    let code: string | undefined
    let report: Reply['report']
    let response: Response
    const encoding = { compress: route.compress === true, accepted: c.req.header('accept-encoding') }
    try {
      checkHost(c.req.raw.headers.get('host'))
      const reply = await run(state)
      report = reply.report
      if ('error' in reply) throw reply.error
      response = await toResponse(reply, requestId, report, encoding)
    } catch (error) {
      const { body, headers } = wireError(error, requestId, route.challenge)
      code = body.code
      // The log line of the start already says that there is no store.
      if (body.statusCode >= 500 && body.statusCode !== 501)
        logger.error({ requestId, code, error: describe(error, state.secrets) }, 'a request failed')
      response = await toResponse({ status: body.statusCode, body, headers }, requestId, report, encoding)
    }
    const ms = performance.now() - startedAt
    metrics.request(route.name, response.status, ms)
    logger[route.quiet ? 'debug' : 'info'](
      {
        requestId,
        method: c.req.method,
        route: route.route,
        status: response.status,
        code,
        ms: Math.round(ms * 10) / 10,
        account: report?.account,
        replayed: report?.replayed || undefined,
        owner: state.owner,
        upstreamCalls: report?.upstreamCalls,
        tokens: report?.tokens,
      },
      'request',
    )
    return response
  }
}

/** An error with stack and causes for the log; the message of a library's error may contain a key. */
function describe(error: unknown, secrets: readonly Secret[]): string {
  return secrets.reduce((text, secret) => text.replaceAll(secret.reveal(), '[secret]'), errorText(error))
}
