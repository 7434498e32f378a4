import { sql } from 'kysely'
import { sealKeyId } from '../kit/key-ring-seal.ts'
import type { Owner, Rotation } from './registry.ts'
import { requireAdmin } from './manage-owners.ts'
import { writeAudit, type RegistryDeps } from './registry-deps.ts'
import { openFrom, sealedColumns, sealFor, type SealedColumn } from './sealed-columns.ts'

/** The embedded database runs one statement at a time: calls run between the batches. */
const BATCH = 100

/**
 * Adds a new key to a key ring that is in a file, and seals every row with the first key. If the process dies in between, every row is still
 * sealed with a key of the ring, and the next rotation does the rest.
 */
export async function rotate(deps: RegistryDeps, owner: Owner): Promise<Rotation> {
  requireAdmin(owner)
  const { store, ring, clock } = deps
  const keyId = await store.transaction(async (trx) => {
    // This lock makes processes wait for each other: two that change the file at once would lose a key.
    await trx.selectFrom('settings').select('name').where('name', '=', 'salt').forUpdate().execute()
    const before = ring.signingId
    const renewed = await ring.renew()
    await writeAudit(trx, clock, owner, { action: 'ring.rotate', subject: renewed, details: renewed === before ? {} : { before } })
    return renewed
  })

  let resealed = 0
  const unreadable: string[] = []
  for (const column of Object.values(sealedColumns)) {
    const done = await resealColumn(deps, column, keyId)
    resealed += done.resealed
    // Connections are listed by id, as everywhere; other rows as table/id.
    unreadable.push(...done.unreadable.map((id) => (column.table === 'connections' ? id : `${column.table}/${id}`)))
  }
  return { keyId, resealed, unreadable, olderKeyIds: ring.ids.filter((id) => id !== keyId) }
}

interface SealedRow {
  id: string
  sealed: string
}

async function resealColumn({ store, ring, logger }: RegistryDeps, column: SealedColumn, keyId: string) {
  const table = sql.table(column.table)
  const name = sql.ref(column.column)
  let resealed = 0
  const unreadable: string[] = []
  for (let after = ''; ;) {
    const { rows } = await sql<SealedRow>`
      select id, ${name} as sealed from ${table} where id > ${after} and ${name} is not null order by id limit ${BATCH}`.execute(store.db)
    const fresh = rows.flatMap(({ id, sealed }) => {
      try {
        return sealKeyId(sealed) === keyId ? [] : [{ id, was: sealed, is: sealFor(ring, column, id, openFrom(ring, column, id, sealed)) }]
      } catch (error) {
        logger.warn({ table: column.table, id, reason: (error as Error).message }, 'secret could not be resealed')
        unreadable.push(id)
        return []
      }
    })
    if (fresh.length > 0) {
      await store.transaction(async (trx) => {
        for (const { id, was, is } of fresh) {
          // If the secret was replaced meanwhile, the row keeps the newer one.
          const done = await sql`update ${table} set ${name} = ${is} where id = ${id} and ${name} = ${was} returning id`.execute(trx)
          resealed += done.rows.length
        }
      })
    }
    if (rows.length < BATCH) return { resealed, unreadable }
    after = rows.at(-1)!.id
  }
}
