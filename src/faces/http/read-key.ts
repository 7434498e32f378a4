import { Secret } from '../../kit/secret.ts'
import { ApiKeyMalformed } from './errors/api-key-malformed.ts'
import { ApiKeyMissing } from './errors/api-key-missing.ts'

/** Pipedrive's keys are 40 hex digits, but nothing promises that; what an HTTP header cannot carry unchanged is certainly none. */
const POSSIBLE_KEY = /^[\x21-\x7e]{1,256}$/

/** The Pipedrive API key of a request, from x-api-key, x-api-token or HTTP Basic, in this order. */
export function readKey(headers: Headers): Secret {
  const text = headers.get('x-api-key')?.trim() || headers.get('x-api-token')?.trim() || fromAuthorization(headers.get('authorization'))
  if (!POSSIBLE_KEY.test(text)) throw new ApiKeyMalformed()
  return new Secret(text)
}

function fromAuthorization(header: string | null): string {
  if (!header) throw new ApiKeyMissing()
  const [scheme = '', credentials = ''] = header.trim().split(/\s+/, 2)
  if (scheme.toLowerCase() === 'bearer') throw new ApiKeyMissing('Bearer tokens are not supported yet.')
  if (scheme.toLowerCase() !== 'basic')
    throw new ApiKeyMissing('The header Authorization holds neither HTTP Basic nor anything else known here.')
  const [user, ...password] = Buffer.from(credentials, 'base64').toString('utf8').split(':')
  // The key is never taken from the user name, for user names land in proxies' logs.
  const key = password.join(':').trim()
  if (!key) throw new ApiKeyMissing('HTTP Basic came without a password.')
  if (!user?.trim()) throw new ApiKeyMissing('HTTP Basic came without a user name.')
  return key
}
