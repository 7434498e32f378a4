import { LRUCache } from 'lru-cache'
import type { Clock } from '../kit/clock.ts'
import type { KeyRing } from '../kit/key-ring.ts'
import type { Logger } from '../kit/logger.ts'
import type { Secret } from '../kit/secret.ts'
import { storeReason } from '../store/store-reason.ts'
import type { Store } from '../store/store.ts'
import type { Principal } from './principal.ts'
import { attentionReasonOf } from './attention-reason.ts'
import { ConnectionKeyRefused } from './errors/connection-key-refused.ts'
import type { AuthThrottle } from './auth-throttle.ts'
import { connectionKeyHash } from './ids.ts'
import { SYSTEM, writeAudit } from './registry-deps.ts'
import { openApiKey } from './sealed-keys.ts'

/** For people who wonder whether a key is still in use; not worth a write for each call. */
const LAST_USED_EVERY_MS = 60_000
/** Of this many keys it is known when they were noted; others are noted once more. */
const NOTED_MAX = 10_000

/** NamedConnections is how connection keys become the accounts that they stand for. Nothing of it outlives a call: what is revoked ends at once. */
export interface NamedConnections {
  /** Throws ConnectionKeyRefused, TooManyRefusedKeys, StoreUnavailable … */
  byKey(key: Secret, connectionId: string | undefined, address: string): Promise<Principal>
  byKeyId(keyId: string): Promise<Principal>
  /** For work that the connection's owner has ordered, and that no call does: nobody shows a key for it. */
  byId(connectionId: string): Promise<Principal>
  /** Whether the connection needed attention when the call began. */
  neededAttention(acting: Principal): boolean
  /** A call of it has succeeded. Never fails. */
  wentWell(acting: Principal): Promise<void>
  /** A call of it has failed: when the failure tells something about the connection, that is kept. Never fails. */
  wentWrong(acting: Principal, error: unknown): Promise<void>
  /** Ends what is still being written. */
  close(): Promise<void>
}

export interface NamedConnectionsDeps {
  store: Store
  ring: KeyRing
  clock: Clock
  logger: Logger
  guard: AuthThrottle
}

/** What was read for a call. */
interface ConnectionLookup extends FoundConnectionRow {
  keyId: string
  keyUsedAt: Date | null
}
interface FoundConnectionRow {
  id: string
  name: string
  companyId: number
  sealed: string
  state: 'ok' | 'needs_attention'
  reason: string | null
}

const principalOf = (connectionId: string): string => `connection:${connectionId}`

export function createNamedConnections({ store, ring, clock, logger, guard }: NamedConnectionsDeps): NamedConnections {
  const foundFor = new WeakMap<Principal, FoundConnectionRow>()
  const noted = new LRUCache<string, number>({ max: NOTED_MAX })
  const writing = new Set<Promise<void>>()

  const find = (column: 'id' | 'key_hash', value: string): Promise<ConnectionLookup | undefined> =>
    store.db
      .selectFrom('connection_keys as k')
      .innerJoin('connections as c', 'c.id', 'k.connection_id')
      .select([
        'k.id as keyId',
        'k.last_used_at as keyUsedAt',
        'c.id',
        'c.name',
        'c.company_id as companyId',
        'c.sealed_key as sealed',
        'c.state',
        'c.reason',
      ])
      .where(`k.${column}`, '=', value)
      .executeTakeFirst()

  /** The caller does not know which connection he uses, and the line about his request has none yet. */
  function unseal({ id, sealed }: FoundConnectionRow): Secret {
    try {
      return openApiKey(ring, id, sealed)
    } catch (error) {
      logger.error({ connection: id, reason: (error as Error).message }, 'the API key of a connection could not be unsealed')
      throw error
    }
  }

  function actingOf(found: ConnectionLookup): Principal {
    const { id, name, keyId, companyId } = found
    const acting: Principal = {
      key: unseal(found),
      principal: principalOf(id),
      companyId,
      connection: { id, name, keyId },
    }
    foundFor.set(acting, found)
    noteUse(found)
    return acting
  }

  /** Beside the call: it neither waits for this nor fails with it. */
  function noteUse({ keyId, keyUsedAt, id }: ConnectionLookup): void {
    const last = Math.max(keyUsedAt?.getTime() ?? -Infinity, noted.get(keyId) ?? -Infinity)
    if (clock.now() - last < LAST_USED_EVERY_MS) return
    noted.set(keyId, clock.now())
    const at = { last_used_at: new Date(clock.now()) }
    beside('the last use of a connection key could not be noted', async () => {
      await store.db.updateTable('connection_keys').set(at).where('id', '=', keyId).execute()
      await store.db.updateTable('connections').set(at).where('id', '=', id).execute()
    })
  }

  async function carefully(what: string, write: () => Promise<unknown>): Promise<void> {
    try {
      await write()
    } catch (error) {
      logger.warn({ reason: storeReason(error) }, what)
    }
  }
  function beside(what: string, write: () => Promise<unknown>): void {
    const done = carefully(what, write).finally(() => writing.delete(done))
    writing.add(done)
  }

  /** Only where the row still holds the API key that this is about: a new one has nothing to do with it. */
  const setState = (acting: Principal, state: ConnectionLookup['state'], reason: string | null) =>
    carefully('the state of a connection could not be kept', async () => {
      const found = foundFor.get(acting)
      if (!found) return
      const { id } = found
      const values = { state, reason, checked_at: new Date(clock.now()) }
      await store.transaction(async (trx) => {
        const update = () => trx.updateTable('connections').set(values).where('id', '=', id).where('sealed_key', '=', found.sealed)
        // Of several calls that find out the same at once, the first one changes the state.
        const changed = await update().where('state', '<>', state).returning('id').executeTakeFirst()
        if (!changed) return void (await update().execute())
        const from = state === 'ok' ? 'needs_attention' : 'ok'
        await writeAudit(trx, clock, SYSTEM, { action: 'connection.state', subject: id, details: { state: { from, to: state } } })
        logger[state === 'ok' ? 'info' : 'warn']({ connection: id, state, reason }, 'a connection has changed its state')
      })
    })

  return {
    async byKey(key, connectionId, address) {
      const hash = connectionKeyHash(key)
      const found = await find('key_hash', hash)
      if (!found) {
        // Not before: nobody guesses a key of ours, and a good one passes, whatever else comes from its address.
        guard.check(hash, address)
        guard.refused(hash, address)
        throw new ConnectionKeyRefused('This connection key is not known here: it is mistyped, was revoked, or its connection was removed.')
      }
      if (connectionId !== undefined && connectionId !== found.id)
        throw new ConnectionKeyRefused(
          'This connection key belongs to another connection than the path names (/apim/pipedrive/…).',
          'Correct the id in the URL (dealbridge connections list shows the ids), or send a key of that connection.',
        )
      return actingOf(found)
    },
    async byKeyId(keyId) {
      const found = await find('id', keyId)
      if (!found)
        throw new ConnectionKeyRefused('The connection key that this trigger was started with was revoked, or its connection removed.')
      return actingOf(found)
    },
    async byId(connectionId) {
      const found = await store.db
        .selectFrom('connections')
        .select(['id', 'name', 'company_id as companyId', 'sealed_key as sealed', 'state', 'reason'])
        .where('id', '=', connectionId)
        .executeTakeFirst()
      if (!found) throw new ConnectionKeyRefused('The connection was removed.')
      const { id, name, companyId } = found
      const acting: Principal = { key: unseal(found), principal: principalOf(id), companyId, connection: { id, name, keyId: '' } }
      foundFor.set(acting, found)
      return acting
    },
    neededAttention: (acting) => foundFor.get(acting)?.state === 'needs_attention',
    async wentWell(acting) {
      if (foundFor.get(acting)?.state === 'needs_attention') await setState(acting, 'ok', null)
    },
    async wentWrong(acting, error) {
      const reason = attentionReasonOf(error)
      if (reason !== undefined && reason !== foundFor.get(acting)?.reason) await setState(acting, 'needs_attention', reason)
    },
    async close() {
      await Promise.all(writing)
    },
  }
}
