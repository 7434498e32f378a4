import { sql } from 'kysely'
import type { KeyRing } from '../kit/key-ring.ts'
import type { Store } from '../store/store.ts'

/** A MissingRingKey is a key that connections are sealed with, and that this ring does not hold: their calls fail until it is back. */
export interface MissingRingKey {
  keyId: string
  connections: number
}

/** None where all is well. A data folder that was restored without its key file gets a new one at the next start, which opens nothing. */
export async function missingRingKeys(store: Store, ring: KeyRing): Promise<MissingRingKey[]> {
  const rows = await store.db
    .selectFrom('connections')
    .select([sql<string>`split_part(sealed_key, '.', 2)`.as('keyId'), sql<number>`count(*)::int`.as('connections')])
    .groupBy(sql`1`)
    .orderBy(sql`1`)
    .execute()
  return rows.filter(({ keyId }) => !ring.has(keyId))
}
