import { baseUrl } from './base-url.ts'
import type { HttpContext } from './http-context.ts'
import { createTrustedProxies } from './trusted-proxies.ts'

/** An Origin is the caller's address and the URL that it called, as trusted proxies report them. */
export interface Origin {
  /** The caller's network address. */
  addressOf(c: HttpContext): string
  /** The URL at which clients reach this server, without a slash at the end. Throws InvalidRequest. */
  baseOf(c: HttpContext): string
}

export function createOrigin(publicUrl: string | undefined, trustedProxies: readonly string[]): Origin {
  const proxies = createTrustedProxies(trustedProxies)
  const publicBase = publicUrl?.replace(/\/+$/, '')
  const peerOf = (c: HttpContext): string => c.env?.incoming?.socket.remoteAddress ?? 'unknown'
  return {
    addressOf: (c) => proxies.clientOf(peerOf(c), c.req.header('x-forwarded-for') ?? null),
    baseOf: (c) => publicBase ?? baseUrl(c.req.raw, proxies.trusts(peerOf(c))),
  }
}
