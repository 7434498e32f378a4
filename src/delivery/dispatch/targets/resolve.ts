import { lookup as systemLookup, Resolver } from 'node:dns/promises'

/** A ResolvedAddress is an address of a host name. */
export interface ResolvedAddress {
  address: string
  family: 4 | 6
}

/** Returns every address of a host name; rejects if it has none. */
export type Resolve = (hostname: string) => Promise<readonly ResolvedAddress[]>

/** Two tries of two seconds fit into the timeout of a delivery. */
const DNS_TIMEOUT_MS = 2_000
const DNS_TRIES = 2

/**
 * Queries the name servers directly: the system's look-up shares four threads in the whole process, and one slow domain would delay all others.
 * `local`: also resolves names of this machine (localhost, /etc/hosts).
 */
export function createResolve({ local }: { local: boolean }): Resolve {
  const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: DNS_TRIES })
  return async (hostname) => {
    const [four, six] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)])
    const found: ResolvedAddress[] = [
      ...(four.status === 'fulfilled' ? four.value.map((address) => ({ address, family: 4 as const })) : []),
      ...(six.status === 'fulfilled' ? six.value.map((address) => ({ address, family: 6 as const })) : []),
    ]
    if (found.length > 0) return found
    if (local) return (await systemLookup(hostname, { all: true })) as ResolvedAddress[]
    throw four.status === 'rejected' ? four.reason : Object.assign(new Error(`${hostname} has no address`), { code: 'ENODATA' })
  }
}
