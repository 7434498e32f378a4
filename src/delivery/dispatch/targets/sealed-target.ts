import type { KeyObject } from 'node:crypto'
import { openFrom, sealedColumns, sealFor } from '../../../connections/sealed-columns.ts'
import type { KeyRing } from '../../../kit/key-ring.ts'
import { Secret } from '../../../kit/secret.ts'

/** Enough to tell two apart, of a signature of 43 characters or more. */
const SHOWN_CHARACTERS = 4
/** A URL with a short end would be shown whole. */
const HIDDEN_AT_LEAST = 8

/** Callback URLs carry what lets a caller in: whoever reads one can start the flow. Sealed for this subscription, one opens in no other row. */
export const sealTarget = (ring: KeyRing, subscriptionId: string, url: Secret): string =>
  sealFor(ring, sealedColumns.target, subscriptionId, url)

/** Throws SealKeyUnknown or SealBroken. */
export const openTarget = (ring: KeyRing, subscriptionId: string, sealed: string): Secret =>
  openFrom(ring, sealedColumns.target, subscriptionId, sealed)

/** What people are shown of a callback URL: its host and its last four characters. */
export function targetHint(url: URL): string {
  const rest = url.href.slice(url.origin.length)
  return rest.length < HIDDEN_AT_LEAST + SHOWN_CHARACTERS ? url.host : `${url.host}…${rest.slice(-SHOWN_CHARACTERS)}`
}

/** The same for the same callback URL, on this store only. */
export const targetHash = (salt: KeyObject, url: URL): string => new Secret(`callback-url\0${url.href}`).digest(salt)
