import { LRUCache } from 'lru-cache'
import type { Clock } from '../kit/clock.ts'
import type { KeyRing } from '../kit/key-ring.ts'
import type { Logger } from '../kit/logger.ts'
import type { Secret } from '../kit/secret.ts'
import type { Store } from '../store/store.ts'
import type { Acting } from './acting.ts'
import { reasonOf } from './connection-state.ts'
import { ConnectionKeyRefused } from './errors/connection-key-refused.ts'
import type { GuessGuard } from './guess-guard.ts'
import { connectionKeyHash } from './ids.ts'
import { openApiKey } from './sealed-keys.ts'

/** For people who wonder whether a key is still in use; not worth a write for each call. */
const LAST_USED_EVERY_MS = 60_000
/** Of this many keys it is known when they were noted; others are noted once more. */
const NOTED_MAX = 10_000

/** NamedConnections is how connection keys become the accounts that they stand for. Nothing of it outlives a call: what is revoked ends at once. */
export interface NamedConnections {
  /** Throws ConnectionKeyRefused, TooManyRefusedKeys, StoreUnavailable … */
  byKey(key: Secret, connectionId: string | undefined, address: string): Promise<Acting>
  byKeyId(keyId: string): Promise<Acting>
  /** Whether the connection needed attention when the call began. */
  neededAttention(acting: Acting): boolean
  /** A call of it has succeeded. Never fails. */
  wentWell(acting: Acting): Promise<void>
  /** A call of it has failed: when the failure tells something about the connection, that is kept. Never fails. */
  wentWrong(acting: Acting, error: unknown): Promise<void>
  /** Ends what is still being written. */
  close(): Promise<void>
}

export interface NamedParts {
  store: Store
  ring: KeyRing
  clock: Clock
  logger: Logger
  guard: GuessGuard
}

/** What was read for a call. */
interface Found {
  keyId: string
  keyUsedAt: Date | null
  id: string
  name: string
  companyId: number
  sealed: string
  state: 'ok' | 'needs_attention'
  reason: string | null
}

export function createNamedConnections({ store, ring, clock, logger, guard }: NamedParts): NamedConnections {
  const foundFor = new WeakMap<Acting, Found>()
  const noted = new LRUCache<string, number>({ max: NOTED_MAX })
  const writing = new Set<Promise<void>>()

  const find = (column: 'id' | 'key_hash', value: string): Promise<Found | undefined> =>
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

  function actingOf(found: Found): Acting {
    const { id, name, keyId, companyId } = found
    const acting: Acting = {
      key: openApiKey(ring, id, found.sealed),
      principal: `connection:${id}`,
      companyId,
      connection: { id, name, keyId },
    }
    foundFor.set(acting, found)
    noteUse(found)
    return acting
  }

  /** Beside the call: it neither waits for this nor fails with it. */
  function noteUse({ keyId, keyUsedAt, id }: Found): void {
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
      logger.warn({ reason: (error as Error).message }, what)
    }
  }
  function beside(what: string, write: () => Promise<unknown>): void {
    const done = carefully(what, write).finally(() => writing.delete(done))
    writing.add(done)
  }

  /** Only where the row still holds the API key that this is about: a new one has nothing to do with it. */
  const setState = (acting: Acting, state: Found['state'], reason: string | null) =>
    carefully('the state of a connection could not be kept', async () => {
      const found = foundFor.get(acting)
      if (!found) return
      await store.db
        .updateTable('connections')
        .set({ state, reason, checked_at: new Date(clock.now()) })
        .where('id', '=', found.id)
        .where('sealed_key', '=', found.sealed)
        .execute()
      logger[state === 'ok' ? 'info' : 'warn']({ connection: found.id, state, reason }, 'a connection has changed its state')
    })

  return {
    async byKey(key, connectionId, address) {
      const hash = connectionKeyHash(key)
      guard.check(hash, address)
      const found = await find('key_hash', hash)
      if (!found) {
        guard.refused(hash, address)
        throw new ConnectionKeyRefused('This connection key is not known here: it is mistyped, was revoked, or its connection was removed.')
      }
      guard.accepted(hash)
      if (connectionId !== undefined && connectionId !== found.id)
        throw new ConnectionKeyRefused(`This connection key belongs to another connection than the path names (/apim/pipedrive/…).`)
      return actingOf(found)
    },
    async byKeyId(keyId) {
      const found = await find('id', keyId)
      if (!found)
        throw new ConnectionKeyRefused('The connection key that this trigger was started with was revoked, or its connection removed.')
      return actingOf(found)
    },
    neededAttention: (acting) => foundFor.get(acting)?.state === 'needs_attention',
    async wentWell(acting) {
      if (foundFor.get(acting)?.state === 'needs_attention') await setState(acting, 'ok', null)
    },
    async wentWrong(acting, error) {
      const reason = reasonOf(error)
      if (reason !== undefined && reason !== foundFor.get(acting)?.reason) await setState(acting, 'needs_attention', reason)
    },
    async close() {
      await Promise.all(writing)
    },
  }
}
