import { sql } from 'kysely'
import type { KeyRing } from '../kit/key-ring.ts'
import type { Store } from '../store/store.ts'
import { sealedColumns, type SealedColumn } from './sealed-columns.ts'

/** A MissingRingKey is a key that something is sealed with, and that this ring does not hold: until it is back, that opens for nobody. How many rows of which table. */
export type MissingRingKey = { keyId: string } & Partial<Record<SealedColumn['table'], number>>

/** None where all is well. A data folder that was restored without its key file gets a new one at the next start, which opens nothing. */
export async function missingRingKeys(store: Store, ring: KeyRing): Promise<MissingRingKey[]> {
  const missing = new Map<string, MissingRingKey>()
  for (const { table, column } of Object.values(sealedColumns)) {
    const name = sql.ref(column)
    const { rows } = await sql<{ keyId: string; count: number }>`
      select split_part(${name}, '.', 2) as "keyId", count(*)::int as count from ${sql.table(table)}
      where ${name} is not null group by 1`.execute(store.db)
    for (const { keyId, count } of rows) {
      if (ring.has(keyId)) continue
      const known = missing.get(keyId)
      missing.set(keyId, { keyId, ...known, [table]: Math.max(known?.[table] ?? 0, count) })
    }
  }
  return [...missing.values()].toSorted((a, b) => (a.keyId < b.keyId ? -1 : 1))
}
