import { afterAll, beforeAll } from 'vitest'
import type { Config } from '../../src/config/config.ts'
import { silentLogger, type Logger } from '../../src/kit/logger.ts'
import { Secret } from '../../src/kit/secret.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'
import { ALICE, createWorld, type Reply, type Row, type WireError, type World } from '../contract/world.ts'

export const ADMIN = 'the-admin-token-of-these-tests'

/** A ManagedConnector is a whole connector with a store in memory, and a client of its management API. */
export interface ManagedConnector {
  world: World
  store: Store
  /** Calls the management API, by default as the admin. */
  manage<B = Row>(method: string, path: string, body?: unknown, token?: string): Promise<Reply<B>>
  /** Adds a connection with a key. */
  connect(options?: { apiKey?: string; token?: string }): Promise<{ id: string; key: string; keyId: string }>
  /** Adds an owner, and returns the owner's token. */
  newOwner(): Promise<string>
}

/** All tests of a file share one database. */
export function useManagedConnector({
  logger = silentLogger,
  config = {},
}: { logger?: Logger; config?: Partial<Config> } = {}): ManagedConnector {
  let store: Store
  let world: World
  let count = 0
  beforeAll(async () => {
    store = await openStore({ place: { kind: 'memory' }, logger: silentLogger })
    world = await createWorld({ logger, store, config: { adminToken: new Secret(ADMIN), callsPerMinute: 10_000, ...config } })
  })
  afterAll(async () => {
    await world.close()
    await store.close()
  })

  const manage = <B = Row>(method: string, path: string, body?: unknown, token = ADMIN): Promise<Reply<B>> =>
    world.http<B>(path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
  const must = async (method: string, path: string, body: Row, token?: string): Promise<Row> => {
    const reply = await manage<Row & Partial<WireError>>(method, path, body, token)
    if (reply.status >= 300) throw new Error(`${method} ${path}: ${reply.text}`)
    return reply.body
  }
  return {
    get world() {
      return world
    },
    get store() {
      return store
    },
    manage,
    async connect({ apiKey = ALICE, token } = {}) {
      const { id } = await must('POST', '/api/connections', { name: `connection ${++count}`, apiKey }, token)
      const { key, id: keyId } = await must('POST', '/api/keys', { connectionId: id, name: 'flows' }, token)
      return { id: id as string, key: key as string, keyId: keyId as string }
    },
    newOwner: async () => (await must('POST', '/api/owners', { name: `owner ${++count}` }))['token'] as string,
  }
}
