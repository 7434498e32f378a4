import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import type { Agent } from 'undici'
import { hostOf, isPrivateAddress } from './subscription-url.ts'

/** A DeliveryRequest is a request to a webhook's endpoint; a HEAD only checks that it is reachable. */
export interface DeliveryRequest {
  method: 'POST' | 'HEAD'
  url: string
  headers: Readonly<Record<string, string>>
  body: string
  /** Real time, independent of the sandbox's clock. */
  timeoutMs: number
  /** Aborts when the sandbox closes; the result is then ignored. */
  signal?: AbortSignal
  /** Connections to addresses of this machine or its network count as failures. */
  publicOnly: boolean
}

/** A DeliveryResult is the status of the endpoint's answer, or the reason why there is none. */
export type DeliveryResult = { status: number } | { failed: string }

/** A Deliver sends a delivery to its endpoint. It must not follow redirects, and must end: a jump of the clock waits for it. */
export type Deliver = (request: DeliveryRequest) => Promise<DeliveryResult>

class PrivateAddressError extends Error {}

/** Refuses names that resolve to private addresses, at connect time, so that a second DNS answer cannot differ. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, [])
    if (addresses.some(({ address }) => isPrivateAddress(address)))
      return callback(new PrivateAddressError(`${hostname} resolves to a private address`), [])
    if (options.all) return callback(null, addresses)
    callback(null, addresses[0]!.address, addresses[0]!.family)
  })
}

let publicAgent: Agent | undefined

const reasonOf = (error: unknown, timeoutMs: number): string => {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`
  const cause = error.cause instanceof Error ? error.cause : error
  return cause.message === '' && 'code' in cause ? String(cause.code) : cause.message
}

/** Sends over the network. */
export const deliverOverNetwork: Deliver = async ({ method, url, headers, body, timeoutMs, signal, publicOnly }) => {
  try {
    const host = hostOf(url)
    if (publicOnly && isPrivateAddress(host)) return { failed: `${host} is a private address` }
    // Loaded with the first delivery: a sandbox without webhooks starts sooner.
    const undici = await import('undici')
    if (publicOnly) publicAgent ??= new undici.Agent({ connect: { lookup: publicLookup } })
    const answer = await undici.request(url, {
      method,
      headers,
      ...(method === 'POST' && { body }),
      signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]),
      ...(publicOnly && { dispatcher: publicAgent }),
    })
    await answer.body.dump()
    return { status: answer.statusCode }
  } catch (error) {
    return { failed: reasonOf(error, timeoutMs) }
  }
}
