import { isIP } from 'node:net'

/** The name in a Host header, without its port. */
export const hostNameOf = (host: string): string =>
  host
    .replace(/^(\[.*\]|[^:]*):\d*$/, '$1')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase()

const isLoopback = (name: string): boolean =>
  name === 'localhost' || name.endsWith('.localhost') || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'))

/** Protects against DNS rebinding: a foreign name can resolve to 127.0.0.1, an IP address in the Host header cannot. */
export const isAllowedHost = (host: string, hosts: readonly string[]): boolean => {
  const name = hostNameOf(host)
  return isLoopback(name) || isIP(name) !== 0 || hosts.includes(name)
}

/**
 * Why a server that listens on `hostname` does not answer a request with this Host header; undefined if it does. On a loopback address it
 * answers for this machine and `hosts`; on any other address for every name, unless `hosts` are given.
 */
export function hostRefusal(hostname: string, host: string | null, hosts: readonly string[]): string | undefined {
  if (host === null) return undefined
  const listensLocally = isLoopback(hostNameOf(hostname))
  const name = hostNameOf(host)
  if (listensLocally ? isLoopback(name) || hosts.includes(name) : hosts.length === 0 || isAllowedHost(host, hosts)) return undefined
  return `The sandbox does not answer for the host ${JSON.stringify(name.slice(0, 253))}. Use localhost, or start it with --allow-host; in code: createSandbox({ hosts }).`
}
