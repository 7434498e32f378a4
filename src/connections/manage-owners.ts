import { InvalidInput } from '../kit/errors/invalid-input.ts'
import { Secret } from '../kit/secret.ts'
import { AdminOnly } from './errors/admin-only.ts'
import { NameTaken } from './errors/name-taken.ts'
import { NotFoundHere } from './errors/not-found-here.ts'
import { newId, newOwnerToken, ownerTokenHash } from './new-credentials.ts'
import { readName } from './read-name.ts'
import type { Owner, OwnerView, Registry } from './registry.ts'
import { retryOnDeadlock, isUniqueViolation, writeAudit, type RegistryDeps, type StoreTransaction } from './registry-deps.ts'

/** A migration creates this row; its token is the admin token of the server. */
export const ADMIN = 'admin'

type OwnerMethods = Pick<Registry, 'listOwners' | 'addOwner' | 'renewOwnerToken' | 'removeOwner'>

export function requireAdmin(owner: Owner): void {
  if (!owner.admin) throw new AdminOnly()
}

export function manageOwners({ store, clock, beforeRemoval }: RegistryDeps): OwnerMethods {
  const views = async (trx: Pick<StoreTransaction, 'selectFrom'>, id?: string): Promise<OwnerView[]> => {
    const rows = await trx
      .selectFrom('owners')
      .leftJoin('connections', 'connections.owner_id', 'owners.id')
      .select(({ fn }) => ['owners.id', 'owners.name', 'owners.created_at', fn.count<number>('connections.id').as('connections')])
      .$if(id !== undefined, (query) => query.where('owners.id', '=', id!))
      .groupBy(['owners.id', 'owners.name', 'owners.created_at'])
      .orderBy('owners.name')
      .execute()
    return rows.map((row) => ({ id: row.id, name: row.name, connections: row.connections, createdAt: row.created_at.toISOString() }))
  }
  const refuseAdmin = (id: string, why: string) => {
    if (id === ADMIN) throw new InvalidInput([{ field: 'id', message: why }])
  }

  return {
    async listOwners(owner) {
      requireAdmin(owner)
      return views(store.db)
    },

    async addOwner(owner, given) {
      requireAdmin(owner)
      const name = readName(given.name)
      const token = newOwnerToken()
      const id = newId()
      const row = { id, name, token_hash: ownerTokenHash(new Secret(token)), created_at: new Date(clock.now()) }
      try {
        await store.transaction(async (trx) => {
          await trx.insertInto('owners').values(row).execute()
          await writeAudit(trx, clock, owner, { action: 'owner.add', subject: id, details: { name } })
        })
      } catch (error) {
        if (isUniqueViolation(error)) throw new NameTaken('owner', name)
        throw error
      }
      return { id, name, connections: 0, createdAt: row.created_at.toISOString(), token }
    },

    async renewOwnerToken(owner, id) {
      requireAdmin(owner)
      refuseAdmin(
        id,
        'is the admin, whose token belongs to the server: change DEALBRIDGE_ADMIN_TOKEN or remove the file admin-token, and restart',
      )
      const token = newOwnerToken()
      return store.transaction(async (trx) => {
        const renewed = await trx
          .updateTable('owners')
          .set({ token_hash: ownerTokenHash(new Secret(token)) })
          .where('id', '=', id)
          .returning('name')
          .executeTakeFirst()
        if (!renewed) throw new NotFoundHere('owner', id)
        await writeAudit(trx, clock, owner, { action: 'owner.renew-token', subject: id, details: { name: renewed.name } })
        const [view] = await views(trx, id)
        return { ...view!, token }
      })
    },

    async removeOwner(owner, id) {
      requireAdmin(owner)
      refuseAdmin(id, 'is the admin, who cannot be removed')
      const connections = await store.db.selectFrom('connections').select('id').where('owner_id', '=', id).execute()
      await Promise.all(connections.map((connection) => beforeRemoval(connection.id)))
      const remove = async (trx: StoreTransaction): Promise<void> => {
        const [view] = await views(trx, id)
        const removed = await trx.deleteFrom('owners').where('id', '=', id).returning('id').executeTakeFirst()
        if (!view || !removed) throw new NotFoundHere('owner', id)
        const details = { name: view.name, connections: view.connections }
        await writeAudit(trx, clock, owner, { action: 'owner.remove', subject: id, details })
      }
      await retryOnDeadlock(store, remove)
    },
  }
}
