import type { MiddlewareHandler } from 'hono'
import { hostNameOf, isAllowedHost } from '../allowed-hosts.ts'

/** Whether a write comes from a page of another site. Programs such as curl send none of these headers. */
function isCrossSite(headers: Headers, host: string | null): boolean {
  const site = headers.get('sec-fetch-site')
  if (site !== null) return site !== 'same-origin' && site !== 'none'
  const origin = headers.get('origin')
  return origin !== null && (!URL.canParse(origin) || new URL(origin).host !== host)
}

/**
 * Protects the control endpoints, which need no key, from pages of other sites that a browser on this machine has open. `hosts` are the accepted
 * host names besides localhost and IP addresses.
 */
export const sameOriginOnly =
  (hosts: readonly string[]): MiddlewareHandler =>
  async (c, next) => {
    // In-process requests have no Host header and come from no browser.
    const host = c.req.raw.headers.get('host')
    if (host !== null && !isAllowedHost(host, hosts))
      return c.json(
        { error: `The sandbox does not accept the host ${JSON.stringify(hostNameOf(host))}. Use localhost or its IP address.` },
        403,
      )
    const changes = !['GET', 'HEAD'].includes(c.req.method)
    if (changes && isCrossSite(c.req.raw.headers, host))
      return c.json({ error: 'A page of another site may not control the sandbox.' }, 403)
    return next()
  }
