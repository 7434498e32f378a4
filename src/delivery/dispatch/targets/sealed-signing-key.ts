import { randomBytes } from 'node:crypto'
import { openFrom, sealedColumns, sealFor } from '../../../connections/sealed-columns.ts'
import type { KeyRing } from '../../../kit/key-ring.ts'
import { Secret } from '../../../kit/secret.ts'

/** Standard Webhooks wants 24 to 64. */
const KEY_BYTES = 32

/** As Standard Webhooks writes them: `whsec_` and base64. */
export const newSigningKey = (): Secret => new Secret(`whsec_${randomBytes(KEY_BYTES).toString('base64')}`)

/** Sealed for this subscription, a signing key opens in no other row. */
export const sealSigningKey = (ring: KeyRing, subscriptionId: string, key: Secret): string =>
  sealFor(ring, sealedColumns.signingKey, subscriptionId, key)

/** Throws SealKeyUnknown or SealBroken. */
export const openSigningKey = (ring: KeyRing, subscriptionId: string, sealed: string): Secret =>
  openFrom(ring, sealedColumns.signingKey, subscriptionId, sealed)
