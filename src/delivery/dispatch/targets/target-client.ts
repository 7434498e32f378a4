import type { LookupFunction } from 'node:net'
import { callbackify } from 'node:util'
import { Agent, type Dispatcher } from 'undici'
import type { Secret } from '../../../kit/secret.ts'
import type { TargetPolicy } from '../../deps.ts'
import { createAddressRules } from './addresses.ts'
import { addressOf, checkTarget } from './check-target.ts'
import { createResolve, type Resolve } from './resolve.ts'
import { AddressRefused, describeFailure } from './describe-failure.ts'

/** A TargetResponse is the response of an endpoint, or the reason why there is none. */
export type TargetResponse =
  | { status: number; retryAfter: string | undefined; body: string }
  /** `stopped`: this process aborted the request, which says nothing about the endpoint. */
  | { status: null; reason: string; stopped: boolean }

/** A TargetRequest is one POST to a callback URL. */
export interface TargetRequest {
  url: Secret
  headers: Record<string, string>
  body: string
  /** Aborts the request. */
  signal: AbortSignal
}

/** A TargetClient sends to callback URLs, which subscribers choose and which are therefore not trusted. */
export interface TargetClient {
  /** Never rejects. */
  send(request: TargetRequest): Promise<TargetResponse>
  close(): Promise<void>
}

export interface TargetClientOptions {
  policy: TargetPolicy
  resolve?: Resolve
  timeoutMs?: number
  /** Certificate authorities; by default those of Node. */
  ca?: string
}

/** From the DNS look-up to the last byte. An endpoint is expected to accept a delivery at once and to process it later. */
const TIMEOUT_MS = 15_000
const CONNECT_TIMEOUT_MS = 10_000
/** Events of one endpoint come in bursts; thousands of endpoints must not hold a socket each for long. */
const KEEP_ALIVE_MS = 10_000
/** The error body that says that a flow is gone has a few hundred bytes. */
const BODY_LIMIT_BYTES = 64 * 1_024

/**
 * Connects only to addresses that it has checked: it resolves the name at connect time, and every address must be permitted. Follows no
 * redirect, decompresses nothing, uses no proxy of the environment, and always verifies certificates. There is no limit per host: the flows of
 * a whole region share one host, and a slow flow would delay the others.
 */
export function createTargetClient(options: TargetClientOptions): TargetClient {
  const { policy, resolve = createResolve({ local: policy.allowed.length > 0 }), timeoutMs = TIMEOUT_MS, ca } = options
  const rules = createAddressRules(policy.allowed)
  const permits = (address: string, encrypted: boolean) => rules.isAllowed(address) || (encrypted && rules.isPublic(address))

  const agentFor = (encrypted: boolean) => {
    const addressesOf = callbackify(async (hostname: string) => {
      const found = await resolve(hostname)
      const [first] = found
      if (!first || !found.every(({ address }) => permits(address, encrypted))) throw new AddressRefused()
      return { first, found: [...found] }
    })
    const lookup: LookupFunction = (hostname, { all }, callback) =>
      addressesOf(hostname, (error, checked) => {
        if (error) callback(error, '', 4)
        else if (all) callback(null, checked.found)
        else callback(null, checked.first.address, checked.first.family)
      })
    return new Agent({
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      allowH2: false,
      // The timeout of the whole attempt covers both.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: CONNECT_TIMEOUT_MS, lookup, rejectUnauthorized: true, ...(ca !== undefined && { ca }) },
    })
  }
  // Separate agents: http is permitted for fewer addresses, and a connection checked for one must not be reused for the other.
  const agents = { 'https:': agentFor(true), 'http:': agentFor(false) }

  function dispatch(url: URL, { headers, body, signal }: TargetRequest): Promise<TargetResponse> {
    return new Promise((resolveResponse) => {
      let request: Dispatcher.DispatchController | undefined
      let isEnded = false
      let status = 0
      let retryAfter: string | undefined
      let size = 0
      const chunks: Buffer[] = []

      const end = (response: TargetResponse) => {
        if (isEnded) return
        isEnded = true
        clearTimeout(timer)
        signal.removeEventListener('abort', stop)
        resolveResponse(response)
      }
      /** The status counts even if the body breaks off: an endpoint that answered 200 has accepted the delivery. */
      const respond = () => end({ status, retryAfter, body: Buffer.concat(chunks).toString('utf8') })
      const fail = (reason: string, stopped = false) => (status ? respond() : end({ status: null, reason, stopped }))
      const abort = (reason: string, stopped = false) => {
        fail(reason, stopped)
        request?.abort(new Error(reason))
      }
      const stop = () => abort('the connector was stopped while it waited for the response', true)
      const timer = setTimeout(() => abort(`no response within ${timeoutMs / 1_000} s`), timeoutMs)
      if (signal.aborted) return stop()
      signal.addEventListener('abort', stop, { once: true })

      const { origin, protocol, pathname, search } = url
      agents[protocol as keyof typeof agents].dispatch(
        { origin, path: pathname + search, method: 'POST', headers, body },
        {
          onRequestStart(controller) {
            request = controller
            // Aborted while it waited for a connection: it must not be sent now.
            if (isEnded) controller.abort(new Error('aborted'))
          },
          onResponseStart(_controller, code, headersOfResponse) {
            if (code < 200) return
            status = code
            retryAfter = headersOfResponse['retry-after']?.toString()
          },
          onResponseData(_controller, chunk) {
            chunks.push(chunk.subarray(0, BODY_LIMIT_BYTES - size))
            size += chunk.length
            if (size >= BODY_LIMIT_BYTES) abort('the response is too long')
          },
          onResponseEnd: respond,
          onResponseError: (_controller, error) => fail(describeFailure(error)),
        },
      )
    })
  }

  return {
    async send(request) {
      try {
        const url = checkTarget(request.url.reveal(), policy)
        // The `lookup` function is not called for an IP address, so it is checked here.
        const address = addressOf(url)
        if (address && !permits(address, url.protocol === 'https:')) throw new AddressRefused()
        return await dispatch(url, request)
      } catch (error) {
        return { status: null, reason: describeFailure(error as Error), stopped: false }
      }
    },
    close: async () => void (await Promise.all(Object.values(agents).map((agent) => agent.destroy()))),
  }
}
