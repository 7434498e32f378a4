import { randomBytes, type KeyObject } from 'node:crypto'
import { openFrom, sealedColumns, sealFor } from '../../../connections/sealed-columns.ts'
import type { KeyRing } from '../../../kit/key-ring.ts'
import { Secret } from '../../../kit/secret.ts'

/** Enough to tell two URLs apart; a signature has 43 characters or more. */
const SHOWN_CHARACTERS = 4
/** The end of a shorter path is not shown: little of the URL would stay hidden. */
const HIDDEN_AT_LEAST = 8
/** Standard Webhooks requires 24 to 64. */
const KEY_BYTES = 32

/** A callback URL is a secret: anyone who has it can start the flow. It is sealed for its subscription, and cannot be opened in another row. */
export const sealTarget = (ring: KeyRing, subscriptionId: string, url: Secret): string =>
  sealFor(ring, sealedColumns.target, subscriptionId, url)

/** Throws SealKeyUnknown or SealBroken. */
export const openTarget = (ring: KeyRing, subscriptionId: string, sealed: string): Secret =>
  openFrom(ring, sealedColumns.target, subscriptionId, sealed)

/** The visible part of a callback URL: its host and its last four characters. */
export function targetHint(url: URL): string {
  const rest = url.href.slice(url.origin.length)
  return rest.length < HIDDEN_AT_LEAST + SHOWN_CHARACTERS ? url.host : `${url.host}…${rest.slice(-SHOWN_CHARACTERS)}`
}

/** Equal for equal callback URLs, in this store only. */
export const targetHash = (salt: KeyObject, url: URL): string => new Secret(`callback-url\0${url.href}`).digest(salt)

/** In the format of Standard Webhooks: `whsec_` and base64. */
export const newSigningKey = (): Secret => new Secret(`whsec_${randomBytes(KEY_BYTES).toString('base64')}`)

/** A signing key is sealed for its subscription, and cannot be opened in another row. */
export const sealSigningKey = (ring: KeyRing, subscriptionId: string, key: Secret): string =>
  sealFor(ring, sealedColumns.signingKey, subscriptionId, key)

/** Throws SealKeyUnknown or SealBroken. */
export const openSigningKey = (ring: KeyRing, subscriptionId: string, sealed: string): Secret =>
  openFrom(ring, sealedColumns.signingKey, subscriptionId, sealed)
