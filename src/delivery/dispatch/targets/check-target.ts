import { isIP } from 'node:net'
import { CallbackUrlRefused } from '../../errors/callback-url-refused.ts'
import type { TargetPolicy } from '../../deps.ts'
import { createAddressRules } from './addresses.ts'
import { isMicrosoftHost } from './microsoft-hosts.ts'

/** A callback URL of Power Automate has about 400 characters. */
const LENGTH_MAX = 4_096
/** Lower ports belong to other services: mail, remote shells, old databases. */
const FIRST_UNPRIVILEGED_PORT = 1_024
/** Host names that are valid in a private network only. */
const PRIVATE_NAME = /^[^.]+$|\.(?:localhost|local|internal|intranet|lan|home\.arpa)$/

/** The host of a URL if it is an IP address. */
export const addressOf = ({ hostname }: URL): string | undefined => {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1')
  return isIP(bare) ? bare : undefined
}

/**
 * Checks a callback URL without any request; throws CallbackUrlRefused. It does not resolve the host name: the addresses are checked at each
 * delivery, because they may have changed by then.
 */
export function checkTarget(url: string, policy: TargetPolicy): URL {
  const refuse = (reason: string): never => {
    throw new CallbackUrlRefused(reason)
  }
  if (url.length > LENGTH_MAX) refuse(`it has ${url.length} characters, and the limit is ${LENGTH_MAX}.`)
  // The URL parser removes line ends and tabs silently.
  if (!/^[\x21-\x7e]+$/.test(url)) refuse('it has spaces or characters that are not valid in a URL. Percent-encode them (%20 for a space).')
  const parsed = URL.parse(url)
  if (!parsed || !/^https?:\/\/[^/\\]/i.test(url) || !/^https?:$/.test(parsed.protocol))
    return refuse('it is not a URL that begins with https://.')
  if (parsed.username || parsed.password) refuse('it contains a user or a password. Put what the endpoint needs into the query.')
  if (url.includes('#')) refuse('it has a fragment (#…), which is never sent to a server. Remove it.')

  const { hostname, protocol } = parsed
  if (hostname.endsWith('.')) refuse('its host ends with a dot. Remove it.')
  const port = Number(parsed.port || (protocol === 'http:' ? 80 : 443))
  const address = addressOf(parsed)
  const rules = createAddressRules(policy.allowed)
  const howToAllow = 'The operator of this server can allow it: --allow-target with its address or range.'
  if (address && rules.isAllowed(address)) return parsed

  if (policy.hosts === 'microsoft' && !isMicrosoftHost(hostname))
    refuse('its host does not belong to Power Automate or Logic Apps, and this server sends to no other hosts (--targets microsoft).')
  if (address && !rules.isPublic(address)) refuse(`its address is not on the public internet. ${howToAllow}`)
  // The name may resolve to an allowed address, which is checked at each delivery.
  const mayBeAllowed = !address && policy.allowed.length > 0
  if (protocol === 'http:' && !mayBeAllowed) refuse(`it begins with http://, which is not encrypted. ${howToAllow}`)
  if (PRIVATE_NAME.test(hostname) && !mayBeAllowed && !address) refuse(`its host name belongs to a private network. ${howToAllow}`)
  const isUsualPort = port === 443 || port >= FIRST_UNPRIVILEGED_PORT
  if (!isUsualPort && !(mayBeAllowed && protocol === 'http:' && port === 80))
    refuse(`its port ${port} is not allowed: use 443, or a port from ${FIRST_UNPRIVILEGED_PORT} up.`)
  return parsed
}
