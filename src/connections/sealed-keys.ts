import type { KeyRing } from '../kit/key-ring.ts'
import type { Secret } from '../kit/secret.ts'
import { openFrom, sealedColumns, sealFor } from './sealed-columns.ts'

/** An API key sealed for this connection opens in no other row. */
export const sealApiKey = (ring: KeyRing, connectionId: string, apiKey: Secret): string =>
  sealFor(ring, sealedColumns.connectionKey, connectionId, apiKey)

/** Throws SealKeyUnknown or SealBroken. */
export const openApiKey = (ring: KeyRing, connectionId: string, sealed: string): Secret =>
  openFrom(ring, sealedColumns.connectionKey, connectionId, sealed)
