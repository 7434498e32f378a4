import { TransportFailure, type Transport } from './transport.ts'

/** Codes of a connection that was not established: nothing was sent. */
const NO_CONNECTION = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'])

/** `fetch` has Node's code on the cause of its error. */
function codeOf(error: unknown): string | undefined {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } }
  return [code, cause?.code].find((text) => typeof text === 'string')
}

/**
 * A Transport over a `fetch` in the same process: the sandbox in tests. The request may have been processed before an error, unless the error
 * says that there was no connection.
 */
export function createFetchTransport(fetch: (request: Request) => Promise<Response>): Transport {
  return async ({ method, url, headers, body, timeoutMs, signal }) => {
    // Not AbortSignal.timeout: it would keep every answer in memory until the timeout.
    const timeout = new AbortController()
    const timer = setTimeout(() => timeout.abort(new DOMException('the time is over', 'TimeoutError')), timeoutMs)
    const over = signal ? AbortSignal.any([timeout.signal, signal]) : timeout.signal
    const answer = async () => {
      const response = await fetch(new Request(url, { method, headers, body, redirect: 'manual', signal: over }))
      return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() }
    }
    try {
      over.throwIfAborted()
      // A handler in the same process may ignore the signal.
      const aborted = new Promise<never>((_, reject) => over.addEventListener('abort', () => reject(over.reason as Error), { once: true }))
      return await Promise.race([answer(), aborted])
    } catch (error) {
      if (over.aborted) throw new TransportFailure('maybe', `no complete answer within ${timeoutMs} ms`, error)
      const code = codeOf(error)
      const message = code === undefined ? (error as Error).message : `${(error as Error).message} (${code})`
      throw new TransportFailure(code !== undefined && NO_CONNECTION.has(code) ? 'no' : 'maybe', message, error)
    } finally {
      clearTimeout(timer)
    }
  }
}
