import type { Secret } from '../kit/secret.ts'

/** Every connection key begins with this; no Pipedrive key does. */
export const CONNECTION_KEY_PREFIX = 'dbk_'
/** A connection key, an owner token or the admin token, as this server generates them. */
const OWN_SECRET = /db[kao]_[\w-]{43}/i

/** Whether a text contains a secret of this server, for example in quotes. */
export const containsDealbridgeSecret = (text: string): boolean => OWN_SECRET.test(text)
/** A key that even begins like one of this server, in any case of its letters, is never sent to Pipedrive. */
export const isNotPipedriveKey = (key: string): boolean => /^db[kao]_/i.test(key) || containsDealbridgeSecret(key)

/** A Credential is what a request sends to authenticate: a Pipedrive key or a connection key, and the connection id in its path. */
export interface Credential {
  /** Missing only if a trigger state may authenticate the caller. */
  key?: Secret
  /** From `/apim/pipedrive/{connectionId}`. */
  connectionId?: string
}
