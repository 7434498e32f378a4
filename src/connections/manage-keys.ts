import { Secret } from '../kit/secret.ts'
import type { ConnectionKeyRow } from '../store/tables.ts'
import { NotFoundHere } from './errors/not-found-here.ts'
import { connectionKeyHash, newConnectionKey, newId } from './new-credentials.ts'
import { readName } from './read-name.ts'
import type { KeyView, Registry } from './registry.ts'
import { writeAudit, type RegistryDeps } from './registry-deps.ts'

const HINT_LENGTH = 4

type KeyMethods = Pick<Registry, 'listKeys' | 'addKey' | 'removeKey'>

export function manageKeys({ store, clock }: RegistryDeps): KeyMethods {
  return {
    async listKeys(owner, connectionId) {
      const connections = await store.db
        .selectFrom('connections')
        .select('id')
        .where('owner_id', '=', owner.id)
        .$if(connectionId !== undefined, (query) => query.where('id', '=', connectionId!))
        .execute()
      if (connectionId !== undefined && connections.length === 0) throw new NotFoundHere('connection', connectionId)
      const rows = await store.db
        .selectFrom('connection_keys')
        .innerJoin('connections', 'connections.id', 'connection_keys.connection_id')
        .selectAll('connection_keys')
        .where('connections.owner_id', '=', owner.id)
        .$if(connectionId !== undefined, (query) => query.where('connections.id', '=', connectionId!))
        .orderBy('connections.name')
        .orderBy('connection_keys.created_at')
        .orderBy('connection_keys.id')
        .execute()
      return rows.map(viewOf)
    },

    async addKey(owner, given) {
      const name = readName(given.name)
      const key = newConnectionKey()
      const row: ConnectionKeyRow = {
        id: newId(),
        connection_id: given.connectionId,
        name,
        key_hash: connectionKeyHash(new Secret(key)),
        hint: key.slice(-HINT_LENGTH),
        sets: given.sets?.join(',') ?? null,
        read_only: given.readOnly ?? false,
        created_at: new Date(clock.now()),
        last_used_at: null,
      }
      await store.transaction(async (trx) => {
        // Locked, so that the connection cannot be removed meanwhile.
        const connection = await trx
          .selectFrom('connections')
          .select('id')
          .where('id', '=', given.connectionId)
          .where('owner_id', '=', owner.id)
          .forUpdate()
          .executeTakeFirst()
        if (!connection) throw new NotFoundHere('connection', given.connectionId)
        await trx.insertInto('connection_keys').values(row).execute()
        const details = { connection: connection.id, name, hint: row.hint, sets: row.sets, readOnly: row.read_only }
        await writeAudit(trx, clock, owner, { action: 'key.add', subject: row.id, details })
      })
      return { ...viewOf(row), key }
    },

    async removeKey(owner, id) {
      await store.transaction(async (trx) => {
        const removed = await trx
          .deleteFrom('connection_keys')
          .where('id', '=', id)
          .where('connection_id', 'in', (query) => query.selectFrom('connections').select('id').where('owner_id', '=', owner.id))
          .returningAll()
          .executeTakeFirst()
        if (!removed) throw new NotFoundHere('key', id)
        const details = { connection: removed.connection_id, name: removed.name, hint: removed.hint }
        await writeAudit(trx, clock, owner, { action: 'key.remove', subject: id, details })
      })
    },
  }
}

/** The sets that a key is limited to; null if it has all. */
export const setsOf = (stored: string | null): string[] | null => stored?.split(',') ?? null

const viewOf = (row: ConnectionKeyRow): KeyView => ({
  id: row.id,
  connectionId: row.connection_id,
  name: row.name,
  hint: row.hint,
  sets: setsOf(row.sets),
  readOnly: row.read_only,
  createdAt: row.created_at.toISOString(),
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
})
