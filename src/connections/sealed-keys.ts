import type { KeyRing } from '../kit/key-ring.ts'
import { Secret } from '../kit/secret.ts'

const PURPOSE = 'pipedrive-api-key'
const placeOf = (connectionId: string): string => `connections/${connectionId}`

/** Sealed for this connection, an API key opens in no other row. */
export const sealApiKey = (ring: KeyRing, connectionId: string, apiKey: Secret): string =>
  ring.seal(PURPOSE, placeOf(connectionId), apiKey.reveal())

/** Throws SealKeyUnknown or SealBroken. */
export const openApiKey = (ring: KeyRing, connectionId: string, sealed: string): Secret =>
  new Secret(ring.open(PURPOSE, placeOf(connectionId), sealed))
