import { lookup as systemLookup, Resolver } from 'node:dns/promises'

/** An Address is one that a name stands for. */
export interface ResolvedAddress {
  address: string
  family: 4 | 6
}

/** A Resolve answers every address of a name; rejects when it has none. */
export type Resolve = (hostname: string) => Promise<readonly ResolvedAddress[]>

/** Two tries of two seconds fit into the time that a delivery has. */
const DNS_TIMEOUT_MS = 2_000
const DNS_TRIES = 2

/**
 * Asks the name servers by itself: the system's own look-up has four threads for the whole process, and one name whose servers are slow
 * would keep all others waiting. `local`: names that only this machine knows (localhost, /etc/hosts) count, too.
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
