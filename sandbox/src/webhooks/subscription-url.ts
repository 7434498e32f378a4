import { BlockList, isIP } from 'node:net'

const notPublic = new BlockList()
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  notPublic.addSubnet(net, bits, 'ipv4')
for (const [net, bits] of [
  ['::', 127],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  notPublic.addSubnet(net, bits, 'ipv6')

/** Whether an address is loopback, private, link-local or multicast. IPv4 in IPv6 counts as IPv4. */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address)
  return family !== 0 && notPublic.check(address, family === 4 ? 'ipv4' : 'ipv6')
}

const isPrivateName = (name: string): boolean => !name.includes('.') || /\.(localhost|local|internal|lan|home\.arpa)$/.test(name)
const isPipedrive = (name: string): boolean => name === 'pipedrive.com' || name.endsWith('.pipedrive.com')

/** The name or address in a URL, without brackets and final dot. */
export const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')

/** Whether deliveries may go to a URL, checked without a request. `strict` requires https and a public host. */
export function isSubscriptionUrl(text: string, strict: boolean): boolean {
  if (!URL.canParse(text)) return false
  const { protocol } = new URL(text)
  const name = hostOf(text)
  if (!['http:', 'https:'].includes(protocol) || isPipedrive(name)) return false
  return !strict || (protocol === 'https:' && (isIP(name) === 0 ? !isPrivateName(name) : !isPrivateAddress(name)))
}
