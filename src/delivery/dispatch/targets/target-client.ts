import type { LookupFunction } from 'node:net'
import { callbackify } from 'node:util'
import { Agent, type Dispatcher } from 'undici'
import type { Secret } from '../../../kit/secret.ts'
import type { TargetPolicy } from '../../deps.ts'
import { createAddressRules } from './addresses.ts'
import { addressOf, checkTarget } from './check-target.ts'
import { createResolve, type Resolve } from './resolve.ts'
import { AddressRefused, describeFailure } from './describe-failure.ts'

/** A TargetAnswer is what a receiver said, or why nothing was heard of it. */
export type TargetResponse =
  | { status: number; retryAfter: string | undefined; body: string }
  /** `stopped`: this process gave it up; nothing is known of the receiver. */
  | { status: null; reason: string; stopped: boolean }

/** A TargetRequest is a body on its way to a callback URL. */
export interface TargetRequest {
  url: Secret
  headers: Record<string, string>
  body: string
  /** Gives the request up. */
  signal: AbortSignal
}

/** A TargetClient sends to receivers that somebody else has named. */
export interface TargetClient {
  /** Never rejects. */
  send(request: TargetRequest): Promise<TargetResponse>
  close(): Promise<void>
}

export interface TargetClientOptions {
  policy: TargetPolicy
  resolve?: Resolve
  timeoutMs?: number
  /** Certificate authorities, instead of those that Node knows. */
  ca?: string
}

/** From the name's look-up to the last byte. Receivers of webhooks are expected to accept, and work later. */
const TIMEOUT_MS = 15_000
const CONNECT_TIMEOUT_MS = 10_000
/** Events of one receiver come in bursts; thousands of receivers must not hold a socket each for long. */
const KEEP_ALIVE_MS = 10_000
/** What tells that a flow is gone has a few hundred bytes. */
const BODY_LIMIT_BYTES = 64 * 1_024

/**
 * Connects only to addresses that were looked at: those that a name stands for at that very moment, all of which have to be permitted.
 * Follows no redirect, unpacks nothing, takes no proxy from the environment, and verifies certificates whatever the environment says.
 * There is no limit per host: the flows of a whole region share one, and a slow one would hold up the others.
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
      // The timer of the whole attempt covers them.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: CONNECT_TIMEOUT_MS, lookup, rejectUnauthorized: true, ...(ca !== undefined && { ca }) },
    })
  }
  // Apart: what may be reached over http is less, and an address that was looked at for one is not for the other.
  const agents = { 'https:': agentFor(true), 'http:': agentFor(false) }

  function dispatch(url: URL, { headers, body, signal }: TargetRequest): Promise<TargetResponse> {
    return new Promise((done) => {
      let request: Dispatcher.DispatchController | undefined
      let over = false
      let status = 0
      let retryAfter: string | undefined
      let size = 0
      const chunks: Buffer[] = []

      const end = (answer: TargetResponse) => {
        if (over) return
        over = true
        clearTimeout(timer)
        signal.removeEventListener('abort', stop)
        done(answer)
      }
      /** What the status says counts, however the body ends: a receiver that said 200 has accepted. */
      const answered = () => end({ status, retryAfter, body: Buffer.concat(chunks).toString('utf8') })
      const fail = (reason: string, stopped = false) => (status ? answered() : end({ status: null, reason, stopped }))
      const abort = (reason: string, stopped = false) => {
        fail(reason, stopped)
        request?.abort(new Error(reason))
      }
      const stop = () => abort('the connector was stopped while it waited for an answer', true)
      const timer = setTimeout(() => abort(`no answer within ${timeoutMs / 1_000} s`), timeoutMs)
      if (signal.aborted) return stop()
      signal.addEventListener('abort', stop, { once: true })

      const { origin, protocol, pathname, search } = url
      agents[protocol as keyof typeof agents].dispatch(
        { origin, path: pathname + search, method: 'POST', headers, body },
        {
          onRequestStart(controller) {
            request = controller
            // Given up while it waited for a connection: now it is never written.
            if (over) controller.abort(new Error('given up'))
          },
          onResponseStart(_controller, code, received) {
            if (code < 200) return
            status = code
            retryAfter = received['retry-after']?.toString()
          },
          onResponseData(_controller, chunk) {
            chunks.push(chunk.subarray(0, BODY_LIMIT_BYTES - size))
            size += chunk.length
            if (size >= BODY_LIMIT_BYTES) abort('the answer is too long')
          },
          onResponseEnd: answered,
          onResponseError: (_controller, error) => fail(describeFailure(error)),
        },
      )
    })
  }

  return {
    async send(request) {
      try {
        const url = checkTarget(request.url.reveal(), policy)
        // Nobody looks up an address.
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
