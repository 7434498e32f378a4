import type { MiddlewareHandler } from 'hono'
import { isIP } from 'node:net'

/** The name in a Host header, without its port. */
const nameOf = (host: string): string =>
  host
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase()

/** A page of a name that its owner lets point at 127.0.0.1 (DNS rebinding) would count as our own; a plain address cannot be made to. */
const isAllowedHost = (host: string, hosts: readonly string[]): boolean => {
  const name = nameOf(host)
  return name === 'localhost' || name.endsWith('.localhost') || isIP(name) !== 0 || hosts.includes(name)
}

/** Whether a request that changes something comes from a page of another site. Programs such as curl send none of these headers. */
function isCrossSite(headers: Headers, host: string | null): boolean {
  const site = headers.get('sec-fetch-site')
  if (site !== null) return site !== 'same-origin' && site !== 'none'
  const origin = headers.get('origin')
  return origin !== null && (!URL.canParse(origin) || new URL(origin).host !== host)
}

/**
 * Keeps other people's web pages away from the control of the sandbox, which has no key: a browser on this machine would carry out what
 * they ask. `hosts` are the names, besides localhost and plain addresses, under which the sandbox may be asked.
 */
export const sameOriginOnly =
  (hosts: readonly string[]): MiddlewareHandler =>
  async (c, next) => {
    // In-process requests have no Host header, and no browser behind them.
    const host = c.req.raw.headers.get('host')
    if (host !== null && !isAllowedHost(host, hosts))
      return c.json({ error: `The sandbox is not asked as ${JSON.stringify(nameOf(host))}. Use localhost or its address.` }, 403)
    const changes = !['GET', 'HEAD'].includes(c.req.method)
    if (changes && isCrossSite(c.req.raw.headers, host))
      return c.json({ error: 'A page of another site may not control the sandbox.' }, 403)
    return next()
  }
