import { isIP } from 'node:net'
import { createAddressRules } from '../../../delivery/dispatch/targets/addresses.ts'

const addresses = createAddressRules([])

/** Names that no public resolver answers: RFC 6761, RFC 6762, RFC 8375, and the name that ICANN reserves for private networks. */
const INNER_NAME = /(?:^|\.)(?:localhost|local|internal|intranet|lan|corp|home|home\.arpa|test)$/

/** Whether the cloud cannot reach a host on the public internet: an address of a private network or of this machine, or a name that exists only there. */
export function isPrivateHost(hostname: string): boolean {
  const name = hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
  if (isIP(name) !== 0) return !addresses.isPublic(name)
  return INNER_NAME.test(name) || !name.includes('.')
}
