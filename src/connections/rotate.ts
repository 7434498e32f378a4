import { sealKeyId } from '../kit/key-ring-seal.ts'
import type { Owner, Rotation } from './registry.ts'
import { mustBeAdmin } from './manage-owners.ts'
import { writeAudit, type RegistryParts } from './registry-parts.ts'
import { openApiKey, sealApiKey } from './sealed-keys.ts'

/** The embedded database does one thing at a time: calls go on between the batches. */
const BATCH = 100

/**
 * Makes the ring's new key, where the ring lies in a file, and seals every row with the first key. Killed in the middle it has done no
 * harm: every row is sealed with a key of the ring, and the next rotation does the rest.
 */
export async function rotate(parts: RegistryParts, owner: Owner): Promise<Rotation> {
  mustBeAdmin(owner)
  const { store, ring, clock, logger } = parts
  const keyId = await store.transaction(async (trx) => {
    // Two processes that renewed one file at once would lose a key: here they queue.
    await trx.selectFrom('settings').select('name').where('name', '=', 'salt').forUpdate().execute()
    const before = ring.signingId
    const renewed = await ring.renew()
    await writeAudit(trx, clock, owner, { action: 'ring.rotate', subject: renewed, details: renewed === before ? {} : { before } })
    return renewed
  })

  let resealed = 0
  const unreadable: string[] = []
  for (let after = ''; ;) {
    const rows = await store.db
      .selectFrom('connections')
      .select(['id', 'sealed_key'])
      .where('id', '>', after)
      .orderBy('id')
      .limit(BATCH)
      .execute()
    const fresh = rows.flatMap(({ id, sealed_key: sealed }) => {
      try {
        return sealKeyId(sealed) === keyId ? [] : [{ id, was: sealed, is: sealApiKey(ring, id, openApiKey(ring, id, sealed)) }]
      } catch (error) {
        logger.warn({ connection: id, reason: (error as Error).message }, 'a connection could not be sealed anew')
        unreadable.push(id)
        return []
      }
    })
    if (fresh.length > 0) {
      await store.transaction(async (trx) => {
        for (const { id, was, is } of fresh) {
          // A key that was exchanged meanwhile is the newer one.
          const done = await trx
            .updateTable('connections')
            .set({ sealed_key: is })
            .where('id', '=', id)
            .where('sealed_key', '=', was)
            .returning('id')
            .execute()
          resealed += done.length
        }
      })
    }
    if (rows.length < BATCH) break
    after = rows.at(-1)!.id
  }
  return { keyId, resealed, unreadable, olderKeyIds: ring.ids.filter((id) => id !== keyId) }
}
