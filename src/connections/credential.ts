import type { Secret } from '../kit/secret.ts'

/** Every connection key begins with this; no key of Pipedrive's does. */
export const CONNECTION_KEY_PREFIX = 'dbk_'
/** A connection key, an owner's token or the admin's, as this server makes them. */
const OWN_SECRET = /db[kao]_[\w-]{43}/

/** Whether a text holds a secret of this server, perhaps in quotes. */
export const containsDealbridgeSecret = (text: string): boolean => OWN_SECRET.test(text)
/** What is sent as a key of Pipedrive's may not even begin like one of ours: Pipedrive would see it. */
export const isNotPipedriveKey = (key: string): boolean => /^db[kao]_/.test(key) || containsDealbridgeSecret(key)

/** A Credential is what a request shows of itself: a key of Pipedrive's or of a connection, and the connection that its path names. */
export interface Credential {
  /** Missing only where a trigger state may speak for the caller. */
  key?: Secret
  /** From `/apim/pipedrive/{connectionId}`. */
  connectionId?: string
}
