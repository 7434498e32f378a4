import { Agent, type Dispatcher } from 'undici'
import { TransportFailure, type Transport, type UpstreamResponse } from './transport.ts'

/** Enough for the look-ups of several concurrent calls; more would only queue at Pipedrive's burst limit. */
const CONNECTIONS = 50
/** Cloudflare keeps idle connections for minutes; a shorter time on our side avoids the race in which it closes while we send. A `Keep-Alive: timeout` hint of the server takes precedence. */
const KEEP_ALIVE_MS = 30_000
const CONNECT_TIMEOUT_MS = 5_000
/** 500 deals with custom fields are under 3 MB; a larger body is not an answer of Pipedrive. */
const BODY_LIMIT_BYTES = 20_000_000

export interface UndiciTransportOptions {
  /** The maximum number of sockets to one host. */
  connections?: number
  keepAliveMs?: number
  connectTimeoutMs?: number
  bodyLimitBytes?: number
}

/**
 * A Transport over sockets. One per process: it keeps connections open, follows no redirects and retries nothing.
 * It uses `dispatch` because only `onRequestStart` shows whether a request was written to a socket, which decides whether a write may be retried.
 */
export function createUndiciTransport({
  connections = CONNECTIONS,
  keepAliveMs = KEEP_ALIVE_MS,
  connectTimeoutMs = CONNECT_TIMEOUT_MS,
  bodyLimitBytes = BODY_LIMIT_BYTES,
}: UndiciTransportOptions = {}): { transport: Transport; close(): Promise<void> } {
  const agent = new Agent({
    connections,
    keepAliveTimeout: keepAliveMs,
    connect: { timeout: connectTimeoutMs },
    pipelining: 1,
    // HTTP/2 would share one socket, and its end would leave the outcome of every request on it unknown.
    allowH2: false,
  })

  const transport: Transport = (request) =>
    new Promise<UpstreamResponse>((resolve, reject) => {
      const until = performance.now() + request.timeoutMs
      let written: Dispatcher.DispatchController | undefined
      let failure: TransportFailure | undefined
      let status = 0
      let headers: Record<string, string> = {}
      let size = 0
      const chunks: Buffer[] = []

      const end = () => {
        clearTimeout(timer)
        request.signal?.removeEventListener('abort', hangUp)
      }
      const fail = (message: string, cause?: unknown) => {
        if (failure) return
        failure = new TransportFailure(written ? 'maybe' : 'no', message, cause)
        end()
        reject(failure)
        written?.abort(failure)
      }
      const hangUp = () => fail('the caller hung up', request.signal?.reason)
      const late = () => {
        const message = `no complete answer within ${request.timeoutMs} ms`
        fail(message, new DOMException(message, 'TimeoutError'))
      }
      const timer = setTimeout(late, request.timeoutMs)
      if (request.signal?.aborted) return hangUp()
      request.signal?.addEventListener('abort', hangUp, { once: true })

      const { origin, pathname, search } = new URL(request.url)
      agent.dispatch(
        {
          origin,
          path: pathname + search,
          method: request.method,
          headers: request.headers,
          body: request.body ?? null,
          // The timer above covers the whole attempt.
          headersTimeout: 0,
          bodyTimeout: 0,
        },
        {
          onRequestStart(controller) {
            // Cancelled while it waited for a socket: aborting here prevents that it is written.
            // After a pause of the whole process the socket may be ready before the timer fires; another process may have taken the write over.
            if (!failure && performance.now() > until) late()
            if (failure) controller.abort(failure)
            else written = controller
          },
          onResponseStart(_controller, statusCode, received) {
            if (statusCode < 200) return
            status = statusCode
            headers = Object.fromEntries(Object.entries(received).map(([name, value]) => [name, String(value)]))
          },
          onResponseData(_controller, chunk) {
            size += chunk.length
            if (size > bodyLimitBytes) fail(`the answer is larger than ${bodyLimitBytes} bytes`)
            else chunks.push(chunk)
          },
          onResponseEnd() {
            if (failure) return
            end()
            resolve({ status, headers, body: Buffer.concat(chunks).toString('utf8') })
          },
          onResponseError: (_controller, error) => fail(describe(error), error),
        },
      )
    })

  // Requests still in flight have had their time: a graceful close would wait for them without a limit.
  return { transport, close: () => agent.destroy() }
}

/** Node's code is more specific than undici's message ("other side closed") and never quotes the request. */
function describe(error: Error & { code?: string }): string {
  return error.code ? `${error.message || 'connection failed'} (${error.code})` : error.message
}
