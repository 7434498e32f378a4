import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { manualClock } from '../../src/kit/clock.ts'
import { parseKeyRing } from '../../src/kit/key-ring.ts'
import { noMetrics } from '../../src/kit/metrics.ts'
import { Secret } from '../../src/kit/secret.ts'
import { createConnections } from '../../src/connections/connections.ts'
import type { Owner } from '../../src/connections/registry.ts'
import { KeyRefused } from '../../src/pipedrive/errors/key-refused.ts'
import { onNoEngine, onEveryEngine } from '../../src/store/engines.fixture.ts'
import type { Store } from '../../src/store/store.ts'
import { ADDRESS, admin, ALICE, BOB, createConnectionsFixture, ringKey, type ConnectionsFixture } from './connections-fixture.ts'

onEveryEngine('named connections', (newStore) => {
  let store: Store
  let fixture: ConnectionsFixture
  let owner: Owner
  let others = 0
  beforeAll(async () => {
    store = await newStore()
    fixture = createConnectionsFixture(store)
    owner = { id: (await fixture.registry.addOwner(admin, { name: 'owner' })).id, name: 'owner', admin: false }
  })
  afterEach(() => {
    fixture.sandbox.faults.clear()
    fixture = createConnectionsFixture(store, { shared: fixture })
  })
  afterAll(async () => {
    await fixture.connections.close()
    await store.close()
  })
  const connect = (apiKey = ALICE) => fixture.connect(owner, `connection ${++others}`, apiKey)
  const view = (id: string) => fixture.registry.getConnection(owner, id)

  describe('a connection key', () => {
    test('stands for its connection, with its path and without one', async () => {
      const { id, key, keyId } = await connect()
      const acting = await fixture.call(key)
      expect(acting).toMatchObject({ principal: `connection:${id}`, connection: { id, keyId } })
      expect(acting.key.reveal()).toBe(ALICE.reveal())
      expect(fixture.connections.labelOf(acting)).toBe(id.slice(0, 12))
      expect(await fixture.call(key, id)).toEqual(acting)
      expect(await fixture.connections.resolveKeyId(keyId)).toEqual(acting)
    })

    test("is refused under the path of another connection, and a key of Pipedrive's under any", async () => {
      const [one, two] = [await connect(), await connect()]
      await expect(fixture.call(one.key, two.id)).rejects.toMatchObject({ status: 401, code: 'ConnectionKeyRefused' })
      await expect(fixture.call(ALICE, two.id)).rejects.toMatchObject({ status: 401, code: 'ConnectionKeyRefused' })
    })

    test('ends at once when it is revoked, also for triggers, and the others of the connection go on', async () => {
      const { id, key, keyId } = await connect()
      const other = await fixture.registry.addKey(owner, { connectionId: id, name: 'another' })
      await fixture.call(key)
      await fixture.registry.removeKey(owner, keyId)
      await expect(fixture.call(key)).rejects.toMatchObject({ code: 'ConnectionKeyRefused' })
      await expect(fixture.connections.resolveKeyId(keyId)).rejects.toMatchObject({ code: 'ConnectionKeyRefused' })
      await fixture.call(new Secret(other.key))
    })

    test('that is none never reaches Pipedrive, and guessing is slowed down by address', async () => {
      const { key } = await connect()
      await fixture.call(key)
      const asked = fixture.sandbox.requests().length
      for (let n = 0; n < 20; n++)
        await expect(fixture.call(new Secret(`dbk_${n}`))).rejects.toMatchObject({ status: 401, code: 'ConnectionKeyRefused' })
      await expect(fixture.call(new Secret('dbk_guess'))).rejects.toMatchObject({ status: 429, code: 'TooManyRefusedKeys' })
      await expect(fixture.call(new Secret('dbk_guess'), undefined, '203.0.113.2')).rejects.toMatchObject({ code: 'ConnectionKeyRefused' })
      expect(fixture.sandbox.requests().length).toBe(asked)
      await fixture.call(key)
    })

    test('passes while others behind its address are guessing, in a process that has never seen it too', async () => {
      const { key } = await connect()
      const other = createConnectionsFixture(store, { shared: fixture })
      for (let n = 0; n < 21; n++) await expect(other.call(new Secret(`dbk_${n}`))).rejects.toMatchObject({ source: 'connector' })
      await other.call(key)
    })

    test('in quotes, or a token in its place, is refused without being shown to Pipedrive', async () => {
      const { key } = await connect()
      const { token } = await fixture.registry.addOwner(admin, { name: `owner ${++others}` })
      const asked = fixture.sandbox.requests().length
      for (const pasted of [`"${key.reveal()}"`, token, 'dba_of-the-admin'])
        await expect(fixture.call(new Secret(pasted))).rejects.toMatchObject({
          code: 'ApiKeyMissing',
          message: expect.not.stringContaining(pasted) as string,
        })
      expect(fixture.sandbox.requests().length).toBe(asked)
    })

    test("notes its last use once a minute, and the connection's with it", async () => {
      const { id, key } = await connect()
      const used = async () => {
        await fixture.connections.close()
        const [keyView] = await fixture.registry.listKeys(owner, id)
        return [keyView?.lastUsedAt, (await view(id)).lastUsedAt]
      }
      const first = new Date(fixture.clock.now()).toISOString()
      await fixture.call(key)
      expect(await used()).toEqual([first, first])
      fixture.clock.advance(59_000)
      await fixture.call(key)
      expect(await used()).toEqual([first, first])
      fixture.clock.advance(1_000)
      await fixture.call(key)
      const later = new Date(fixture.clock.now()).toISOString()
      expect(await used()).toEqual([later, later])
    })

    test('of a connection whose ring key is missing fails with a line in the log that says which connection', async () => {
      const { id, key } = await connect()
      const lines: string[] = []
      const logger = pino({ base: undefined }, { write: (line: string) => void lines.push(line) })
      const other = createConnectionsFixture(store, { shared: fixture, ring: parseKeyRing(ringKey('other', 9)), logger })
      await expect(other.call(key)).rejects.toMatchObject({ status: 503, code: 'SealKeyUnknown' })
      expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
        { connection: id, reason: expect.stringContaining('"first"') as string },
      ])
    })

    test('takes a new API key of its connection at the next call', async () => {
      const { id, key } = await connect()
      await fixture.call(key)
      await fixture.registry.changeConnection(owner, id, { apiKey: BOB })
      expect((await fixture.call(key)).key.reveal()).toBe(BOB.reveal())
    })
  })

  describe('a connection whose key Pipedrive refuses', () => {
    const needsAttention = { status: 401, code: 'ConnectionNeedsAttention' }

    test('needs attention, says so to its callers without asking again, and is well after a test', async () => {
      const { id, key } = await connect()
      const { name } = await view(id)
      fixture.refuseAll()
      await expect(fixture.call(key)).rejects.toMatchObject(needsAttention)
      expect(await view(id)).toMatchObject({ state: 'needs_attention', reason: expect.stringMatching(/Copy the current key/) as string })
      const asked = fixture.sandbox.requests().length
      await expect(fixture.call(key)).rejects.toThrow(new RegExp(`"${name}".*dealbridge connections change ${id} --key`))
      expect(fixture.sandbox.requests().length).toBe(asked)
      fixture.sandbox.faults.clear()
      expect(await fixture.registry.testConnection(owner, id)).toMatchObject({ state: 'ok' })
      await fixture.call(key)
    })

    test('does not need attention after one 401 that passes, also where the process has just started', async () => {
      const { id, key } = await connect()
      const other = createConnectionsFixture(store, { shared: fixture })
      for (const process of [fixture, other]) {
        fixture.refuseAll(401, 1)
        await process.call(key)
      }
      expect(await view(id)).toMatchObject({ state: 'ok', reason: null })
    })

    test('is well by itself at the next call that succeeds, in every process', async () => {
      const { id, key } = await connect()
      const other = createConnectionsFixture(store, { shared: fixture })
      fixture.refuseAll()
      await expect(fixture.call(key)).rejects.toMatchObject(needsAttention)
      await expect(other.call(key)).rejects.toMatchObject(needsAttention)
      fixture.sandbox.faults.clear()
      fixture.clock.advance(5 * 60_000 + 1)
      await other.call(key)
      expect(await view(id)).toMatchObject({ state: 'ok', reason: null })
      await fixture.call(key)
    })

    test('is in the audit log of its owner once for each change of its state, for any number of calls', async () => {
      const { id, key } = await connect()
      const other = createConnectionsFixture(store, { shared: fixture })
      fixture.refuseAll()
      await Promise.allSettled([fixture.call(key), fixture.call(key), other.call(key), other.call(key)])
      fixture.sandbox.faults.clear()
      fixture.clock.advance(5 * 60_000 + 1)
      await Promise.all([fixture.call(key), other.call(key)])
      const entriesOf = async (who: Owner) =>
        (await fixture.registry.listAudit(who, {})).filter(({ subject, owner: by }) => subject === id && by === 'system')
      const entries = await entriesOf(owner)
      expect(entries.map(({ action, details }) => ({ action, ...details }))).toEqual([
        { action: 'connection.state', state: { from: 'needs_attention', to: 'ok' } },
        { action: 'connection.state', state: { from: 'ok', to: 'needs_attention' } },
      ])
      expect(await entriesOf(admin)).toEqual(entries)
      expect(await entriesOf({ id: 'somebody', name: 'else', admin: false })).toEqual([])
    })

    test('works at once when it gets a new key, in every process, and a late refusal of the old key does not spoil it', async () => {
      const { id, key } = await connect()
      const other = createConnectionsFixture(store, { shared: fixture })
      fixture.refuseAll()
      const old = await fixture.connections.resolve({ key }, ADDRESS)
      const error: unknown = await fixture.call(key).catch((reason: unknown) => reason)
      await expect(other.call(key)).rejects.toMatchObject(needsAttention)
      fixture.sandbox.faults.clear()
      await fixture.registry.changeConnection(owner, id, { apiKey: BOB })
      await other.call(key)
      await fixture.call(key)
      await fixture.connections.recordFailure((error as Error).cause, old, ADDRESS)
      expect(await view(id)).toMatchObject({ state: 'ok' })
      await fixture.call(key)
    })

    test('makes no guesser of its callers', async () => {
      const { key, id } = await connect()
      const { connection } = await fixture.call(key)
      for (let n = 0; n < 21; n++) {
        const acting = { key: new Secret(`replaced ${n}`), principal: `connection:${id}`, connection: connection! }
        await fixture.connections.recordFailure(new KeyRefused(), acting, ADDRESS)
      }
      await fixture.call(BOB)
    })

    test("because the company's account is blocked needs attention too, and its callers read Pipedrive's reason", async () => {
      const { id, key } = await connect()
      fixture.refuseAll(402, 1)
      await expect(fixture.call(key)).rejects.toMatchObject({ status: 403, code: 'PipedriveAccountBlocked' })
      expect(await view(id)).toMatchObject({ state: 'needs_attention', reason: expect.stringMatching(/Billing/) as string })
      await fixture.call(key)
      expect(await view(id)).toMatchObject({ state: 'ok', reason: null })
    })
  })

  test("the principal of a key of Pipedrive's is the same in all processes of a store, and no other process knows it", async () => {
    const acting = await fixture.call(ALICE)
    expect(acting.connection).toBeUndefined()
    expect((await createConnectionsFixture(store, { shared: fixture }).call(ALICE)).principal).toBe(acting.principal)
    const { clock } = fixture
    const elsewhere = await createConnections({ clock, upstream: 'https://other.test', store }).resolve({ key: ALICE }, ADDRESS)
    const alone = await createConnections({ clock, upstream: 'https://pipedrive.test' }).resolve({ key: ALICE }, ADDRESS)
    expect(new Set([acting.principal, elsewhere.principal, alone.principal, ALICE.reveal()]).size).toBe(4)
  })

  test('the calls of a connection count together, whichever of its keys they bring', async () => {
    const { id, key } = await connect()
    const other = new Secret((await fixture.registry.addKey(owner, { connectionId: id, name: 'another' })).key)
    const hits: string[] = []
    const metrics = { ...noMetrics, limitHit: (limit: string) => void hits.push(limit) }
    const { connections } = createConnectionsFixture(store, { shared: fixture, callsPerMinute: 2, metrics })
    const count = async (of: Secret) => connections.count(await connections.resolve({ key: of }, ADDRESS))
    await count(key)
    await (await count(other)).refund()
    await count(other)
    await expect(count(key)).rejects.toMatchObject({ code: 'RateLimitExceeded' })
    expect(hits).toEqual(['calls'])
    await connections.close()
  })
})

onNoEngine(() => {
  test("without a store connection keys are refused and say why, and keys of Pipedrive's pass", async () => {
    const connections = createConnections({ clock: manualClock(), upstream: 'https://pipedrive.test' })
    const why = { status: 401, code: 'ConnectionKeyRefused', message: expect.stringContaining('--store none') as string }
    await expect(connections.resolve({ key: new Secret('dbk_x') }, ADDRESS)).rejects.toMatchObject(why)
    await expect(connections.resolve({ key: ALICE, connectionId: 'x' }, ADDRESS)).rejects.toMatchObject(why)
    await expect(connections.resolveKeyId('x')).rejects.toMatchObject(why)
    await expect(connections.resolve({}, ADDRESS)).rejects.toMatchObject({ code: 'ApiKeyMissing' })
    expect(await connections.resolve({ key: ALICE }, ADDRESS)).toMatchObject({ key: ALICE })
  })
})
