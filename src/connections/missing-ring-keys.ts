import { sql } from 'kysely'
import type { KeyRing } from '../kit/key-ring.ts'
import type { Store } from '../store/store.ts'
import { sealedColumns, type SealedColumn } from './sealed-columns.ts'

/** A MissingRingKey is a key that seals rows and that this ring lacks, with the number of rows by table: they cannot be opened until the key is back. */
export type MissingRingKey = { keyId: string } & Partial<Record<SealedColumn['table'], number>>

/** A sealed text begins with `v1.`, the id of its key (16 characters at most), and a dot. */
const START_LENGTH = 20

/** Empty if every key is on the ring. A data folder that was restored without its key file gets a new one at the next start, which opens nothing. */
export async function missingRingKeys(store: Store, ring: KeyRing): Promise<MissingRingKey[]> {
  const missing = new Map<string, MissingRingKey>()
  for (const { table, column } of Object.values(sealedColumns)) {
    const name = sql.ref(column)
    const { rows } = await sql<{ start: string }>`
      select substr(${name}, 1, ${START_LENGTH}) as start from ${sql.table(table)} where ${name} is not null`.execute(store.db)
    const counts = new Map<string, number>()
    for (const { start } of rows) {
      const keyId = start.split('.')[1] ?? ''
      counts.set(keyId, (counts.get(keyId) ?? 0) + 1)
    }
    for (const [keyId, count] of counts) {
      if (ring.has(keyId)) continue
      const known = missing.get(keyId)
      missing.set(keyId, { keyId, ...known, [table]: Math.max(known?.[table] ?? 0, count) })
    }
  }
  return [...missing.values()].toSorted((a, b) => (a.keyId < b.keyId ? -1 : 1))
}
