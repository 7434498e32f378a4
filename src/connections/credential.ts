import type { Secret } from '../kit/secret.ts'

/** Every connection key begins with this; no key of Pipedrive's does. */
export const CONNECTION_KEY_PREFIX = 'dbk_'

/** A Credential is what a request shows of itself: a key of Pipedrive's or of a connection, and the connection that its path names. */
export interface Credential {
  /** Missing only where a trigger state may speak for the caller. */
  key?: Secret
  /** From `/apim/pipedrive/{connectionId}`. */
  connectionId?: string
}
