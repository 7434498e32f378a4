import type { Credential } from '../../connections/credential.ts'
import { CONNECTION_KEY_PREFIX } from '../../connections/credential.ts'
import { ApiKeyMissing } from '../../connections/errors/api-key-missing.ts'
import { Secret } from '../../kit/secret.ts'
import { ApiKeyMalformed } from './errors/api-key-malformed.ts'

/** Pipedrive's keys are 40 hex digits, but Pipedrive does not promise that. A text that an HTTP header cannot carry unchanged is certainly no key. */
const POSSIBLE_KEY = /^[\x21-\x7e]{1,256}$/

export const isPossibleKey = (text: string): boolean => POSSIBLE_KEY.test(text)

/**
 * The credential of a request: a key from x-api-key, x-api-token or Authorization, in this order, and the connection that its path names.
 * Only a poll may proceed without a key; a malformed key is rejected here.
 */
export function readCredential(headers: Headers, connectionId?: string): Credential {
  const text = headers.get('x-api-key')?.trim() || headers.get('x-api-token')?.trim() || fromAuthorization(headers.get('authorization'))
  const credential: Credential = {}
  if (connectionId !== undefined) credential.connectionId = connectionId
  if (text === undefined) return credential
  if (!isPossibleKey(text)) throw new ApiKeyMalformed()
  credential.key = new Secret(text)
  return credential
}

function fromAuthorization(header: string | null): string | undefined {
  if (!header?.trim()) return undefined
  const [scheme = '', credentials = ''] = header.trim().split(/\s+/, 2)
  switch (scheme.toLowerCase()) {
    case 'bearer':
      // Pipedrive's OAuth tokens, and tokens that gateways add, use the same header.
      if (credentials.startsWith(CONNECTION_KEY_PREFIX)) return credentials
      throw new ApiKeyMissing(`The bearer token is no connection key: those begin with ${CONNECTION_KEY_PREFIX}.`)
    case 'basic':
      return passwordOf(credentials)
    default:
      throw new ApiKeyMissing('The header Authorization holds neither HTTP Basic nor a bearer token.')
  }
}

/** The key is never taken from the user name, because proxies log user names. */
function passwordOf(credentials: string): string {
  const [user, ...password] = Buffer.from(credentials, 'base64').toString('utf8').split(':')
  const key = password.join(':').trim()
  if (!key) throw new ApiKeyMissing('HTTP Basic came without a password.')
  if (!user?.trim()) throw new ApiKeyMissing('HTTP Basic came without a user name.')
  return key
}
