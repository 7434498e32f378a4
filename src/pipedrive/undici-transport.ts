import { Agent, type Dispatcher } from 'undici'
import { TransportFailure, type Transport, type UpstreamResponse } from './transport.ts'

/** Enough for a burst of look-ups of several calls at once; more would only queue at Pipedrive's burst limit. */
const CONNECTIONS = 50
/** Cloudflare keeps idle connections for minutes; a shorter time on our side avoids the race in which it closes while we send. A server's own `Keep-Alive: timeout` hint wins. */
const KEEP_ALIVE_MS = 30_000
const CONNECT_TIMEOUT_MS = 5_000
/** 500 deals with custom fields are under 3 MB; whatever is larger is not an answer of Pipedrive's. */
const BODY_LIMIT_BYTES = 20_000_000

export interface UndiciTransportOptions {
  /** Most sockets to one host. */
  connections?: number
  keepAliveMs?: number
  connectTimeoutMs?: number
  bodyLimitBytes?: number
}

/**
 * A Transport over sockets. One per process: it keeps connections open, follows no redirects and repeats nothing.
 * It dispatches by hand because only `onRequestStart` tells whether a request was written to a socket, and on that hangs whether a write may be repeated.
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
    // HTTP/2 would share one socket, and its end would leave every request on it in doubt.
    allowH2: false,
  })

  const transport: Transport = (request) =>
    new Promise<UpstreamResponse>((resolve, reject) => {
      const until = performance.now() + request.timeoutMs
      let written: Dispatcher.DispatchController | undefined
      let over: TransportFailure | undefined
      let status = 0
      let headers: Record<string, string> = {}
      let size = 0
      const chunks: Buffer[] = []

      const end = () => {
        clearTimeout(timer)
        request.signal?.removeEventListener('abort', hangUp)
      }
      const fail = (message: string, cause?: unknown) => {
        if (over) return
        over = new TransportFailure(written ? 'maybe' : 'no', message, cause)
        end()
        reject(over)
        written?.abort(over)
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
          // The timer above covers the attempt as a whole.
          headersTimeout: 0,
          bodyTimeout: 0,
        },
        {
          onRequestStart(controller) {
            // Given up while it waited for a socket: aborting here keeps it from ever being written.
            // After a pause of the whole process the socket may come before the timer; another process may have taken the write over.
            if (!over && performance.now() > until) late()
            if (over) controller.abort(over)
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
            if (over) return
            end()
            resolve({ status, headers, body: Buffer.concat(chunks).toString('utf8') })
          },
          onResponseError: (_controller, error) => fail(describe(error), error),
        },
      )
    })

  // What still waits for Pipedrive has had its time: a gentle close would wait for it as long as it takes.
  return { transport, close: () => agent.destroy() }
}

/** Node's code says more than undici's message ("other side closed") and never quotes the request. */
function describe(error: Error & { code?: string }): string {
  return error.code ? `${error.message || 'connection failed'} (${error.code})` : error.message
}
