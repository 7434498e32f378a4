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
import { setsOf } from './manage-keys.ts'
import { connectionKeyHash } from './new-credentials.ts'
import { SYSTEM, writeAudit } from './registry-deps.ts'
import { openApiKey } from './sealed-keys.ts'

/** `last_used_at` helps people find unused keys; it is not worth a write for each call. */
const LAST_USED_EVERY_MS = 60_000
/** The last use of other keys is written again. */
const NOTED_MAX = 10_000

/** NamedConnections resolves connection keys to principals. It reads the store for each call, so that a revoked key stops working at once. */
export interface NamedConnections {
  /** Throws ConnectionKeyRefused, TooManyRefusedKeys, StoreUnavailable … */
  byKey(key: Secret, connectionId: string | undefined, address: string): Promise<Principal>
  byKeyId(keyId: string): Promise<Principal>
  /** For background work, which has no connection key. */
  byId(connectionId: string): Promise<Principal>
  /** Whether the connection needed attention when the call began. */
  neededAttention(principal: Principal): boolean
  /** Marks the connection as working after a successful call. Never fails. */
  recordSuccess(principal: Principal): Promise<void>
  /** Stores why the connection needs attention, if the error shows it. Never fails. */
  recordFailure(principal: Principal, error: unknown): Promise<void>
  /** Waits for pending writes. */
  close(): Promise<void>
}

export interface NamedConnectionsDeps {
  store: Store
  ring: KeyRing
  clock: Clock
  logger: Logger
  throttle: AuthThrottle
}

/** A ConnectionLookup is the row of a connection, and the connection key of the call. */
interface ConnectionLookup extends FoundConnectionRow {
  keyId: string
  keyUsedAt: Date | null
  keySets: string | null
  keyReadOnly: boolean
}
interface FoundConnectionRow {
  id: string
  name: string
  companyId: number
  sealed: string
  state: 'ok' | 'needs_attention'
  reason: string | null
}

const principalIdOf = (connectionId: string): string => `connection:${connectionId}`

export function createNamedConnections({ store, ring, clock, logger, throttle }: NamedConnectionsDeps): NamedConnections {
  const rowOf = new WeakMap<Principal, FoundConnectionRow>()
  const lastNotedAt = new LRUCache<string, number>({ max: NOTED_MAX })
  const writing = new Set<Promise<void>>()

  const find = (column: 'id' | 'key_hash', value: string): Promise<ConnectionLookup | undefined> =>
    store.db
      .selectFrom('connection_keys as k')
      .innerJoin('connections as c', 'c.id', 'k.connection_id')
      .select([
        'k.id as keyId',
        'k.last_used_at as keyUsedAt',
        'k.sets as keySets',
        'k.read_only as keyReadOnly',
        'c.id',
        'c.name',
        'c.company_id as companyId',
        'c.sealed_key as sealed',
        'c.state',
        'c.reason',
      ])
      .where(`k.${column}`, '=', value)
      .executeTakeFirst()

  /** Logs the connection: the request's own log line does not have it yet. */
  function openKey({ id, sealed }: FoundConnectionRow): Secret {
    try {
      return openApiKey(ring, id, sealed)
    } catch (error) {
      logger.error({ connection: id, reason: (error as Error).message }, 'API key of a connection could not be unsealed')
      throw error
    }
  }

  function principalFor(found: ConnectionLookup): Principal {
    const { id, name, keyId, companyId, keySets, keyReadOnly } = found
    const principal: Principal = {
      key: openKey(found),
      principal: principalIdOf(id),
      companyId,
      connection: { id, name, keyId, sets: setsOf(keySets), readOnly: keyReadOnly },
    }
    rowOf.set(principal, found)
    noteUse(found)
    return principal
  }

  /** In the background: the call neither waits for this nor fails with it. */
  function noteUse({ keyId, keyUsedAt, id }: ConnectionLookup): void {
    const last = Math.max(keyUsedAt?.getTime() ?? -Infinity, lastNotedAt.get(keyId) ?? -Infinity)
    if (clock.now() - last < LAST_USED_EVERY_MS) return
    lastNotedAt.set(keyId, clock.now())
    const at = { last_used_at: new Date(clock.now()) }
    inBackground('last use of a connection key not stored', async () => {
      await store.db.updateTable('connection_keys').set(at).where('id', '=', keyId).execute()
      await store.db.updateTable('connections').set(at).where('id', '=', id).execute()
    })
  }

  async function logFailure(what: string, write: () => Promise<unknown>): Promise<void> {
    try {
      await write()
    } catch (error) {
      logger.warn({ reason: storeReason(error) }, what)
    }
  }
  function inBackground(what: string, write: () => Promise<unknown>): void {
    const done = logFailure(what, write).finally(() => writing.delete(done))
    writing.add(done)
  }

  /** Changes the row only if it still holds the API key of the call: the result says nothing about a newer key. */
  const setState = (principal: Principal, state: ConnectionLookup['state'], reason: string | null) =>
    logFailure('connection state not stored', async () => {
      const found = rowOf.get(principal)
      if (!found) return
      const { id } = found
      const values = { state, reason, checked_at: new Date(clock.now()) }
      await store.transaction(async (trx) => {
        const update = () => trx.updateTable('connections').set(values).where('id', '=', id).where('sealed_key', '=', found.sealed)
        // If several calls report the same at once, the first one changes the state.
        const changed = await update().where('state', '<>', state).returning('id').executeTakeFirst()
        if (!changed) return void (await update().execute())
        const from = state === 'ok' ? 'needs_attention' : 'ok'
        await writeAudit(trx, clock, SYSTEM, { action: 'connection.state', subject: id, details: { state: { from, to: state } } })
        logger[state === 'ok' ? 'info' : 'warn']({ connection: id, state, reason }, 'connection state changed')
      })
    })

  return {
    async byKey(key, connectionId, address) {
      const hash = connectionKeyHash(key)
      const found = await find('key_hash', hash)
      if (!found) {
        // Only now: a valid connection key cannot be guessed, and passes even if its address is throttled.
        throttle.refuse(hash, address)
        throw new ConnectionKeyRefused(
          'This server does not know this connection key: it is mistyped, was revoked, or its connection was removed.',
        )
      }
      if (connectionId !== undefined && connectionId !== found.id)
        throw new ConnectionKeyRefused(
          'This connection key belongs to a different connection than the one in the path (/apim/pipedrive/…).',
          'Correct the id in the URL (dealbridge connections list shows the ids), or send a key of that connection.',
        )
      return principalFor(found)
    },
    async byKeyId(keyId) {
      const found = await find('id', keyId)
      if (!found) throw new ConnectionKeyRefused('The connection key that started this trigger was revoked, or its connection was removed.')
      return principalFor(found)
    },
    async byId(connectionId) {
      const found = await store.db
        .selectFrom('connections')
        .select(['id', 'name', 'company_id as companyId', 'sealed_key as sealed', 'state', 'reason'])
        .where('id', '=', connectionId)
        .executeTakeFirst()
      if (!found) throw new ConnectionKeyRefused('The connection was removed.')
      const { id, name, companyId } = found
      const principal: Principal = {
        key: openKey(found),
        principal: principalIdOf(id),
        companyId,
        connection: { id, name, keyId: '', sets: null, readOnly: false },
      }
      rowOf.set(principal, found)
      return principal
    },
    neededAttention: (principal) => rowOf.get(principal)?.state === 'needs_attention',
    async recordSuccess(principal) {
      if (rowOf.get(principal)?.state === 'needs_attention') await setState(principal, 'ok', null)
    },
    async recordFailure(principal, error) {
      const reason = attentionReasonOf(error)
      if (reason !== undefined && reason !== rowOf.get(principal)?.reason) await setState(principal, 'needs_attention', reason)
    },
    async close() {
      await Promise.all(writing)
    },
  }
}
