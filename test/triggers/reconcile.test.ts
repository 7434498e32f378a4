import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { NEVER } from '../../src/delivery/deps.ts'
import { requestReconciliation } from '../../src/delivery/reconcile/request-reconciliation.ts'
import { endSource } from '../../src/delivery/reconcile/end-source.ts'
import { prepareSource } from '../../src/delivery/reconcile/prepare-source.ts'
import { createSourceRunner } from '../../src/delivery/queue/run-source.ts'
import { ensureAccountAndSource, storeAccountKey } from '../../src/delivery/subscriptions/ensure-account-and-source.ts'
import { withSource } from '../../src/delivery/queue/source-lease.ts'
import { Secret } from '../../src/kit/secret.ts'
import type { EventType } from '../../src/catalog/contract/records/record-kind.ts'
import { ActivityChange, DealChange } from '../../src/catalog/contract/shapes/change.ts'
import { onEveryEngine } from '../../src/store/engines.fixture.ts'
import type { Store } from '../../src/store/store.ts'
import { ALICE } from '../contract/world.ts'
import { deleteAccounts } from './delivery-world.ts'
import { HELD_LEASE, openSourceFixture, type SourceFixture } from './source.fixture.ts'

const MINUTE_MS = 60_000

onEveryEngine('comparing lists with what was told', (newStore) => {
  let store: Store
  let desk: SourceFixture
  beforeAll(async () => (store = await newStore()))
  afterAll(() => store.close())
  beforeEach(() => deleteAccounts(store))

  /** A source whose subscribers listen to these happenings. */
  const open = async (...happenings: EventType[]) => {
    desk = await openSourceFixture(store, 'deal')
    for (const happening of happenings) {
      await prepareSource(desk.deps, await desk.source(), happening)
      await desk.subscribe(happening)
    }
  }
  const add = async (values: Record<string, unknown> = {}) =>
    Number((await desk.world.pipedrive('POST', '/api/v2/deals', { title: 'Chairs', ...values }))['id'])
  const change = (id: number, values: Record<string, unknown>) => desk.world.pipedrive('PATCH', `/api/v2/deals/${id}`, values)
  const pass = async (ms = MINUTE_MS) => {
    desk.world.clock.advance(ms)
    await desk.webhooksArrived()
  }
  /** The source's lane, with lists due at once. */
  const round = async () => {
    await store.db
      .updateTable('sources')
      .set({ reconcile_at: new Date(0) })
      .execute()
    return createSourceRunner(desk.deps, () => 0)((await desk.source()).id, HELD_LEASE)
  }
  const lose = () => void (desk.world.sandbox.behaviour.webhooks = 'none delivered')
  const bring = () => void (desk.world.sandbox.behaviour.webhooks = 'delivered')

  test('without webhooks every kind of event is told by the lists, once', async () => {
    await open('added', 'updated', 'moved', 'won', 'lost', 'deleted')
    const old = await add({ title: 'Old' })
    await pass()
    await round()
    lose()
    const fresh = await add()
    await pass()
    await change(old, { stage_id: 2 })
    await change(fresh, { title: 'Tables' })
    await pass()
    await round()
    await round()
    expect(await desk.eventNames()).toEqual([`added ${old}`, `added ${fresh}`, `updated ${old}`, `moved ${old}`, `updated ${fresh}`])
    const events = await desk.events()
    expect(events[3]!.payload).toMatchObject({ stage_id: 2, changed: ['stage_id', 'stage_change_time'], previous: { stage_id: 1 } })
    await change(old, { status: 'won' })
    await change(fresh, { status: 'lost' })
    await pass()
    await desk.world.pipedrive('DELETE', `/api/v2/deals/${old}`)
    await round()
    await round()
    expect((await desk.eventNames()).slice(5)).toEqual([`updated ${fresh}`, `lost ${fresh}`, `deleted ${old}`])
  })

  test('a round after what webhooks have told finds nothing, for ten tokens a list', async () => {
    await open('added', 'updated', 'won', 'deleted')
    const id = await add()
    await change(id, { status: 'won' })
    await change(id, { title: 'Tables' })
    await pass()
    await round()
    const told = await desk.eventNames()
    expect(told).toEqual([`added ${id}`, `updated ${id}`, `won ${id}`, `updated ${id}`])
    desk.tokensSpent()
    await round()
    expect(desk.tokensSpent()).toBe(30)
    expect(await desk.eventNames()).toEqual(told)
  })

  test('a webhook that comes after the lists have told its change is no second event, however often it comes', async () => {
    await open('won', 'updated')
    const id = await add()
    await pass()
    await round()
    await change(id, { status: 'won' })
    await pass()
    const late = await desk.takeInbox()
    await round()
    expect(await desk.eventNames()).toEqual([`updated ${id}`, `won ${id}`])
    await desk.putInbox(...late)
    await round()
    await desk.putInbox(...late)
    await round()
    expect(await desk.events()).toMatchObject([
      { happening: 'updated', origin: 'reconciled', absorbed: true },
      { happening: 'won', origin: 'reconciled', absorbed: true },
    ])
    // Another change is another event.
    bring()
    await change(id, { title: 'Tables' })
    await pass()
    await round()
    expect(await desk.eventNames()).toHaveLength(3)
  })

  test('what was there before somebody subscribed is no news, be it from a moment ago', async () => {
    desk = await openSourceFixture(store, 'deal', { hook: false })
    const id = await add({ status: 'won' })
    await change(id, { title: 'Tables' })
    for (const happening of ['added', 'updated', 'won', 'deleted'] as const) {
      await prepareSource(desk.deps, await desk.source(), happening)
      await desk.subscribe(happening)
    }
    await pass()
    await round()
    expect(await desk.eventNames()).toEqual([])
    await change(id, { title: 'Beds' })
    await pass()
    await round()
    expect(await desk.eventNames()).toEqual([`updated ${id}`])
    expect((await desk.events())[0]!.payload).toMatchObject({ changed: ['title'], previous: { title: 'Tables' } })
  })

  test('what happened while nobody listened is not told to whoever listens later', async () => {
    await open('added', 'won')
    const id = await add()
    await pass()
    await round()
    await store.db.updateTable('subscriptions').set({ state: 'ended' }).where('happening', '=', 'won').execute()
    await round()
    expect((await desk.source()).changed_since).toBeNull()
    await change(id, { status: 'won' })
    await pass(3_600_000)
    await round()
    await prepareSource(desk.deps, await desk.source(), 'won')
    await desk.subscribe('won')
    await pass()
    await round()
    expect(await desk.eventNames()).toEqual([`added ${id}`])
  })

  test('hundreds of changes are told in batches, and the next round finds nothing', async () => {
    await open('added', 'updated')
    lose()
    const ids: number[] = []
    for (let made = 0; made < 250; made++) ids.push(await add({ title: `Chair ${made}` }))
    await pass()
    for (const id of ids) await change(id, { title: 'Table' })
    await pass()
    await round()
    await round()
    const told = await desk.eventNames()
    expect(told.filter((one) => one.startsWith('added'))).toEqual(ids.map((id) => `added ${id}`))
    expect(told.filter((one) => one.startsWith('updated')).toSorted()).toEqual(ids.map((id) => `updated ${id}`).toSorted())
  })

  test('a webhook that says nothing is made anew once lists show what it should have told', async () => {
    await open('added')
    const before = (await desk.source()).webhook_id
    lose()
    await add()
    await pass()
    await round()
    expect((await desk.source()).webhook_id).toBe(before)
    await add()
    await pass(10 * MINUTE_MS)
    const due = await round()
    expect((await desk.source()).webhook_id).not.toBe(before)
    expect(due!.getTime()).toBeLessThanOrEqual(desk.world.clock.now() + 2 * MINUTE_MS)
  })

  test('changes of a moment ago are told when their second is over, by one more round', async () => {
    await open('updated')
    const id = await add()
    await pass()
    await round()
    lose()
    await change(id, { title: 'Tables' })
    const due = await round()
    expect(await desk.eventNames()).toEqual([])
    await pass(due!.getTime() - desk.world.clock.now())
    await createSourceRunner(desk.deps, () => 0)((await desk.source()).id, HELD_LEASE)
    expect(await desk.eventNames()).toEqual([`updated ${id}`])
  })

  test('while Pipedrive is away the source says why and waits, as long as Pipedrive asks for; then all is well again', async () => {
    await open('added')
    const id = await add()
    await desk.webhooksArrived()
    desk.world.intercept(() => new Response('{"success":false}', { status: 429, headers: { 'retry-after': '60' } }))
    const due = await round()
    expect(due!.getTime()).toBeGreaterThanOrEqual(desk.world.clock.now() + 30_000)
    expect((await desk.source()).trouble).toMatch(/^BurstExhausted: |^BudgetExhausted: /)
    desk.world.intercept()
    desk.world.clock.advance(120_000)
    await round()
    expect((await desk.source()).trouble).toBeNull()
    expect(await desk.eventNames()).toEqual([`added ${id}`])
  })

  test('a source without subscriptions takes its webhook out of Pipedrive, and forgets the key of its account', async () => {
    await open('added')
    await store.db.updateTable('subscriptions').set({ state: 'ended' }).execute()
    const { account_id: account } = await desk.source()
    expect(await round()).toBeUndefined()
    expect(await desk.world.pipedrive('GET', '/api/v1/webhooks')).toEqual([])
    expect(await desk.source()).toMatchObject({ mode: 'polling', webhook_id: null, watch: null })
    expect(await store.db.selectFrom('accounts').select(['id', 'sealed_key']).execute()).toEqual([{ id: account, sealed_key: null }])
  })

  test('the key of an account stays while somebody subscribes, whichever of its sources ends, and is forgotten if they do not finish', async () => {
    await open('added')
    await store.db.updateTable('subscriptions').set({ state: 'ended' }).execute()
    const kept = () => store.db.selectFrom('accounts').selectAll().executeTakeFirstOrThrow()
    await round()
    await store.db.updateTable('sources').set({ due_at: NEVER }).execute()
    const { id, principal, company_id, user_id } = await kept()
    const acting = { key: new Secret(ALICE), principal }
    const { source: other } = await ensureAccountAndSource(desk.deps, acting, { company_id, id: user_id }, 'activity')
    expect((await kept()).sealed_key).toBeNull()
    await withSource(desk.deps, (await desk.source()).id, async () => {
      await storeAccountKey(desk.deps, id, acting)
      await endSource(desk.deps, other)
      expect((await kept()).sealed_key).not.toBeNull()
      // Whoever dies here leaves a lane that is due.
      expect((await desk.source()).due_at.getTime()).toBeLessThanOrEqual(desk.world.clock.now())
    })
    await round()
    expect((await kept()).sealed_key).toBeNull()
  })

  test('after a start every source with a webhook is compared with the lists, a few at once', async () => {
    await open('added')
    const { id } = await desk.source()
    await store.db.updateTable('sources').set({ due_at: NEVER, reconcile_at: NEVER }).execute()
    await requestReconciliation(desk.deps)
    expect(await desk.source()).toMatchObject({
      id,
      due_at: new Date(desk.world.clock.now()),
      reconcile_at: new Date(desk.world.clock.now()),
    })
  })

  const openActivities = async (...happenings: EventType[]) => {
    desk = await openSourceFixture(store, 'activity')
    for (const happening of happenings) {
      await prepareSource(desk.deps, await desk.source(), happening)
      await desk.subscribe(happening)
    }
  }
  const addActivity = async (values: Record<string, unknown> = {}) =>
    Number((await desk.world.pipedrive('POST', '/api/v2/activities', { subject: 'Call', type: 'call', ...values }))['id'])
  const changeActivity = (id: number, values: Record<string, unknown>) => desk.world.pipedrive('PATCH', `/api/v2/activities/${id}`, values)

  test('activities that webhooks have told, read or not, are nothing new in the lists', async () => {
    await openActivities('added', 'updated', 'done')
    const elsewhere = await desk.subscribe('updated', { filters: { type: 'lunch' } })
    const id = await addActivity({ due_time: '10:00', duration: '00:30', note: 'n' })
    await changeActivity(id, { done: true, note: 'm' })
    await pass()
    await round()
    await store.db.deleteFrom('subscriptions').where('happening', '=', 'updated').where('id', '<>', elsewhere).execute()
    const unread = await addActivity({ busy: true, public_description: 'x' })
    await changeActivity(unread, { due_date: '2026-12-24' })
    await pass()
    await round()
    await round()
    expect(await desk.eventNames()).toEqual([`added ${id}`, `updated ${id}`, `done ${id}`, `added ${unread}`, `updated ${unread}`])
    expect((await desk.events()).every(({ origin }) => origin === 'webhook')).toBe(true)
  })

  test('an activity that was done while no webhook came is done once, in the shape of the contract', async () => {
    await openActivities('updated', 'done')
    const id = await addActivity({ subject: 'Call back' })
    await pass()
    await round()
    lose()
    await changeActivity(id, { done: true })
    await pass()
    await round()
    await changeActivity(id, { note: 'it went well' })
    await pass()
    await round()
    expect(await desk.eventNames()).toEqual([`updated ${id}`, `done ${id}`, `updated ${id}`])
    const [, done, noted] = await desk.events()
    expect(done!.payload).toMatchObject({ done: true, changed: expect.arrayContaining(['done']), previous: { done: false } })
    expect(noted!.payload).toMatchObject({ changed: ['note'], previous: { note: null } })
    expect(ActivityChange.safeParse(done!.payload)).toMatchObject({ success: true })
  })

  test('deals of every sort that webhooks have told are nothing new in the lists', async () => {
    await open('added', 'updated', 'moved', 'won', 'lost')
    const field = await desk.world.pipedrive('POST', '/api/v2/dealFields', { field_name: 'Colour', field_type: 'varchar' })
    const code = String(field['field_code'])
    const id = await add({ expected_close_date: '2026-12-24', probability: 40 })
    await pass(3_000)
    await change(id, { custom_fields: { [code]: 'red' } })
    await pass(3_000)
    await change(id, { stage_id: 2, value: 5 })
    await change(id, { status: 'lost', lost_reason: 'price' })
    await pass()
    await round()
    const told = await desk.eventNames()
    expect(told).toEqual([`added ${id}`, `updated ${id}`, `updated ${id}`, `moved ${id}`, `updated ${id}`, `lost ${id}`])
    await round()
    expect(await desk.eventNames()).toEqual(told)
    const events = await desk.events()
    expect(events[1]!.payload).toMatchObject({ changed: [`custom_fields.${code}`], previous: {} })
    expect(DealChange.safeParse(events[2]!.payload)).toMatchObject({ success: true })
    lose()
    await change(id, { custom_fields: { [code]: 'green' } })
    await pass()
    await round()
    expect((await desk.events()).slice(6)).toMatchObject([{ happening: 'updated', origin: 'reconciled' }])
  })
})
