import type { Insertable } from 'kysely'
import { InvalidInput } from '../kit/errors/invalid-input.ts'
import type { Secret } from '../kit/secret.ts'
import type { ConnectionRow } from '../store/tables.ts'
import { identityOfKey, identityOfNewKey, type PipedriveIdentity } from './pipedrive-identity.ts'
import { attentionReasonOf } from './attention-reason.ts'
import { NameTaken } from './errors/name-taken.ts'
import { NotFoundHere } from './errors/not-found-here.ts'
import { OtherCompany } from './errors/other-company.ts'
import { TokenRefused } from './errors/token-refused.ts'
import { newId } from './new-credentials.ts'
import { readName } from './read-name.ts'
import type { ConnectionView, Owner, Registry } from './registry.ts'
import {
  retryOnDeadlock,
  isForeignKeyViolation,
  isUniqueViolation,
  writeAudit,
  type RegistryDeps,
  type StoreTransaction,
} from './registry-deps.ts'
import { openApiKey, sealApiKey } from './sealed-keys.ts'

type ConnectionMethods = Pick<
  Registry,
  'listConnections' | 'getConnection' | 'addConnection' | 'changeConnection' | 'testConnection' | 'removeConnection'
>

export function manageConnections(deps: RegistryDeps): ConnectionMethods {
  const { store, ring, client, clock, logger, checkCompany, beforeRemoval } = deps
  const now = () => new Date(clock.now())

  async function find(owner: Owner, id: string): Promise<ConnectionRow> {
    const row = await store.db
      .selectFrom('connections')
      .selectAll()
      .where('id', '=', id)
      .where('owner_id', '=', owner.id)
      .executeTakeFirst()
    if (!row) throw new NotFoundHere('connection', id)
    return row
  }

  /** Runs before the request to Pipedrive, so that a taken name costs no tokens; the unique constraint decides. */
  async function checkName(owner: Owner, name: string, except = ''): Promise<void> {
    const taken = await store.db
      .selectFrom('connections')
      .select('id')
      .where('owner_id', '=', owner.id)
      .where('name', '=', name)
      .where('id', '<>', except)
      .executeTakeFirst()
    if (taken) throw new NameTaken('connection', name)
  }

  /** Changes one row and writes its audit entry; undefined if the row was removed or no longer holds `sealedKey`. */
  async function change(
    owner: Owner,
    { id, name }: ConnectionRow,
    values: Partial<Insertable<ConnectionRow>>,
    about: { action: string; details: Record<string, unknown> } | undefined,
    sealedKey?: string,
  ): Promise<ConnectionView | undefined> {
    try {
      return await store.transaction(async (trx) => {
        const row = await trx
          .updateTable('connections')
          .set(values)
          .where('id', '=', id)
          .where('owner_id', '=', owner.id)
          .$if(sealedKey !== undefined, (query) => query.where('sealed_key', '=', sealedKey!))
          .returningAll()
          .executeTakeFirst()
        if (!row) return undefined
        if (about) await writeAudit(trx, clock, owner, { ...about, subject: id })
        return viewOf(row)
      })
    } catch (error) {
      if (isUniqueViolation(error)) throw new NameTaken('connection', values.name ?? name)
      throw error
    }
  }

  /** Drops what the client caches for a key that is no longer in use. */
  function forget({ id, sealed_key }: ConnectionRow): void {
    try {
      client.forget(openApiKey(ring, id, sealed_key))
    } catch (error) {
      logger.debug({ connection: id, reason: (error as Error).message }, 'old key of a connection could not be opened')
    }
  }

  async function testConnection(owner: Owner, id: string): Promise<ConnectionView> {
    const row = await find(owner, id)
    let found: Partial<Insertable<ConnectionRow>> & Pick<ConnectionRow, 'state'>
    try {
      const account = await identityOfKey(client, openApiKey(ring, id, row.sealed_key), true)
      checkCompany(account.company_id)
      found = { ...account, state: 'ok', reason: null, checked_at: now() }
    } catch (error) {
      const reason = attentionReasonOf(error)
      // If Pipedrive cannot be reached, or a ring key is missing, the state of the connection is unknown.
      if (!reason) throw error
      found = { state: 'needs_attention', reason, checked_at: now() }
    }
    const details = { state: { from: row.state, to: found.state } }
    const about = found.state === row.state ? undefined : { action: 'connection.test', details }
    // If the key was replaced or resealed meanwhile, the result is about the old one.
    return (await change(owner, row, found, about, row.sealed_key)) ?? testConnection(owner, id)
  }

  return {
    async listConnections(owner) {
      const rows = await store.db.selectFrom('connections').selectAll().where('owner_id', '=', owner.id).orderBy('name').execute()
      return rows.map(viewOf)
    },

    getConnection: async (owner, id) => viewOf(await find(owner, id)),

    async addConnection(owner, given) {
      const name = readName(given.name, given.apiKey)
      await checkName(owner, name)
      const account = await identityOfNewKey(deps, owner, given.apiKey)
      checkCompany(account.company_id)
      const id = newId()
      const row: ConnectionRow = {
        id,
        owner_id: owner.id,
        name,
        sealed_key: sealApiKey(ring, id, given.apiKey),
        ...account,
        state: 'ok',
        reason: null,
        checked_at: now(),
        created_at: now(),
        last_used_at: null,
      }
      try {
        await store.transaction(async (trx) => {
          await trx.insertInto('connections').values(row).execute()
          await writeAudit(trx, clock, owner, { action: 'connection.add', subject: id, details: { name, ...auditedAccount(account) } })
        })
      } catch (error) {
        if (isUniqueViolation(error)) throw new NameTaken('connection', name)
        if (isForeignKeyViolation(error)) throw new TokenRefused('The owner of this token was removed.')
        throw error
      }
      return viewOf(row)
    },

    async changeConnection(owner, id, changes) {
      if (changes.name === undefined && changes.apiKey === undefined)
        throw new InvalidInput([{ field: 'name', message: 'is missing, and so is apiKey: send a new name, a new apiKey, or both' }])
      const name = changes.name === undefined ? undefined : readName(changes.name, changes.apiKey)
      const row = await find(owner, id)
      if (name !== undefined) await checkName(owner, name, id)
      const renamed = name === undefined || name === row.name ? {} : { name }
      const exchanged = changes.apiKey && (await newKeyFor(owner, row, changes.apiKey))
      const details = {
        ...(renamed.name === undefined ? {} : { name: { from: row.name, to: renamed.name } }),
        ...(exchanged && { apiKey: 'exchanged', ...auditedAccount(exchanged) }),
      }
      const values = { ...(name !== undefined && { name }), ...exchanged }
      const view = await change(owner, row, values, { action: 'connection.change', details })
      if (!view) throw new NotFoundHere('connection', id)
      if (exchanged) forget(row)
      return view
    },

    testConnection,

    async removeConnection(owner, id) {
      await find(owner, id)
      await beforeRemoval(id)
      const remove = async (trx: StoreTransaction): Promise<ConnectionRow> => {
        const keys = await trx.selectFrom('connection_keys').select('id').where('connection_id', '=', id).execute()
        const removed = await trx
          .deleteFrom('connections')
          .where('id', '=', id)
          .where('owner_id', '=', owner.id)
          .returningAll()
          .executeTakeFirst()
        if (!removed) throw new NotFoundHere('connection', id)
        const details = { name: removed.name, keys: keys.length }
        await writeAudit(trx, clock, owner, { action: 'connection.remove', subject: id, details })
        return removed
      }
      forget(await retryOnDeadlock(store, remove))
    },
  }

  async function newKeyFor(owner: Owner, row: ConnectionRow, apiKey: Secret) {
    const account = await identityOfNewKey(deps, owner, apiKey)
    if (account.company_id !== row.company_id)
      throw new OtherCompany({ id: row.company_id, name: row.company_name }, { id: account.company_id, name: account.company_name })
    checkCompany(account.company_id)
    return { ...account, sealed_key: sealApiKey(ring, row.id, apiKey), state: 'ok' as const, reason: null, checked_at: now() }
  }
}

const auditedAccount = ({ company_id, user_id }: PipedriveIdentity) => ({ company: company_id, user: user_id })

const viewOf = (row: ConnectionRow): ConnectionView => ({
  id: row.id,
  name: row.name,
  state: row.state,
  reason: row.reason,
  company: { id: row.company_id, name: row.company_name },
  user: { id: row.user_id, name: row.user_name, email: row.user_email },
  checkedAt: row.checked_at.toISOString(),
  createdAt: row.created_at.toISOString(),
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
})
