import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { missingRingKeys } from '../../src/connections/missing-ring-keys.ts'
import { ACTIVE_SUBSCRIPTIONS_MAX } from '../../src/delivery/subscriptions/save-subscription.ts'
import { withSourceLease } from '../../src/delivery/queue/source-lease.ts'
import { sweepAccounts } from '../../src/delivery/subscriptions/delete-unused-accounts.ts'
import { parseKeyRing } from '../../src/kit/key-ring.ts'
import { silentLogger } from '../../src/kit/logger.ts'
import { onNoEngine, onEveryEngine, onPostgres } from '../../src/store/engines.fixture.ts'
import type { Store } from '../../src/store/store.ts'
import { ALICE, BOB, CONNECTOR, createWorld, type Reply, type Row, type World } from '../contract/world.ts'
import { deleteAccounts } from './delivery-world.ts'

const CALLBACK = 'https://prod-1.westeurope.logic.azure.com/workflows/1/triggers/new/run?api-version=2016-10-01&sig=SIGNATURE-OF-THE-FLOW'
const DEALS = '/subscriptions/TrigNewDealV2'

onEveryEngine('subscribing over HTTP', (newStore) => {
  let store: Store
  let world: World
  beforeAll(async () => (store = await newStore()))
  afterAll(() => store.close())
  beforeEach(async () => {
    await deleteAccounts(store)
    world = await createWorld({ store, config: { publicUrl: CONNECTOR, callsPerMinute: 10_000 } })
  })

  const subscribe = (path = DEALS, body: Row = {}, key = ALICE): Promise<Reply> =>
    world.http(path, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      body: JSON.stringify({ callbackUrl: CALLBACK, ...body }),
    })
  const end = (location: string | null) => world.http(location!, { method: 'DELETE' })
  const rows = () => store.db.selectFrom('subscriptions').selectAll().orderBy('created_at').execute()
  const live = async () => (await rows()).filter(({ state }) => state !== 'ended')
  const locationOf = ({ headers }: Reply) => headers.get('location')
  const addDelivery = async () => {
    const [source] = await store.db.selectFrom('sources').selectAll().execute()
    const [subscription] = await live()
    const event = { happening: 'added', origin: 'webhook' as const, as_of: null, twin: null, payload: '{"id":1}', created_at: new Date() }
    const { seq } = await store.db
      .insertInto('events')
      .values({ ...event, id: `e${Math.random()}`, identity: `i${Math.random()}`, source_id: source!.id, record_id: '1' })
      .returning('seq')
      .executeTakeFirstOrThrow()
    await store.db
      .insertInto('deliveries')
      .values({
        id: `d${seq}`,
        subscription_id: subscription!.id,
        event_seq: seq,
        record_id: '1',
        state: 'pending',
        next_at: new Date(world.clock.now() + 3_600_000),
        last_status: null,
        last_reason: null,
        created_at: new Date(),
        ended_at: null,
      })
      .execute()
  }
  const deliveries = () => store.db.selectFrom('deliveries').selectAll().execute()

  test('the response has a Location that ends the subscription without any header', async () => {
    const reply = await subscribe(DEALS, { pipeline_id: '1', stage_id: 2 })
    expect(reply.status, reply.text).toBe(201)
    expect(locationOf(reply)).toMatch(/^https:\/\/connector\.test\/subscriptions\/TrigNewDealV2\/[\w-]{43}$/)
    expect(reply.body).toEqual({
      id: expect.stringMatching(/^[\da-f]{32}$/),
      trigger: 'TrigNewDealV2',
      connection: null,
      filters: { pipeline_id: 1, stage_id: 2 },
      format: 'record',
      callback: 'prod-1.westeurope.logic.azure.com…FLOW',
      state: 'active',
      mode: 'webhook',
      modeReason: null,
      notice: expect.stringContaining('is kept, encrypted, until the subscription ends'),
    })
    expect(await live()).toMatchObject([{ filters: { pipeline_id: 1, stage_id: 2 }, happening: 'added', state: 'active' }])
    expect((await end(locationOf(reply))).status).toBe(204)
    expect(await rows()).toMatchObject([{ state: 'ended', sealed_target: null }])
    // Hosts may repeat it.
    expect((await end(locationOf(reply))).status).toBe(204)
  })

  test('the response states the cost: the first subscription of a source pays for webhook and baseline, the next one for neither', async () => {
    const cost = ({ headers }: Reply) => headers.get('x-dealbridge-token-cost')
    // users/me, the webhook, one list.
    expect(cost(await subscribe())).toBe('22')
    expect(cost(await subscribe(DEALS, { pipeline_id: '1' }))).toBe('0')
  })

  test('the callback URL and the Pipedrive key of a call are stored sealed', async () => {
    await subscribe()
    const everything = JSON.stringify([await rows(), await store.db.selectFrom('accounts').selectAll().execute()])
    expect(everything).not.toContain('SIGNATURE')
    expect(everything).not.toContain(ALICE)
    expect(await store.db.selectFrom('accounts').select('sealed_key').execute()).toEqual([
      { sealed_key: expect.stringMatching(/^v1\.test\./) },
    ])
  })

  test('a forged Location gets the same response as a known one, and ends nothing', async () => {
    const reply = await subscribe()
    const forged = locationOf(reply)!.replace(/.{5}$/, 'AAAAA')
    for (const location of [forged, `${DEALS}/x`, `${DEALS}/${'%00'.repeat(9)}`, `/subscriptions/Nothing/${'A'.repeat(43)}`])
      expect((await end(location)).status).toBe(204)
    expect(await live()).toHaveLength(1)
  })

  test('subscribing again returns the same subscription: pending deliveries stay, and the older Location ends nothing', async () => {
    const first = await subscribe()
    await addDelivery()
    await store.db.updateTable('subscriptions').set({ state: 'disabled', state_reason: 'the flow is off', failures: 3 }).execute()
    const second = await subscribe()
    expect(second.status).toBe(201)
    expect(second.body['id']).toBe(first.body['id'])
    expect(second.body['state']).toBe('active')
    expect(locationOf(second)).not.toBe(locationOf(first))
    const [delivery] = await deliveries()
    expect(delivery!.state).toBe('pending')
    expect(delivery!.next_at.getTime()).toBeLessThanOrEqual(world.clock.now())
    await end(locationOf(first))
    expect(await live()).toMatchObject([{ failures: 0 }])
    await end(locationOf(second))
    expect(await live()).toEqual([])
    expect(await deliveries()).toEqual([])
  })

  test('the newest Location alone ends the subscription', async () => {
    await subscribe()
    await end(locationOf(await subscribe()))
    expect(await live()).toEqual([])
  })

  test('subscribing after an end makes another subscription', async () => {
    const first = await subscribe()
    await end(locationOf(first))
    const second = await subscribe()
    expect(second.body['id']).not.toBe(first.body['id'])
    await end(locationOf(first))
    expect(await live()).toHaveLength(1)
  })

  test('another trigger, filter, format, callback or account is another subscription', async () => {
    await subscribe()
    await subscribe('/subscriptions/TrigNewActivity')
    await subscribe(DEALS, { stage_id: 1 })
    await subscribe(DEALS, { format: 'cloudevents' })
    await subscribe(DEALS, { callbackUrl: `${CALLBACK}2` })
    await subscribe(DEALS, {}, BOB)
    expect(await live()).toHaveLength(6)
    expect(await store.db.selectFrom('sources').select('id').execute()).toHaveLength(3)
  })

  test('twenty equal parallel calls make one subscription with one webhook', async () => {
    const replies = await Promise.all(Array.from({ length: 20 }, () => subscribe()))
    expect(replies.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 201))
    expect(new Set(replies.map(({ body }) => body['id'])).size).toBe(1)
    expect(new Set(replies.map(locationOf)).size).toBe(20)
    expect(await live()).toHaveLength(1)
    expect(await store.db.selectFrom('sources').select('id').execute()).toHaveLength(1)
    expect(world.takeRequests().filter(({ method, path }) => method === 'POST' && path.endsWith('/webhooks'))).toHaveLength(1)
  })

  test('a call with a refused key gets no information about the callback URL', async () => {
    const { status, body } = await subscribe(DEALS, { callbackUrl: 'http://127.0.0.1/', nonsense: 1 }, 'nobodys-key')
    expect([status, body['code']]).toEqual([401, 'ApiKeyRefused'])
    expect(await store.db.selectFrom('accounts').select('id').execute()).toEqual([])
  })

  test('the body is validated like the input of actions, and an invalid one leaves nothing behind', async () => {
    const { status, body } = await subscribe(DEALS, { callbackUrl: '', stage_id: 'two', pipelineid: 1, format: 'xml' })
    expect([status, body['code']]).toEqual([400, 'InvalidInput'])
    const messages = (body['details'] as { field: string; message: string }[]).map(({ field, message }) => `${field} ${message}`)
    expect(messages).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^pipelineid .*did you mean "pipeline_id"/),
        expect.stringMatching(/^stage_id .*is not an id/),
        expect.stringMatching(/^format .*"standard-webhooks"/),
      ]),
    )
    expect((await subscribe(DEALS, { callbackUrl: null })).body['message']).toMatch(/^callbackUrl: is required/)
    expect((await subscribe(DEALS, { callbackUrl: 'http://10.0.0.1/' })).body['code']).toBe('CallbackUrlRefused')
    expect(await store.db.selectFrom('accounts').select('id').execute()).toEqual([])
  })

  test('a filter may be any string', async () => {
    const type = 'NUL \0, half \ud83d'
    expect((await subscribe('/subscriptions/TrigNewActivity', { type })).status).toBe(201)
    expect(await live()).toMatchObject([{ filters: { type } }])
  })

  test('an unknown trigger is a 404 with the nearest name, a deprecated one names its replacement', async () => {
    const unknown = await subscribe('/subscriptions/TrigNewActivty')
    expect([unknown.status, unknown.body['code'], unknown.body['message']]).toEqual([
      404,
      'TriggerNotFound',
      expect.stringContaining('Did you mean TrigNewActivity?'),
    ])
    const deprecated = await subscribe('/subscriptions/TrigNewDeal')
    expect([deprecated.status, deprecated.body['message']]).toEqual([404, expect.stringContaining('subscribe to TrigNewDealV2')])
  })

  test('a signing key is made on request, and subscribing again returns the same one', async () => {
    const signed = await subscribe(DEALS, { sign: true })
    expect(signed.body['signingKey']).toMatch(/^whsec_[\w+/]{43}=$/)
    expect((await subscribe(DEALS, { sign: true })).body['signingKey']).toBe(signed.body['signingKey'])
    expect((await subscribe(DEALS, { format: 'standard-webhooks' })).body['signingKey']).toMatch(/^whsec_/)
    expect((await subscribe()).body).not.toHaveProperty('signingKey')
  })

  test('a connection key makes a subscription of its connection, under its runtime URL too; removing the key does not affect it', async () => {
    const manage = (method: string, path: string, body?: Row) =>
      world.http(path, {
        method,
        headers: { authorization: 'Bearer the-admin-token-of-the-tests', 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      })
    const { body: connection } = await manage('POST', '/api/connections', { name: `Sales ${Math.random()}`, apiKey: ALICE })
    const { body: key } = await manage('POST', '/api/keys', { connectionId: connection['id'], name: 'flow' })
    const under = `/apim/pipedrive/${String(connection['id'])}`
    const reply = await subscribe(under + DEALS, {}, String(key['key']))
    expect(reply.status, reply.text).toBe(201)
    expect(reply.body).toMatchObject({ connection: connection['id'], notice: null })
    expect(locationOf(reply)).toMatch(new RegExp(`^${CONNECTOR}${under}/subscriptions/TrigNewDealV2/`))
    expect(await store.db.selectFrom('accounts').select('sealed_key').execute()).toEqual([{ sealed_key: null }])

    await manage('DELETE', `/api/keys/${String(key['id'])}`)
    expect(await live()).toHaveLength(1)
    expect((await end(locationOf(reply))).status).toBe(204)
    expect(await live()).toEqual([])

    const { body: other } = await manage('POST', '/api/keys', { connectionId: connection['id'], name: 'flow' })
    await subscribe(DEALS, {}, String(other['key']))
    await manage('DELETE', `/api/connections/${String(connection['id'])}`)
    expect(await rows()).toEqual([])
    expect(await world.pipedrive('GET', '/api/v1/webhooks')).toEqual([])
  })

  test('if only named connections may subscribe, a Pipedrive key is refused before any call to Pipedrive', async () => {
    await world.restart({ subscriptions: 'named-only' })
    const { status, body } = await subscribe()
    expect([status, body['code'], body['message']]).toEqual([
      403,
      'NamedConnectionRequired',
      expect.stringContaining('--subscriptions named-only'),
    ])
    expect(world.takeRequests()).toEqual([])
  })

  test('a rotation of the key ring seals keys, callback URLs and signing keys again', async () => {
    const { body } = await subscribe(DEALS, { sign: true })
    const ringKey = (id: string, byte: number) => `${id}:${Buffer.alloc(32, byte).toString('base64')}`
    await world.restart({ keys: `${ringKey('next', 9)},${ringKey('test', 7)}` })
    const headers = { authorization: 'Bearer the-admin-token-of-the-tests' }
    const rotation = await world.http('/api/connections/rotate', { method: 'POST', headers })
    expect(rotation.body).toMatchObject({ keyId: 'next', unreadable: [] })
    const [account] = await store.db.selectFrom('accounts').select('sealed_key').execute()
    const [row] = await rows()
    for (const sealed of [account!.sealed_key, row!.sealed_target, row!.sealed_signing_key]) expect(sealed).toMatch(/^v1\.next\./)

    const without = parseKeyRing(ringKey('test', 7))
    expect(await missingRingKeys(store, without)).toEqual([{ keyId: 'next', accounts: 1, subscriptions: 1 }])
    await world.restart({ keys: ringKey('next', 9) })
    expect((await subscribe(DEALS, { sign: true })).body).toMatchObject({ id: body['id'], signingKey: body['signingKey'] })

    await store.db.updateTable('subscriptions').set({ sealed_target: 'v1.lost.AAAA' }).execute()
    const again = await world.http('/api/connections/rotate', { method: 'POST', headers })
    expect(again.body['unreadable']).toEqual([`subscriptions/${String(body['id'])}`])
  })

  test('an account has a limit of subscriptions, which applies to a new callback URL and not to a known one', async () => {
    const { body } = await subscribe()
    const many = Array.from({ length: ACTIVE_SUBSCRIPTIONS_MAX - 1 }, (_, n) => ({ id: `many-${n}`, hash: `hash-${n}` }))
    await sql`
      insert into subscriptions (id, account_id, source_id, trigger, happening, filters, filters_hash, format, target_hash, target_hint, state, state_since, due_at, created_at)
      select v.id, account_id, source_id, trigger, happening, filters, filters_hash, format, v.hash, 'many', 'active', state_since, due_at, created_at
      from subscriptions s, ${store.engine.rows({ id: 'text', hash: 'text' }, many)} where s.id = ${body['id']}`.execute(store.db)
    const more = await subscribe(DEALS, { callbackUrl: `${CALLBACK}2` })
    expect([more.status, more.body['code']]).toEqual([409, 'TooManySubscriptions'])
    expect((await subscribe()).status).toBe(201)
    expect((await subscribe(DEALS, {}, BOB)).status).toBe(201)
  })

  test('the first subscription of a source waits for its lease, and gives up after a while', async () => {
    await subscribe()
    const [{ id }] = (await store.db.selectFrom('sources').select('id').execute()) as [{ id: string }]
    const done: string[] = []
    const first = withSourceLease({ store, clock: world.clock, logger: silentLogger }, id, async () => {
      await expect(
        withSourceLease({ store, clock: world.clock, logger: silentLogger }, id, () => Promise.resolve(), 100),
      ).rejects.toMatchObject({
        code: 'SourceBusy',
        status: 503,
      })
      done.push('first')
    })
    await first
    await withSourceLease({ store, clock: world.clock, logger: silentLogger }, id, () => Promise.resolve(done.push('second')))
    expect(done).toEqual(['first', 'second'])
    expect(
      await withSourceLease({ store, clock: world.clock, logger: silentLogger }, 'no-such-source', () => Promise.resolve(1)),
    ).toBeUndefined()
  })

  test('an account that is unused for a month is deleted, a used one is not', async () => {
    await end(locationOf(await subscribe()))
    const deps = { store, clock: world.clock }
    world.clock.advance(40 * 24 * 3_600_000)
    await sweepAccounts(deps)
    expect(await store.db.selectFrom('accounts').select('id').execute()).toHaveLength(1)
    await store.db.deleteFrom('subscriptions').execute()
    await sweepAccounts(deps)
    expect(await store.db.selectFrom('accounts').select('id').execute()).toEqual([])
    expect(await store.db.selectFrom('sources').select('id').execute()).toEqual([])
  })

  test('no log line contains the token of a Location', async () => {
    const lines: string[] = []
    const { pino } = await import('pino')
    const logged = await createWorld({
      store,
      config: { publicUrl: CONNECTOR },
      logger: pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }),
    })
    world = logged
    const reply = await subscribe()
    const token = locationOf(reply)!.split('/').at(-1)!
    await end(locationOf(reply))
    await world.http(locationOf(reply)!, { method: 'PUT' })
    expect(lines.join('')).toContain('/subscriptions/{trigger}/{location}')
    for (const secret of [token, 'SIGNATURE', ALICE]) expect(lines.join('').includes(secret)).toBe(false)
  })
})

onNoEngine(() => {
  test('without a store the response names the path to poll', async () => {
    const world = await createWorld()
    const reply = await world.http(DEALS, { method: 'POST', headers: { 'x-api-key': ALICE }, body: '{}' })
    expect([reply.status, reply.body['code'], reply.body['message']]).toEqual([
      501,
      'StoreMissing',
      expect.stringContaining('GET /connector-v2/trigger/v1/deals'),
    ])
    expect((await world.http(`${DEALS}/anything`, { method: 'DELETE' })).status).toBe(204)
  })
})

onPostgres('subscribing in two processes', (newStore) => {
  test('equal parallel calls in both make one subscription with one webhook', async () => {
    const one = await newStore()
    const other = await newStore.again(one)
    const worlds = await Promise.all(
      [one, other].map((store) => createWorld({ store, config: { publicUrl: CONNECTOR, callsPerMinute: 10_000 } })),
    )
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        worlds[i % 2]!.http(DEALS, {
          method: 'POST',
          headers: { 'x-api-key': ALICE, 'content-type': 'application/json' },
          body: JSON.stringify({ callbackUrl: CALLBACK }),
        }),
      ),
    )
    expect(replies.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 201))
    expect(new Set(replies.map(({ body }) => body['id'])).size).toBe(1)
    const made = worlds
      .flatMap((world) => world.takeRequests())
      .filter(({ method, path }) => method === 'POST' && path.endsWith('/webhooks'))
    expect(made).toHaveLength(1)
    await Promise.all(replies.slice(0, 19).map(({ headers }, i) => worlds[i % 2]!.http(headers.get('location')!, { method: 'DELETE' })))
    await Promise.all([one.close(), other.close()])
  })
})
