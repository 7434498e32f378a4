import type { KeyRing } from '../kit/key-ring.ts'
import { Secret } from '../kit/secret.ts'

/** A SealedColumn is a column of sealed secrets, in rows with an `id`. `purpose` prevents that a secret sealed for one use opens as another. */
export interface SealedColumn {
  table: 'connections' | 'accounts' | 'subscriptions'
  column: 'sealed_key' | 'sealed_target' | 'sealed_signing_key'
  purpose: string
}

const API_KEY = 'pipedrive-api-key'

/** All of them: a rotation reseals them, and a start checks that the key ring opens them. */
export const sealedColumns = {
  connectionKey: { table: 'connections', column: 'sealed_key', purpose: API_KEY },
  accountKey: { table: 'accounts', column: 'sealed_key', purpose: API_KEY },
  target: { table: 'subscriptions', column: 'sealed_target', purpose: 'callback-url' },
  signingKey: { table: 'subscriptions', column: 'sealed_signing_key', purpose: 'signing-key' },
} as const satisfies Record<string, SealedColumn>

const placeOf = ({ table }: SealedColumn, id: string): string => `${table}/${id}`

/** A secret sealed for this row opens in no other row. */
export const sealFor = (ring: KeyRing, column: SealedColumn, id: string, secret: Secret): string =>
  ring.seal(column.purpose, placeOf(column, id), secret.reveal())

/** Throws SealKeyUnknown or SealBroken. */
export const openFrom = (ring: KeyRing, column: SealedColumn, id: string, sealed: string): Secret =>
  new Secret(ring.open(column.purpose, placeOf(column, id), sealed))
