import { isIP } from 'node:net'
import { isLoopback } from '../../kit/is-loopback.ts'
import { HostRefused } from './errors/host-refused.ts'

export interface HostCheckOptions {
  /** The address that the server listens on. */
  hostname: string
  publicUrl?: string | undefined
  /** Names in small letters. */
  allowHosts?: readonly string[]
}

/** A HostCheck throws HostRefused for a Host header that does not name this server. Requests without one come from no browser. */
export type HostCheck = (host: string | null) => void

/**
 * Protects from DNS rebinding: a page on the internet can let its name resolve to an address that only this machine or network reaches, and then
 * read answers here as its own. On a loopback address only names of this machine are served; on other addresses the names are unknown, unless
 * they are listed: then they are the only ones, beside addresses, which no page can have as its name.
 */
export function createHostCheck({ hostname, publicUrl, allowHosts = [] }: HostCheckOptions): HostCheck {
  const listensLocally = isLoopback(hostname)
  if (!listensLocally && allowHosts.length === 0) return () => undefined
  const names = new Set([...allowHosts, ...(publicUrl === undefined ? [] : [hostNameOf(new URL(publicUrl).host)])])
  return (host) => {
    if (host === null) return
    const name = hostNameOf(host)
    if (names.has(name) || isLoopback(name) || name.endsWith('.localhost') || (!listensLocally && isIP(name) !== 0)) return
    throw new HostRefused(name)
  }
}

/** The name in a Host header, without its port. */
export const hostNameOf = (host: string): string =>
  host
    .trim()
    .replace(/^(\[.*\]|[^:]*):\d*$/, '$1')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase()
