import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { processInbox } from '../../src/delivery/process/process-inbox.ts'
import { onEveryEngine } from '../../src/store/engines.fixture.ts'
import type { Store } from '../../src/store/store.ts'
import { deleteAccounts } from './delivery-world.ts'
import { HELD_LEASE, openSourceFixture, type SourceFixture } from './source.fixture.ts'

onEveryEngine('sorting the inbox', (newStore) => {
  let store: Store
  let desk: SourceFixture
  beforeAll(async () => (store = await newStore()))
  afterAll(() => store.close())
  beforeEach(async () => {
    await deleteAccounts(store)
    desk = await openSourceFixture(store, 'deal')
  })

  const sort = async () => {
    await desk.webhooksArrived()
    return processInbox(desk.deps, await desk.source(), HELD_LEASE)
  }
  const add = async (values: Record<string, unknown> = {}) =>
    Number((await desk.world.pipedrive('POST', '/api/v2/deals', { title: 'Chairs', ...values }))['id'])
  const change = (id: number, values: Record<string, unknown>) => desk.world.pipedrive('PATCH', `/api/v2/deals/${id}`, values)

  test('a new deal is told once, in the shape of the contract, for one token besides its names', async () => {
    const listener = await desk.subscribe('added')
    await add()
    await sort()
    const id = await add({ value: 12 })
    desk.tokensSpent()
    expect(await sort()).toEqual({ left: 'empty' })
    expect(desk.tokensSpent()).toBe(1)
    const [, event] = await desk.events()
    expect(event).toMatchObject({
      happening: 'added',
      record_id: id,
      origin: 'webhook',
      payload: { id, title: 'Chairs', value: 12, products_count: 0 },
    })
    expect(event!.payload).toMatchObject({ user_id: { name: expect.any(String) } })
    expect(event!.payload).not.toHaveProperty('changed')
    expect(await desk.deliveries()).toMatchObject([
      { subscription_id: listener, state: 'pending' },
      { subscription_id: listener, record_id: id },
    ])
    expect(await desk.takeInbox()).toEqual([])
  })

  test('a deal that is won, opened again and won within one second is won twice', async () => {
    await desk.subscribe('won')
    const id = await add()
    for (const status of ['won', 'open', 'won']) await change(id, { status })
    await sort()
    expect(await desk.eventNames()).toEqual([`won ${id}`, `won ${id}`])
    expect((await desk.events())[0]!.payload).toMatchObject({
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
    await desk.subscribe('added')
    await add()
    await sort()
    const ids = await changed(100)
    await desk.webhooksArrived()
    desk.tokensSpent()
    await sort()
    expect(desk.tokensSpent()).toBe(10)
    expect(await desk.eventNames()).toEqual([1, ...ids].map((id, at) => (at === 0 ? expect.any(String) : `added ${id}`)))
  })

  test('two thousand webhooks leave the inbox as two thousand events', async () => {
    await desk.subscribe('added')
    await desk.subscribe('added', { state: 'paused' })
    const [id] = await changed(1)
    await desk.webhooksArrived()
    const [body] = (await desk.takeInbox()) as [{ meta: object; data: object }]
    const of = (record: number) => ({
      ...body,
      data: { ...body.data, id: record },
      meta: { ...body.meta, id: `m${record}`, entity_id: String(record) },
    })
    await desk.putInbox(...Array.from({ length: 2_000 }, (_, at) => of(id! + at)))
    expect(await sort()).toEqual({ left: 'empty' })
    expect(new Set(await desk.eventNames()).size).toBe(2_000)
    expect(await desk.deliveries()).toHaveLength(4_000)
  })

  test('copies of a webhook, also under another name each, are one event', async () => {
    desk.world.sandbox.behaviour.webhookCopies = 3
    await desk.subscribe('updated')
    const id = await add()
    await change(id, { title: 'Tables' })
    await desk.webhooksArrived()
    const bodies = (await desk.takeInbox()) as { meta: object }[]
    expect(bodies).toHaveLength(6)
    await desk.putInbox(...bodies.map((body, at) => ({ ...body, meta: { ...body.meta, id: `attempt-${at}` } })))
    await sort()
    await desk.putInbox(...bodies)
    await sort()
    expect(await desk.eventNames()).toEqual([`updated ${id}`])
  })

  test('webhooks in the wrong order are told in the order of what happened', async () => {
    for (const happening of ['added', 'won', 'lost']) await desk.subscribe(happening)
    const id = await add()
    for (const status of ['won', 'lost']) {
      desk.world.clock.advance(1_000)
      await change(id, { status })
    }
    await desk.webhooksArrived()
    await desk.putInbox(...(await desk.takeInbox()).toReversed())
    await sort()
    expect(await desk.eventNames()).toEqual([`added ${id}`, `won ${id}`, `lost ${id}`])
  })

  test('a subscription gets what passes its filters, as the deal was when it happened, and what nobody hears is not read', async () => {
    const all = await desk.subscribe('moved')
    const second = await desk.subscribe('moved', { filters: { stage_id: 2 } })
    const id = await add()
    await change(id, { stage_id: 2 })
    await change(id, { stage_id: 3 })
    await sort()
    expect((await desk.deliveries()).map(({ subscription_id }) => subscription_id)).toEqual([all, second, all])
    await store.db.deleteFrom('subscriptions').where('id', '=', all).execute()
    desk.tokensSpent()
    await change(id, { stage_id: 4 })
    await sort()
    expect(desk.tokensSpent()).toBe(0)
    expect(await desk.eventNames()).toHaveLength(3)
  })

  test('what nobody listens to leaves the inbox without a trace', async () => {
    await desk.subscribe('lost')
    await add()
    expect(await sort()).toEqual({ left: 'empty' })
    expect(await desk.takeInbox()).toEqual([])
    expect(await desk.eventNames()).toEqual([])
  })

  test('a deleted deal is told as it was, without asking Pipedrive for it', async () => {
    await desk.subscribe('deleted')
    const id = await add({ value: 5 })
    await sort()
    await desk.world.pipedrive('DELETE', `/api/v2/deals/${id}`)
    await sort()
    expect((await desk.events())[0]).toMatchObject({
      happening: 'deleted',
      payload: { id, title: 'Chairs', value: 5, status: 'deleted', deleted: true, active: false, user_id: { name: expect.any(String) } },
    })
    expect(desk.world.taken().filter(({ path }) => path.includes('/deals/'))).toEqual([])
  })

  test('a deal that cannot be read is told as its webhook says', async () => {
    await desk.subscribe('added')
    desk.world.sandbox.lateCommits(5)
    const id = await add({ value: 5 })
    await sort()
    expect((await desk.events())[0]).toMatchObject({ record_id: id, payload: { id, title: 'Chairs', value: 5, products_count: null } })
  })

  test('names that cannot be had are null, and the event is told', async () => {
    await desk.subscribe('added')
    const id = await add()
    desk.world.intercept((request) => (request.url.includes('/users') ? new Response('{}', { status: 500 }) : undefined))
    await sort()
    expect((await desk.events())[0]).toMatchObject({ record_id: id, payload: { user_id: { name: null } } })
  })

  const refuse = (path: string, status: number) =>
    desk.world.intercept((request) =>
      new URL(request.url).pathname.endsWith(path) ? new Response('{"success":false}', { status }) : undefined,
    )

  test('a deal that Pipedrive chokes on delays no other, and is told from its webhook in the end', async () => {
    await desk.subscribe('added')
    const [first, second] = await changed(2)
    refuse(`/deals/${first}`, 500)
    expect(await sort()).toMatchObject({ left: 'stuck', tries: 1 })
    expect(await desk.eventNames()).toEqual([`added ${second}`])
    for (let tries = 2; tries <= 5; tries++) expect(await sort()).toMatchObject({ left: 'stuck', tries })
    expect(await sort()).toEqual({ left: 'empty' })
    expect(await desk.eventNames()).toEqual([`added ${second}`, `added ${first}`])
    expect((await desk.events())[1]!.payload).toMatchObject({ title: 'Chair 0', products_count: null })
  })

  test('while all of Pipedrive is away nothing is told from webhooks alone, however often it was tried', async () => {
    await desk.subscribe('added')
    const id = await add()
    desk.world.intercept(() => new Response('{}', { status: 500 }))
    for (let tries = 1; tries <= 5; tries++) expect(await sort()).toMatchObject({ left: 'stuck' })
    await expect(sort()).rejects.toMatchObject({ code: 'Unavailable' })
    desk.world.intercept()
    await sort()
    expect(await desk.eventNames()).toEqual([`added ${id}`])
    expect((await desk.events())[0]!.payload).toMatchObject({ products_count: 0 })
  })

  test('what cannot be read tells nothing, and what cannot be recorded stays in the inbox; neither stops the others', async () => {
    await desk.subscribe('added')
    const [first, second] = await changed(2)
    await desk.webhooksArrived()
    await desk.putInbox({ meta: { version: '3.0' } })
    const [poison, cure] = store.isShared
      ? [`alter table events add constraint poison check (record_id <> ${first})`, 'alter table events drop constraint poison']
      : [
          `create trigger poison before insert on events when new.record_id = ${first} begin select raise(abort, 'poison'); end`,
          'drop trigger poison',
        ]
    await sql.raw(poison).execute(store.db)
    try {
      expect(await sort()).toEqual({ left: 'empty' })
      expect(await sort()).toEqual({ left: 'empty' })
    } finally {
      await sql.raw(cure).execute(store.db)
    }
    expect(await desk.eventNames()).toEqual([`added ${second}`])
    expect(await desk.takeInbox()).toMatchObject([{ data: { id: first } }])
  })

  test('two processes that sort the same rows tell them once', async () => {
    await desk.subscribe('updated')
    const id = await add()
    for (const title of ['a', 'b', 'c']) await change(id, { title })
    await desk.webhooksArrived()
    const source = await desk.source()
    await Promise.all([processInbox(desk.deps, source, HELD_LEASE), processInbox(desk.deps, source, HELD_LEASE)])
    expect(await desk.eventNames()).toHaveLength(3)
    expect(await desk.deliveries()).toHaveLength(3)
  })

  test('whoever has lost the lane records nothing', async () => {
    await desk.subscribe('added')
    await add()
    await desk.webhooksArrived()
    expect(await processInbox(desk.deps, await desk.source(), { isHeld: () => false })).toEqual({ left: 'lost' })
    expect(await desk.eventNames()).toEqual([])
    expect(await desk.takeInbox()).toHaveLength(1)
  })

  test('activities are told of the user of the key alone, unless a subscription asks for an owner', async () => {
    await deleteAccounts(store)
    desk = await openSourceFixture(store, 'activity')
    const mine = await desk.subscribe('added')
    const me = Number((await desk.world.pipedrive('GET', '/api/v1/users/me'))['id'])
    const bob = Number((await desk.world.pipedrive('GET', '/api/v1/users/me', undefined, 'sandbox-bob'))['id'])
    const asked = await desk.subscribe('added', { filters: { owner_id: bob } })
    for (const owner of [me, bob])
      await desk.world.pipedrive('POST', '/api/v2/activities', { subject: 'Call', type: 'call', owner_id: owner })
    await sort()
    expect((await desk.deliveries()).map(({ subscription_id }) => subscription_id)).toEqual([mine, asked])
    desk.options.activities = 'all'
    await desk.world.pipedrive('POST', '/api/v2/activities', { subject: 'Call', type: 'call', owner_id: bob })
    await sort()
    expect((await desk.deliveries()).slice(2).map(({ subscription_id }) => subscription_id)).toEqual(expect.arrayContaining([mine, asked]))
  })

  test('an active subscription is due when it has something to deliver; a paused one is not', async () => {
    const active = await desk.subscribe('added')
    const paused = await desk.subscribe('added', { state: 'paused' })
    await add()
    await sort()
    const due = async (id: string) =>
      (await store.db.selectFrom('subscriptions').select('due_at').where('id', '=', id).executeTakeFirstOrThrow()).due_at.getTime()
    expect(await due(active)).toBeLessThanOrEqual(desk.world.clock.now())
    expect(await due(paused)).toBeGreaterThan(desk.world.clock.now())
  })

  test('a deal whose reading lags behind its webhook is told as the webhook says', async () => {
    await desk.subscribe('updated')
    const id = await add({ title: 'Old' })
    await sort()
    const old = await desk.world.pipedrive('GET', `/api/v2/deals/${id}`)
    desk.world.clock.advance(2_000)
    await change(id, { title: 'New' })
    desk.world.intercept((request) =>
      new URL(request.url).pathname.endsWith(`/deals/${id}`)
        ? Response.json({ success: true, data: { ...old, products_count: 3 } })
        : undefined,
    )
    await sort()
    expect((await desk.events())[0]!.payload).toMatchObject({
      title: 'New',
      products_count: 3,
      changed: ['title'],
      previous: { title: 'Old' },
    })
  })
})
