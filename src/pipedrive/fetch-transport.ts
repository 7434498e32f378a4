import { TransportFailure, type Transport } from './transport.ts'

/** A Transport over a `fetch` in the same process: the sandbox in tests. What it throws may have happened after the request was worked on. */
export function createFetchTransport(fetch: (request: Request) => Promise<Response>): Transport {
  return async ({ method, url, headers, body, timeoutMs, signal }) => {
    const timeout = AbortSignal.timeout(timeoutMs)
    const over = signal ? AbortSignal.any([timeout, signal]) : timeout
    const answer = async () => {
      const response = await fetch(new Request(url, { method, headers, body, redirect: 'manual', signal: over }))
      return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() }
    }
    try {
      over.throwIfAborted()
      // A handler in the same process need not look at the signal.
      const givenUp = new Promise<never>((_, reject) => over.addEventListener('abort', () => reject(over.reason as Error), { once: true }))
      return await Promise.race([answer(), givenUp])
    } catch (error) {
      throw new TransportFailure('maybe', over.aborted ? `no complete answer within ${timeoutMs} ms` : (error as Error).message, error)
    }
  }
}
