import type { KeyRing } from '../kit/key-ring.ts'
import { Secret } from '../kit/secret.ts'

/** A SealedColumn is where secrets lie sealed: in rows with an `id`. `purpose` keeps what was sealed for one use from opening as another. */
export interface SealedColumn {
  table: 'connections' | 'accounts' | 'subscriptions'
  column: 'sealed_key' | 'sealed_target' | 'sealed_signing_key'
  purpose: string
}

const API_KEY = 'pipedrive-api-key'

/** Every one of them: rotations seal them anew, and a start looks whether the ring still opens them. */
export const sealedColumns = {
  connectionKey: { table: 'connections', column: 'sealed_key', purpose: API_KEY },
  accountKey: { table: 'accounts', column: 'sealed_key', purpose: API_KEY },
  target: { table: 'subscriptions', column: 'sealed_target', purpose: 'callback-url' },
  signingKey: { table: 'subscriptions', column: 'sealed_signing_key', purpose: 'signing-key' },
} as const satisfies Record<string, SealedColumn>

const placeOf = ({ table }: SealedColumn, id: string): string => `${table}/${id}`

/** Sealed for this row, a secret opens in no other one. */
export const sealFor = (ring: KeyRing, column: SealedColumn, id: string, secret: Secret): string =>
  ring.seal(column.purpose, placeOf(column, id), secret.reveal())

/** Throws SealKeyUnknown or SealBroken. */
export const openFrom = (ring: KeyRing, column: SealedColumn, id: string, sealed: string): Secret =>
  new Secret(ring.open(column.purpose, placeOf(column, id), sealed))
