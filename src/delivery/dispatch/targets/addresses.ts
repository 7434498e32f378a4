import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'

/** AddressRules say which addresses may be connected to. */
export interface AddressRules {
  /** Whether the operator has allowed it with --allow-target: then over http too. */
  isAllowed(address: string): boolean
  /** Whether it is on the public internet. */
  isPublic(address: string): boolean
}

/** IANA's registry of special-purpose IPv4 addresses, and multicast. */
const SPECIAL_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  // Includes 169.254.169.254, the metadata service of clouds, which returns the machine's credentials.
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // A public address that reaches Azure's platform from inside every Azure machine.
  '168.63.129.16',
]

/** Contains every public address … */
const GLOBAL_IPV6 = ['2000::/3']
/** … except Teredo and other IETF assignments, documentation, and 6to4, which would lead to any IPv4 address. */
const SPECIAL_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']
/** IPv6 forms of IPv4 addresses: mapped, and translated by the network (NAT64). The IPv4 address is what is checked. */
const HOLDS_IPV4 = ['::ffff:0:0/96', '64:ff9b::/96']

/** Accepts addresses and CIDR ranges, IPv4 and IPv6; throws on anything else. */
function matcherOf(list: readonly string[]): (address: string) => boolean {
  const blocks = new BlockList()
  for (const entry of list) {
    const [address = '', bits, ...rest] = entry.trim().split('/')
    const width = isIPv6(address) ? 128 : 32
    const prefix = bits === undefined ? width : Number(bits || NaN)
    if (!isIP(address) || address.includes('%') || rest.length > 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > width)
      throw new Error(`${JSON.stringify(entry)} is neither an IP address nor a range such as 10.0.0.0/8.`)
    blocks.addSubnet(address, prefix, width === 128 ? 'ipv6' : 'ipv4')
  }
  return (address) => blocks.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

const isSpecialIpv4 = matcherOf(SPECIAL_IPV4)
const isGlobalIpv6 = matcherOf(GLOBAL_IPV6)
const isSpecialIpv6 = matcherOf(SPECIAL_IPV6)
const holdsIpv4 = matcherOf(HOLDS_IPV4)

/** Returns the IPv4 address that an IPv6 address contains, or the address itself. */
function unwrapIpv4(address: string): string {
  if (!isIPv6(address) || !holdsIpv4(address)) return address
  const dotted = /:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1]
  if (dotted) return dotted
  // In the canonical form of URLs, the last two groups are present or are omitted zeros.
  const [head = '', tail = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const groups = `${head}:0:0:${tail}`.split(':').filter(Boolean).slice(-2)
  return groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]).join('.')
}

/** `allowed`: addresses and CIDR ranges; throws on anything else. */
export function createAddressRules(allowed: readonly string[]): AddressRules {
  const isListed = matcherOf(allowed)
  // An address with a zone (fe80::1%eth0) is always local.
  const hasNoZone = (address: string) => isIP(address) !== 0 && !address.includes('%')
  return {
    isAllowed: (address) => hasNoZone(address) && isListed(unwrapIpv4(address)),
    isPublic(address) {
      if (!hasNoZone(address)) return false
      const real = unwrapIpv4(address)
      return isIPv4(real) ? !isSpecialIpv4(real) : isGlobalIpv6(real) && !isSpecialIpv6(real)
    },
  }
}
