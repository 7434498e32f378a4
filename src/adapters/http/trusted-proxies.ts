import { BlockList, isIP, isIPv6 } from 'node:net'

/** TrustedProxies are the peers whose X-Forwarded-* headers are believed; any other peer could have written anything into them. */
export interface TrustedProxies {
  trusts(address: string): boolean
  /** The address that a request comes from: the peer, or, behind trusted proxies, the last address that is not one of them. */
  clientOf(peer: string, forwardedFor: string | null): string
}

/** Takes addresses and CIDR ranges, IPv4 and IPv6; throws on anything else. */
export function createTrustedProxies(list: readonly string[]): TrustedProxies {
  const known = new BlockList()
  for (const entry of list) {
    const [address = '', bits, ...rest] = entry.trim().split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    const width = family === 'ipv6' ? 128 : 32
    const prefix = bits === undefined ? width : Number(bits || NaN)
    if (!isIP(address) || rest.length > 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > width)
      throw new Error(`A trusted proxy is an IP address or a range such as 10.0.0.0/8, not "${entry}".`)
    known.addSubnet(address, prefix, family)
  }
  const trusts = (address: string): boolean =>
    list.length > 0 && isIP(address) !== 0 && known.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')

  return {
    trusts,
    clientOf(peer, forwardedFor) {
      let client = peer
      // Read from the right: each proxy appends the peer that it saw. What is left of the first untrusted address is only that peer's claim.
      const hops = forwardedFor?.split(',') ?? []
      while (trusts(client) && hops.length > 0) {
        const hop = withoutPort(hops.pop()!.trim())
        if (!isIP(hop)) break
        client = hop
      }
      return client
    },
  }
}

/** Some gateways append the port: 203.0.113.7:51234 or [2001:db8::1]:51234. */
const withoutPort = (hop: string): string => /^\[(.+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop
