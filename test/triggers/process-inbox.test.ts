import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { processInbox } from '../../src/delivery/process/process-inbox.ts'
import { onEveryEngine } from '../../src/store/engines.fixture.ts'
import type { Store } from '../../src/store/store.ts'
import { deleteAccounts } from './delivery-world.ts'
import { HELD_LEASE, openSourceFixture, type SourceFixture } from './source.fixture.ts'

onEveryEngine('processing the inbox', (newStore) => {
  let store: Store
  let fixture: SourceFixture
  beforeAll(async () => (store = await newStore()))
  afterAll(() => store.close())
  beforeEach(async () => {
    await deleteAccounts(store)
    fixture = await openSourceFixture(store, 'deal')
  })

  const processNow = async () => {
    await fixture.webhooksArrived()
    return processInbox(fixture.deps, await fixture.source(), HELD_LEASE)
  }
  const add = async (values: Record<string, unknown> = {}) =>
    Number((await fixture.world.pipedrive('POST', '/api/v2/deals', { title: 'Chairs', ...values }))['id'])
  const change = (id: number, values: Record<string, unknown>) => fixture.world.pipedrive('PATCH', `/api/v2/deals/${id}`, values)

  test('a new deal is one event, in the shape of the contract, for one token besides its names', async () => {
    const subscription = await fixture.subscribe('added')
    await add()
    await processNow()
    const id = await add({ value: 12 })
    fixture.tokensSpent()
    expect(await processNow()).toEqual({ left: 'empty' })
    expect(fixture.tokensSpent()).toBe(1)
    const [, event] = await fixture.events()
    expect(event).toMatchObject({
      happening: 'added',
      record_id: String(id),
      origin: 'webhook',
      payload: { id, title: 'Chairs', value: 12, products_count: 0 },
    })
    expect(event!.payload).toMatchObject({ user_id: { name: expect.any(String) } })
    expect(event!.payload).not.toHaveProperty('changed')
    expect(await fixture.deliveries()).toMatchObject([
      { subscription_id: subscription, state: 'pending' },
      { subscription_id: subscription, record_id: String(id) },
    ])
    expect(await fixture.takeInbox()).toEqual([])
  })

  test('a deal that is won, opened again and won within one second is won twice', async () => {
    await fixture.subscribe('won')
    const id = await add()
    for (const status of ['won', 'open', 'won']) await change(id, { status })
    await processNow()
    expect(await fixture.eventNames()).toEqual([`won ${id}`, `won ${id}`])
    expect((await fixture.events())[0]!.payload).toMatchObject({
      changed: expect.arrayContaining(['status', 'active', 'won_time']),
      previous: { status: 'open' },
    })
  })

  const changed = async (count: number) => {
    const ids: number[] = []
    for (let made = 0; made < count; made++) ids.push(await add({ title: `Chair ${made}` }))
    return ids
  }

  test('a hundred events in one batch cost one list', async () => {
    await fixture.subscribe('added')
    await add()
    await processNow()
    const ids = await changed(100)
    await fixture.webhooksArrived()
    fixture.tokensSpent()
    await processNow()
    expect(fixture.tokensSpent()).toBe(10)
    expect(await fixture.eventNames()).toEqual([1, ...ids].map((id, at) => (at === 0 ? expect.any(String) : `added ${id}`)))
  })

  test('two thousand webhooks leave the inbox as two thousand events', async () => {
    await fixture.subscribe('added')
    await fixture.subscribe('added', { state: 'paused' })
    const [id] = await changed(1)
    await fixture.webhooksArrived()
    const [body] = (await fixture.takeInbox()) as [{ meta: object; data: object }]
    const of = (record: number) => ({
      ...body,
      data: { ...body.data, id: record },
      meta: { ...body.meta, id: `m${record}`, entity_id: String(record) },
    })
    await fixture.putInbox(...Array.from({ length: 2_000 }, (_, at) => of(id! + at)))
    expect(await processNow()).toEqual({ left: 'empty' })
    expect(new Set(await fixture.eventNames()).size).toBe(2_000)
    expect(await fixture.deliveries()).toHaveLength(4_000)
  })

  test('copies of a webhook, also under another name each, are one event', async () => {
    fixture.world.sandbox.behaviour.webhookCopies = 3
    await fixture.subscribe('updated')
    const id = await add()
    await change(id, { title: 'Tables' })
    await fixture.webhooksArrived()
    const bodies = (await fixture.takeInbox()) as { meta: object }[]
    expect(bodies).toHaveLength(6)
    await fixture.putInbox(...bodies.map((body, at) => ({ ...body, meta: { ...body.meta, id: `attempt-${at}` } })))
    await processNow()
    await fixture.putInbox(...bodies)
    await processNow()
    expect(await fixture.eventNames()).toEqual([`updated ${id}`])
  })

  test('webhooks in the wrong order are recorded in the order of the changes', async () => {
    for (const happening of ['added', 'won', 'lost']) await fixture.subscribe(happening)
    const id = await add()
    for (const status of ['won', 'lost']) {
      fixture.world.clock.advance(1_000)
      await change(id, { status })
    }
    await fixture.webhooksArrived()
    await fixture.putInbox(...(await fixture.takeInbox()).toReversed())
    await processNow()
    expect(await fixture.eventNames()).toEqual([`added ${id}`, `won ${id}`, `lost ${id}`])
  })

  test('a subscription gets what matches its filters at the time of the change, and records without a recipient are not read', async () => {
    const all = await fixture.subscribe('moved')
    const second = await fixture.subscribe('moved', { filters: { stage_id: 2 } })
    const id = await add()
    await change(id, { stage_id: 2 })
    await change(id, { stage_id: 3 })
    await processNow()
    expect((await fixture.deliveries()).map(({ subscription_id }) => subscription_id)).toEqual([all, second, all])
    await store.db.deleteFrom('subscriptions').where('id', '=', all).execute()
    fixture.tokensSpent()
    await change(id, { stage_id: 4 })
    await processNow()
    expect(fixture.tokensSpent()).toBe(0)
    expect(await fixture.eventNames()).toHaveLength(3)
  })

  test('webhooks without a recipient leave the inbox without an event', async () => {
    await fixture.subscribe('lost')
    await add()
    expect(await processNow()).toEqual({ left: 'empty' })
    expect(await fixture.takeInbox()).toEqual([])
    expect(await fixture.eventNames()).toEqual([])
  })

  test('a deleted deal has its last state, without a call to Pipedrive', async () => {
    await fixture.subscribe('deleted')
    const id = await add({ value: 5 })
    await processNow()
    await fixture.world.pipedrive('DELETE', `/api/v2/deals/${id}`)
    await processNow()
    expect((await fixture.events())[0]).toMatchObject({
      happening: 'deleted',
      payload: { id, title: 'Chairs', value: 5, status: 'deleted', deleted: true, active: false, user_id: { name: expect.any(String) } },
    })
    expect(fixture.world.takeRequests().filter(({ path }) => path.includes('/deals/'))).toEqual([])
  })

  test('a deal that cannot be read has the state of its webhook', async () => {
    await fixture.subscribe('added')
    fixture.world.sandbox.lateCommits(5)
    const id = await add({ value: 5 })
    await processNow()
    expect((await fixture.events())[0]).toMatchObject({
      record_id: String(id),
      payload: { id, title: 'Chairs', value: 5, products_count: null },
    })
  })

  test('names that cannot be read are null, and the event is recorded', async () => {
    await fixture.subscribe('added')
    const id = await add()
    fixture.world.intercept((request) => (request.url.includes('/users') ? new Response('{}', { status: 500 }) : undefined))
    await processNow()
    expect((await fixture.events())[0]).toMatchObject({ record_id: String(id), payload: { user_id: { name: null } } })
  })

  const refuse = (path: string, status: number) =>
    fixture.world.intercept((request) =>
      new URL(request.url).pathname.endsWith(path) ? new Response('{"success":false}', { status }) : undefined,
    )

  test('a deal that Pipedrive cannot return delays no other, and is recorded from its webhook in the end', async () => {
    await fixture.subscribe('added')
    const [first, second] = await changed(2)
    refuse(`/deals/${first}`, 500)
    expect(await processNow()).toMatchObject({ left: 'stuck', tries: 1 })
    expect(await fixture.eventNames()).toEqual([`added ${second}`])
    for (let tries = 2; tries <= 5; tries++) expect(await processNow()).toMatchObject({ left: 'stuck', tries })
    expect(await processNow()).toEqual({ left: 'empty' })
    expect(await fixture.eventNames()).toEqual([`added ${second}`, `added ${first}`])
    expect((await fixture.events())[1]!.payload).toMatchObject({ title: 'Chair 0', products_count: null })
  })

  test('while all of Pipedrive is unavailable, nothing is recorded from webhooks alone, however often it is retried', async () => {
    await fixture.subscribe('added')
    const id = await add()
    fixture.world.intercept(() => new Response('{}', { status: 500 }))
    for (let tries = 1; tries <= 5; tries++) expect(await processNow()).toMatchObject({ left: 'stuck' })
    await expect(processNow()).rejects.toMatchObject({ code: 'Unavailable' })
    fixture.world.intercept()
    await processNow()
    expect(await fixture.eventNames()).toEqual([`added ${id}`])
    expect((await fixture.events())[0]!.payload).toMatchObject({ products_count: 0 })
  })

  test('an unreadable webhook is dropped, and one that cannot be recorded stays in the inbox; neither blocks the others', async () => {
    await fixture.subscribe('added')
    const [first, second] = await changed(2)
    await fixture.webhooksArrived()
    await fixture.putInbox({ meta: { version: '3.0' } })
    const [poison, cure] = store.isShared
      ? [`alter table events add constraint poison check (record_id <> '${first}')`, 'alter table events drop constraint poison']
      : [
          `create trigger poison before insert on events when new.record_id = '${first}' begin select raise(abort, 'poison'); end`,
          'drop trigger poison',
        ]
    await sql.raw(poison).execute(store.db)
    try {
      expect(await processNow()).toEqual({ left: 'empty' })
      expect(await processNow()).toEqual({ left: 'empty' })
    } finally {
      await sql.raw(cure).execute(store.db)
    }
    expect(await fixture.eventNames()).toEqual([`added ${second}`])
    expect(await fixture.takeInbox()).toMatchObject([{ data: { id: first } }])
  })

  test('two processes that process the same rows record them once', async () => {
    await fixture.subscribe('updated')
    const id = await add()
    for (const title of ['a', 'b', 'c']) await change(id, { title })
    await fixture.webhooksArrived()
    const source = await fixture.source()
    await Promise.all([processInbox(fixture.deps, source, HELD_LEASE), processInbox(fixture.deps, source, HELD_LEASE)])
    expect(await fixture.eventNames()).toHaveLength(3)
    expect(await fixture.deliveries()).toHaveLength(3)
  })

  test('a worker that has lost the lease records nothing', async () => {
    await fixture.subscribe('added')
    await add()
    await fixture.webhooksArrived()
    expect(await processInbox(fixture.deps, await fixture.source(), { isHeld: () => false })).toEqual({ left: 'lost' })
    expect(await fixture.eventNames()).toEqual([])
    expect(await fixture.takeInbox()).toHaveLength(1)
  })

  test('activities of the key’s user only are delivered, unless a subscription filters by owner', async () => {
    await deleteAccounts(store)
    fixture = await openSourceFixture(store, 'activity')
    const mine = await fixture.subscribe('added')
    const me = Number((await fixture.world.pipedrive('GET', '/api/v1/users/me'))['id'])
    const bob = Number((await fixture.world.pipedrive('GET', '/api/v1/users/me', undefined, 'sandbox-bob'))['id'])
    const asked = await fixture.subscribe('added', { filters: { owner_id: bob } })
    for (const owner of [me, bob])
      await fixture.world.pipedrive('POST', '/api/v2/activities', { subject: 'Call', type: 'call', owner_id: owner })
    await processNow()
    expect((await fixture.deliveries()).map(({ subscription_id }) => subscription_id)).toEqual([mine, asked])
    fixture.options.activities = 'all'
    await fixture.world.pipedrive('POST', '/api/v2/activities', { subject: 'Call', type: 'call', owner_id: bob })
    await processNow()
    expect((await fixture.deliveries()).slice(2).map(({ subscription_id }) => subscription_id)).toEqual(
      expect.arrayContaining([mine, asked]),
    )
  })

  test('an active subscription is due when it has something to deliver; a paused one is not', async () => {
    const active = await fixture.subscribe('added')
    const paused = await fixture.subscribe('added', { state: 'paused' })
    await add()
    await processNow()
    const due = async (id: string) =>
      (await store.db.selectFrom('subscriptions').select('due_at').where('id', '=', id).executeTakeFirstOrThrow()).due_at.getTime()
    expect(await due(active)).toBeLessThanOrEqual(fixture.world.clock.now())
    expect(await due(paused)).toBeGreaterThan(fixture.world.clock.now())
  })

  test('a deal whose read lags behind its webhook has the state of the webhook', async () => {
    await fixture.subscribe('updated')
    const id = await add({ title: 'Old' })
    await processNow()
    const old = await fixture.world.pipedrive('GET', `/api/v2/deals/${id}`)
    fixture.world.clock.advance(2_000)
    await change(id, { title: 'New' })
    fixture.world.intercept((request) =>
      new URL(request.url).pathname.endsWith(`/deals/${id}`)
        ? Response.json({ success: true, data: { ...old, products_count: 3 } })
        : undefined,
    )
    await processNow()
    expect((await fixture.events())[0]!.payload).toMatchObject({
      title: 'New',
      products_count: 3,
      changed: ['title'],
      previous: { title: 'Old' },
    })
  })
})
