import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { onEveryEngine } from '../../src/store/engines.fixture.ts'
import type { Store } from '../../src/store/store.ts'
import { ALICE, BOB, CONNECTOR, createWorld, type Reply, type Row, type World } from '../contract/world.ts'
import { loadActiveSubscriptions } from '../../src/delivery/process/active-subscriptions.ts'
import { endAbandoned } from '../../src/delivery/subscriptions/pull-deliveries.ts'
import { deleteAccounts } from './delivery-world.ts'

const ADMIN = 'the-admin-token-of-the-tests'
const CALLBACK = 'https://prod-1.westeurope.logic.azure.com/workflows/1/triggers/new/run?api-version=2016-10-01&sig=SIGNATURE-OF-THE-FLOW'
const DEALS = '/subscriptions/TrigNewDealV2'

onEveryEngine('managing subscriptions', (newStore) => {
  let store: Store
  let world: World
  beforeAll(async () => (store = await newStore()))
  afterAll(() => store.close())
  beforeEach(async () => {
    await deleteAccounts(store)
    await store.db.deleteFrom('connections').execute()
    await store.db.deleteFrom('audit').execute()
    await store.db.deleteFrom('owners').where('id', '<>', 'admin').execute()
    world = await createWorld({ store, config: { publicUrl: CONNECTOR, callsPerMinute: 10_000 } })
  })

  const api = (method: string, path: string, body?: Row, token = ADMIN): Promise<Reply> =>
    world.http(`/api${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    })
  const rowsOf = ({ body }: Reply) => body['data'] as Row[]
  const subscribe = async (key = ALICE, body: Row = {}): Promise<Reply> => {
    const reply = await world.http(DEALS, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      body: JSON.stringify({ callbackUrl: CALLBACK, ...body }),
    })
    expect(reply.status, reply.text).toBe(201)
    return reply
  }
  const idOf = ({ body }: Reply) => String(body['id'])
  const audit = async () => rowsOf(await api('GET', '/audit')).map(({ action, subject, details }) => ({ action, subject, details }))
  /** Inserts an event and its delivery. */
  const deliver = async (subscription: string, values: Partial<Record<'state' | 'attempts' | 'ended_at' | 'created_at', unknown>> = {}) => {
    const { source_id } = await store.db
      .selectFrom('subscriptions')
      .select('source_id')
      .where('id', '=', subscription)
      .executeTakeFirstOrThrow()
    const id = `d-${Math.random().toString(36).slice(2)}`
    const { seq } = await store.db
      .insertInto('events')
      .values({
        id,
        identity: id,
        source_id,
        record_id: '7',
        happening: 'added',
        twin: null,
        origin: 'webhook',
        as_of: null,
        payload: '{"id":7}',
        created_at: new Date(),
      })
      .returning('seq')
      .executeTakeFirstOrThrow()
    const now = new Date(world.clock.now())
    const row = {
      id,
      subscription_id: subscription,
      event_seq: seq,
      record_id: '7',
      next_at: now,
      last_status: null,
      last_reason: null,
      created_at: now,
    }
    await store.db
      .insertInto('deliveries')
      .values({ ...row, state: 'pending', ended_at: null, ...values } as never)
      .execute()
    return id
  }

  /** Makes an owner with a connection of Bob's, and keys for both. */
  async function makeOwner() {
    const { body: owner } = await api('POST', '/owners', { name: 'Bea' })
    const token = String(owner['token'])
    const { body: connection } = await api('POST', '/connections', { name: 'Sales', apiKey: BOB }, token)
    const { body: key } = await api('POST', '/keys', { connectionId: connection['id'], name: 'flow' }, token)
    return { token, connection: String(connection['id']), key: String(key['key']) }
  }

  test('owners see the subscriptions of their connections; the admin also those of Pipedrive keys, and none of other owners', async () => {
    const bea = await makeOwner()
    const [hers, keyless] = [idOf(await subscribe(bea.key)), idOf(await subscribe(ALICE))]
    const [herDelivery, keylessDelivery] = [await deliver(hers), await deliver(keyless)]
    const seen = async (token: string) => rowsOf(await api('GET', '/subscriptions', undefined, token)).map(({ id }) => id)
    expect([await seen(bea.token), await seen(ADMIN)]).toEqual([[hers], [keyless]])
    expect((await api('GET', `/subscriptions/${hers}`, undefined, bea.token)).body).toMatchObject({
      connection: bea.connection,
      callback: expect.stringMatching(/…FLOW$/),
    })
    for (const [token, id, delivery] of [
      [bea.token, keyless, keylessDelivery],
      [ADMIN, hers, herDelivery],
    ] as const)
      for (const [method, path, body] of [
        ['GET', '', undefined],
        ['PATCH', '', { callbackUrl: 'https://evil.example.com/hook' }],
        ['DELETE', '', undefined],
        ['POST', '/pause', undefined],
        ['POST', '/resume', undefined],
        ['POST', '/test', undefined],
        ['POST', '/replay', { delivery }],
        ['GET', '/deliveries', undefined],
        ['GET', `/deliveries/${delivery}`, undefined],
      ] as const) {
        const { status, body: answer } = await api(method, `/subscriptions/${id}${path}`, body, token)
        expect({ method, path, status, code: answer['code'] }).toEqual({ method, path, status: 404, code: 'NotFoundHere' })
      }
    // Neither as the start of a page nor under a subscription of their own.
    for (const path of [`/subscriptions?after=${keyless}`, `/subscriptions/${hers}/deliveries/${keylessDelivery}`])
      expect((await api('GET', path, undefined, bea.token)).body['code']).toBe('NotFoundHere')
    const replayed = await api('POST', `/subscriptions/${hers}/replay`, { delivery: keylessDelivery }, bea.token)
    expect(replayed.body['code']).toBe('NotFoundHere')
  })

  test('a connection with the key of another user gets the events of that user’s activities from then on', async () => {
    const bea = await makeOwner()
    const reply = await world.http('/subscriptions/TrigNewActivity', {
      method: 'POST',
      headers: { 'x-api-key': bea.key, 'content-type': 'application/json' },
      body: JSON.stringify({ callbackUrl: CALLBACK }),
    })
    expect(reply.status, reply.text).toBe(201)
    const userIds = async () => {
      const source = await store.db.selectFrom('sources').selectAll().executeTakeFirstOrThrow()
      return (await loadActiveSubscriptions(store.db, source, { activities: 'mine' })).map(({ ownerId }) => ownerId)
    }
    const idOfUser = async (key: string) => Number((await world.pipedrive('GET', '/api/v1/users/me', undefined, key))['id'])
    expect(await userIds()).toEqual([await idOfUser(BOB)])
    expect((await api('PATCH', `/connections/${bea.connection}`, { apiKey: ALICE }, bea.token)).status).toBe(200)
    expect(await userIds()).toEqual([await idOfUser(ALICE)])
  })

  test('a list continues after a given id, and shows ended subscriptions on request', async () => {
    const ids: string[] = []
    for (const stage of [1, 2, 3]) {
      ids.unshift(idOf(await subscribe(ALICE, { stage_id: stage })))
      world.clock.advance(1_000)
    }
    const page = rowsOf(await api('GET', '/subscriptions?limit=2')).map(({ id }) => id)
    expect(page).toEqual(ids.slice(0, 2))
    expect(rowsOf(await api('GET', `/subscriptions?limit=2&after=${String(page[1])}`)).map(({ id }) => id)).toEqual(ids.slice(2))
    expect((await api('DELETE', `/subscriptions/${ids[0]!}`)).status).toBe(204)
    expect(rowsOf(await api('GET', '/subscriptions')).map(({ id }) => id)).toEqual(ids.slice(1))
    expect(rowsOf(await api('GET', '/subscriptions?state=ended'))).toMatchObject([{ id: ids[0], stateReason: 'ended by its owner' }])
    expect((await api('GET', '/subscriptions?state=gone')).body['code']).toBe('InvalidInput')
  })

  test('a paused subscription keeps its deliveries, even if the flow subscribes again, and sends them when it is resumed', async () => {
    const id = idOf(await subscribe())
    await deliver(id)
    expect((await api('POST', `/subscriptions/${id}/pause`)).body).toMatchObject({
      state: 'paused',
      stateReason: expect.stringContaining('by its owner'),
    })
    expect((await subscribe()).body).toMatchObject({ id, state: 'paused' })
    await store.db
      .updateTable('deliveries')
      .set({ next_at: new Date(world.clock.now() + 1e7), attempts: 3 })
      .execute()
    expect((await api('POST', `/subscriptions/${id}/resume`)).body).toMatchObject({ state: 'active', stateReason: null })
    expect(await store.db.selectFrom('deliveries').select(['state', 'next_at']).execute()).toEqual([
      { state: 'pending', next_at: new Date(world.clock.now()) },
    ])
    expect((await audit()).slice(0, 2)).toMatchObject([
      { action: 'subscription.resume', subject: id, details: { trigger: 'TrigNewDealV2' } },
      { action: 'subscription.pause', subject: id },
    ])
  })

  test('a subscription shows its delivery counts and last attempts', async () => {
    const id = idOf(await subscribe())
    const [pending, dead] = [await deliver(id), await deliver(id, { state: 'dead', ended_at: new Date() })]
    await deliver(id, { state: 'delivered', ended_at: new Date() })
    const at = new Date(world.clock.now())
    await store.db
      .insertInto('delivery_attempts')
      .values({ delivery_id: dead, attempt: 1, at, status: 500, reason: 'the endpoint answered 500', ms: 12 })
      .execute()
    expect((await api('GET', `/subscriptions/${id}`)).body).toMatchObject({
      pending: 1,
      delivered: 1,
      dead: 1,
      oldestPendingAt: at.toISOString(),
      mode: 'webhook',
      sourceTrouble: null,
      lastAttempts: [{ delivery: dead, attempt: 1, status: 500 }],
    })
    expect(rowsOf(await api('GET', `/subscriptions/${id}/deliveries?state=dead`))).toMatchObject([
      { id: dead, recordId: 7, state: 'dead', happening: 'added' },
    ])
    const all = rowsOf(await api('GET', `/subscriptions/${id}/deliveries`)).map((row) => row['id'])
    expect(all).toHaveLength(3)
    expect(rowsOf(await api('GET', `/subscriptions/${id}/deliveries?after=${dead}`)).map((row) => row['id'])).toEqual([pending])
    expect((await api('GET', `/subscriptions/${id}/deliveries/${dead}`)).body).toMatchObject({
      payload: { id: 7 },
      attemptList: [{ attempt: 1, status: 500, reason: 'the endpoint answered 500', ms: 12 }],
    })
    expect((await api('GET', `/subscriptions/${id}/deliveries/nothing`)).body['message']).toContain(
      `GET /api/subscriptions/${id}/deliveries`,
    )
  })

  test('a replay repeats one delivery, those since a time, or the dead ones, with their ids; none of another subscription', async () => {
    const id = idOf(await subscribe())
    const other = idOf(await subscribe(ALICE, { stage_id: 1 }))
    const ended = { ended_at: new Date(), attempts: 8 }
    const old = await deliver(id, { ...ended, state: 'delivered', created_at: new Date(world.clock.now() - 60_000) })
    const dead = await deliver(id, { ...ended, state: 'dead' })
    const fresh = await deliver(id, { ...ended, state: 'delivered' })
    const foreign = await deliver(other, { ...ended, state: 'dead' })
    const replay = (body: Row) => api('POST', `/subscriptions/${id}/replay`, body)
    const pending = async () =>
      (
        await store.db
          .selectFrom('deliveries')
          .select(['id', 'attempts', 'ended_at'])
          .where('state', '=', 'pending')
          .orderBy('seq')
          .execute()
      ).map((row) => {
        expect(row).toMatchObject({ attempts: 0, ended_at: null })
        return row.id
      })
    expect((await replay({ dead: true })).body).toEqual({ replayed: 1 })
    expect(await pending()).toEqual([dead])
    expect((await replay({ since: new Date(world.clock.now()).toISOString() })).body).toEqual({ replayed: 1 })
    expect(await pending()).toEqual([dead, fresh])
    expect((await replay({ delivery: old })).body).toEqual({ replayed: 1 })
    expect(await pending()).toEqual([old, dead, fresh])
    expect((await replay({ delivery: old })).body).toEqual({ replayed: 0 })
    expect((await replay({ delivery: foreign })).body['code']).toBe('NotFoundHere')
    for (const wrong of [{}, { dead: true, delivery: old }, { since: 'yesterday' }, { all: true }])
      expect((await replay(wrong)).body['code']).toBe('InvalidInput')
  })

  test('a test delivers the newest record like any event', async () => {
    const id = idOf(await subscribe())
    const { id: deal } = await world.pipedrive('POST', '/api/v2/deals', { title: 'Newest' })
    const fired = await api('POST', `/subscriptions/${id}/test`)
    expect(fired.status, fired.text).toBe(200)
    expect(fired.body).toMatchObject({ state: 'pending', test: true, recordId: deal, happening: 'added' })
    expect((await api('GET', `/subscriptions/${id}/deliveries/${idOf(fired)}`)).body['payload']).toMatchObject({
      title: 'Newest',
      user_id: { name: 'Alice Andersson' },
    })
    expect(await audit()).toMatchObject([{ action: 'subscription.test', details: { delivery: idOf(fired), record: deal } }])
  })

  test('a test without any record is a NothingToTest error', async () => {
    const id = idOf(await subscribe())
    world.intercept(({ url }) =>
      url.includes('/api/v2/deals') ? Response.json({ success: true, data: [], additional_data: { next_cursor: null } }) : undefined,
    )
    const fired = await api('POST', `/subscriptions/${id}/test`)
    expect([fired.status, fired.body['code']]).toEqual([409, 'NothingToTest'])
  })

  test('a new callback URL gets the pending deliveries; one that another subscription has is refused', async () => {
    const id = idOf(await subscribe())
    const other = idOf(await subscribe(ALICE, { callbackUrl: `${CALLBACK}-2` }))
    await deliver(id)
    const moved = await api('PATCH', `/subscriptions/${id}`, { callbackUrl: 'https://hooks.example.com/in/ABCDEFGHIJKL' })
    expect(moved.body).toMatchObject({ id, callback: 'hooks.example.com…IJKL' })
    expect(await audit()).toMatchObject([
      {
        action: 'subscription.retarget',
        details: { callback: { from: 'prod-1.westeurope.logic.azure.com…FLOW', to: 'hooks.example.com…IJKL' } },
      },
    ])
    expect(await store.db.selectFrom('deliveries').select('state').execute()).toEqual([{ state: 'pending' }])
    const refused = await api('PATCH', `/subscriptions/${id}`, { callbackUrl: `${CALLBACK}-2` })
    expect([refused.status, refused.body['code'], refused.body['message']]).toEqual([
      409,
      'SubscriptionTaken',
      expect.stringContaining(other),
    ])
    expect((await api('PATCH', `/subscriptions/${id}`, { callbackUrl: 'http://10.0.0.1/x' })).body['code']).toBe('CallbackUrlRefused')
  })

  test('an ended subscription cannot be changed', async () => {
    const reply = await subscribe()
    const id = idOf(reply)
    const dead = await deliver(id, { state: 'dead', ended_at: new Date() })
    await api('DELETE', `/subscriptions/${id}`)
    expect((await api('DELETE', `/subscriptions/${id}`)).status).toBe(204)
    expect((await audit()).filter(({ action }) => action === 'subscription.end')).toHaveLength(1)
    for (const [path, body] of [['/pause'], ['/resume'], ['/test'], ['/replay', { delivery: dead }]] as const)
      expect((await api('POST', `/subscriptions/${id}${path}`, body)).body['code']).toBe('SubscriptionEnded')
    expect((await api('GET', `/subscriptions/${id}`)).body).toMatchObject({ state: 'ended', dead: 1 })
    expect((await world.http(reply.headers.get('location')!, { method: 'DELETE' })).status).toBe(204)
  })

  test('a fetched delivery stays pending until it is reported, in order for each record, with one id', async () => {
    const reply = await subscribe(ALICE, { callbackUrl: null, pull: true, format: 'standard-webhooks' })
    expect(reply.body).toMatchObject({ callback: null, signingKey: expect.stringMatching(/^whsec_/) })
    const events = `${reply.headers.get('location')!}/events`
    const fetched = async () => rowsOf(await world.http(events))
    expect(await fetched()).toEqual([])
    const [first, second] = [await deliver(idOf(reply)), await deliver(idOf(reply))]
    const [pulled, ...more] = await fetched()
    expect(more).toEqual([])
    expect(pulled).toMatchObject({ id: first, headers: { 'webhook-id': first, 'webhook-signature': expect.stringMatching(/^v1,/) } })
    expect(JSON.parse(String(pulled!['body']))).toMatchObject({ type: 'deal.added', data: { id: 7 } })
    expect(await fetched()).toMatchObject([{ id: first }])

    const report = (id: string, body: Row) =>
      world.http(`${events}/${id}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
    expect((await report(first, { status: 500, ms: 3 })).status).toBe(204)
    expect(await fetched()).toEqual([])
    world.clock.advance(6_000)
    expect(await fetched()).toMatchObject([{ id: first }])
    expect((await report(first, { status: 200 })).status).toBe(204)
    expect((await report(first, { status: 500 })).status).toBe(204)
    expect(await fetched()).toMatchObject([{ id: second }])
    expect((await report('nothing', { status: 200 })).status).toBe(404)
    expect((await report('%00', { status: 200 })).status).toBe(404)
    expect((await report(second, { reason: 'cut \0 off \ud83d' })).status).toBe(204)
    expect((await api('GET', `/subscriptions/${idOf(reply)}`)).body['lastAttempts']).toContainEqual(
      expect.objectContaining({ delivery: second, reason: 'cut   off \ufffd' }),
    )
    expect((await report(second, { state: 'fine' })).body['code']).toBe('InvalidInput')
    expect((await api('GET', `/subscriptions/${idOf(reply)}`)).body).toMatchObject({ delivered: 1, pending: 1, state: 'active' })

    await world.http(reply.headers.get('location')!, { method: 'DELETE' })
    expect((await world.http(events)).body['code']).toBe('SubscriptionNotFound')
  })

  test('a waiting fetch returns as soon as a delivery is there', async () => {
    const reply = await subscribe(ALICE, { callbackUrl: null, pull: true })
    const waiting = world.http(`${reply.headers.get('location')!}/events?wait=25`)
    const id = await deliver(idOf(reply))
    store.signal('subscriptions')
    expect(rowsOf(await waiting)).toMatchObject([{ id }])
  })

  test('a subscription that is not fetched for a day ends, a fetched one does not', async () => {
    const reply = await subscribe(ALICE, { callbackUrl: null, pull: true })
    const deps = { store, clock: world.clock }
    world.clock.advance(20 * 3_600_000)
    expect((await world.http(`${reply.headers.get('location')!}/events`)).status).toBe(200)
    world.clock.advance(20 * 3_600_000)
    await endAbandoned(deps)
    expect((await api('GET', `/subscriptions/${idOf(reply)}`)).body['state']).toBe('active')
    world.clock.advance(20 * 3_600_000)
    await endAbandoned(deps)
    expect((await api('GET', `/subscriptions/${idOf(reply)}`)).body).toMatchObject({
      state: 'ended',
      stateReason: expect.stringContaining('for a day'),
    })
  })

  test('removing an owner removes their connections, subscriptions, and webhooks in Pipedrive', async () => {
    const { body: owner } = await api('POST', '/owners', { name: 'Al' })
    const token = String(owner['token'])
    const { body: connection } = await api('POST', '/connections', { name: 'Sales', apiKey: ALICE }, token)
    const { body: key } = await api('POST', '/keys', { connectionId: connection['id'], name: 'flow' }, token)
    await subscribe(String(key['key']))
    const webhooks = () => world.sandbox.webhooks().webhooks.filter(({ is_deleted: gone }) => !gone)
    expect(webhooks()).toHaveLength(1)
    expect((await api('DELETE', `/owners/${idOf({ body: owner } as Reply)}`)).status).toBe(204)
    expect(webhooks()).toEqual([])
    expect(await store.db.selectFrom('subscriptions').select('id').execute()).toEqual([])
  })

  test('deliveries to a callback URL cannot be fetched, and both or neither is refused', async () => {
    const reply = await subscribe()
    expect((await world.http(`${reply.headers.get('location')!}/events`)).body['code']).toBe('SubscriptionNotFound')
    for (const body of [{ pull: true, callbackUrl: CALLBACK }, {}]) {
      const { status } = await world.http(DEALS, {
        method: 'POST',
        headers: { 'x-api-key': ALICE, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      expect(status).toBe(400)
    }
  })
})
