import { isIP } from 'node:net'
import { CallbackUrlRefused } from '../../errors/callback-url-refused.ts'
import type { TargetPolicy } from '../../deps.ts'
import { createAddressRules } from './addresses.ts'
import { isMicrosoftHost } from './microsoft-hosts.ts'

/** Those of Power Automate have some 400; none that works has more than servers take. */
const LENGTH_MAX = 4_096
/** Below are the ports of everything else that listens: mail, remote shells, databases of old. */
const FIRST_FREE_PORT = 1_024
/** Names that mean something on somebody's own network only. */
const INNER_NAME = /^[^.]+$|\.(?:localhost|local|internal|intranet|lan|home\.arpa)$/

/** The address in a URL, if it is no name. */
export const addressOf = ({ hostname }: URL): string | undefined => {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1')
  return isIP(bare) ? bare : undefined
}

/**
 * Whether a callback URL may be one at all; throws CallbackUrlRefused. It asks nobody, not even for the address of a name: that is
 * looked at before each delivery, and may have changed by then.
 */
export function checkTarget(url: string, policy: TargetPolicy): URL {
  const refuse = (reason: string): never => {
    throw new CallbackUrlRefused(reason)
  }
  if (url.length > LENGTH_MAX) refuse(`it has ${url.length} characters, and ${LENGTH_MAX} are the most.`)
  // A parser of URLs drops line ends and tabs in silence.
  if (!/^[\x21-\x7e]+$/.test(url)) refuse('it has blanks or characters that no URL has; write them as %20 and the like.')
  const parsed = URL.parse(url)
  if (!parsed || !/^https?:\/\/[^/\\]/i.test(url) || !/^https?:$/.test(parsed.protocol))
    return refuse('it is no URL that begins with https://.')
  if (parsed.username || parsed.password) refuse('it brings a user or a password. Put what the receiver needs into its query.')
  if (url.includes('#')) refuse('it has a fragment (#…), which no server gets to see. Leave that away.')

  const { hostname, protocol } = parsed
  if (hostname.endsWith('.')) refuse('its host ends with a dot. Leave that away.')
  const port = Number(parsed.port || (protocol === 'http:' ? 80 : 443))
  const address = addressOf(parsed)
  const rules = createAddressRules(policy.allowed)
  const wayOut = 'Whoever runs this server can allow it: --allow-target with its address or range.'
  if (address && rules.isAllowed(address)) return parsed

  if (policy.hosts === 'microsoft' && !isMicrosoftHost(hostname))
    refuse('its host is none of Power Automate or Logic Apps, and this server sends to no others (--targets microsoft).')
  if (address && !rules.isPublic(address)) refuse(`its address is none of the public internet. ${wayOut}`)
  // A name may stand for an address that was allowed; whether it does shows when something is delivered.
  const mayBeAllowed = !address && policy.allowed.length > 0
  if (protocol === 'http:' && !mayBeAllowed) refuse(`it begins with http://, where everybody on the way can read along. ${wayOut}`)
  if (INNER_NAME.test(hostname) && !mayBeAllowed && !address) refuse(`its host is a name of somebody's own network. ${wayOut}`)
  const isUsual = port === 443 || port >= FIRST_FREE_PORT
  if (!isUsual && !(mayBeAllowed && protocol === 'http:' && port === 80))
    refuse(`its port ${port} is none that receivers have: 443, or one from ${FIRST_FREE_PORT} on.`)
  return parsed
}
