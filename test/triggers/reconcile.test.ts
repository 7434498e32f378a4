import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { NEVER } from '../../src/delivery/deps.ts'
import { requestReconciliation } from '../../src/delivery/reconcile/request-reconciliation.ts'
import { endSource } from '../../src/delivery/reconcile/end-source.ts'
import { initBaseline } from '../../src/delivery/reconcile/init-baseline.ts'
import { createSourceRunner } from '../../src/delivery/queue/run-source.ts'
import { ensureAccountAndSource, storeAccountKey } from '../../src/delivery/subscriptions/ensure-account-and-source.ts'
import { withSourceLease } from '../../src/delivery/queue/source-lease.ts'
import { Secret } from '../../src/kit/secret.ts'
import type { EventType } from '../../src/catalog/contract/records/record-kind.ts'
import { ActivityChange, DealChange } from '../../src/catalog/contract/shapes/change.ts'
import { onEveryEngine } from '../../src/store/engines.fixture.ts'
import type { Store } from '../../src/store/store.ts'
import { ALICE } from '../contract/world.ts'
import { deleteAccounts } from './delivery-world.ts'
import { HELD_LEASE, openSourceFixture, type SourceFixture } from './source.fixture.ts'

const MINUTE_MS = 60_000

onEveryEngine('reconciling lists with recorded events', (newStore) => {
  let store: Store
  let fixture: SourceFixture
  beforeAll(async () => (store = await newStore()))
  afterAll(() => store.close())
  beforeEach(() => deleteAccounts(store))

  /** Opens a source with a subscription to each of these event types. */
  const open = async (...happenings: EventType[]) => {
    fixture = await openSourceFixture(store, 'deal')
    for (const happening of happenings) {
      await initBaseline(fixture.deps, await fixture.source(), happening)
      await fixture.subscribe(happening)
    }
  }
  const add = async (values: Record<string, unknown> = {}) =>
    Number((await fixture.world.pipedrive('POST', '/api/v2/deals', { title: 'Chairs', ...values }))['id'])
  const change = (id: number, values: Record<string, unknown>) => fixture.world.pipedrive('PATCH', `/api/v2/deals/${id}`, values)
  const advance = async (ms = MINUTE_MS) => {
    fixture.world.clock.advance(ms)
    await fixture.webhooksArrived()
  }
  /** Runs the source's work item with all lists due. */
  const reconcileNow = async () => {
    await store.db
      .updateTable('sources')
      .set({ reconcile_at: new Date(0) })
      .execute()
    return createSourceRunner(fixture.deps, () => 0)((await fixture.source()).id, HELD_LEASE)
  }
  const stopWebhooks = () => void (fixture.world.sandbox.behaviour.webhooks = 'none delivered')
  const resumeWebhooks = () => void (fixture.world.sandbox.behaviour.webhooks = 'delivered')

  test('without webhooks, lists find every type of event once', async () => {
    await open('added', 'updated', 'moved', 'won', 'lost', 'deleted')
    const old = await add({ title: 'Old' })
    await advance()
    await reconcileNow()
    stopWebhooks()
    const fresh = await add()
    await advance()
    await change(old, { stage_id: 2 })
    await change(fresh, { title: 'Tables' })
    await advance()
    await reconcileNow()
    await reconcileNow()
    expect(await fixture.eventNames()).toEqual([`added ${old}`, `added ${fresh}`, `updated ${old}`, `moved ${old}`, `updated ${fresh}`])
    const events = await fixture.events()
    expect(events[3]!.payload).toMatchObject({ stage_id: 2, changed: ['stage_id', 'stage_change_time'], previous: { stage_id: 1 } })
    await change(old, { status: 'won' })
    await change(fresh, { status: 'lost' })
    await advance()
    await fixture.world.pipedrive('DELETE', `/api/v2/deals/${old}`)
    await reconcileNow()
    await reconcileNow()
    expect((await fixture.eventNames()).slice(5)).toEqual([`updated ${fresh}`, `lost ${fresh}`, `deleted ${old}`])
  })

  test('a reconciliation after webhooks finds nothing, for ten tokens a list', async () => {
    await open('added', 'updated', 'won', 'deleted')
    const id = await add()
    await change(id, { status: 'won' })
    await change(id, { title: 'Tables' })
    await advance()
    await reconcileNow()
    const recorded = await fixture.eventNames()
    expect(recorded).toEqual([`added ${id}`, `updated ${id}`, `won ${id}`, `updated ${id}`])
    fixture.tokensSpent()
    await reconcileNow()
    expect(fixture.tokensSpent()).toBe(30)
    expect(await fixture.eventNames()).toEqual(recorded)
  })

  test('a webhook for a change that lists found is not a second event, however often it arrives', async () => {
    await open('won', 'updated')
    const id = await add()
    await advance()
    await reconcileNow()
    await change(id, { status: 'won' })
    await advance()
    const late = await fixture.takeInbox()
    await reconcileNow()
    expect(await fixture.eventNames()).toEqual([`updated ${id}`, `won ${id}`])
    await fixture.putInbox(...late)
    await reconcileNow()
    await fixture.putInbox(...late)
    await reconcileNow()
    expect(await fixture.events()).toMatchObject([
      { happening: 'updated', origin: 'reconciled', absorbed: true },
      { happening: 'won', origin: 'reconciled', absorbed: true },
    ])
    // Another change is another event.
    resumeWebhooks()
    await change(id, { title: 'Tables' })
    await advance()
    await reconcileNow()
    expect(await fixture.eventNames()).toHaveLength(3)
  })

  test('the state before the subscription causes no event, even if it is a moment old', async () => {
    fixture = await openSourceFixture(store, 'deal', { hook: false })
    const id = await add({ status: 'won' })
    await change(id, { title: 'Tables' })
    for (const happening of ['added', 'updated', 'won', 'deleted'] as const) {
      await initBaseline(fixture.deps, await fixture.source(), happening)
      await fixture.subscribe(happening)
    }
    await advance()
    await reconcileNow()
    expect(await fixture.eventNames()).toEqual([])
    await change(id, { title: 'Beds' })
    await advance()
    await reconcileNow()
    expect(await fixture.eventNames()).toEqual([`updated ${id}`])
    expect((await fixture.events())[0]!.payload).toMatchObject({ changed: ['title'], previous: { title: 'Tables' } })
  })

  test('changes without a subscription are not delivered to a later subscription', async () => {
    await open('added', 'won')
    const id = await add()
    await advance()
    await reconcileNow()
    await store.db.updateTable('subscriptions').set({ state: 'ended' }).where('happening', '=', 'won').execute()
    await reconcileNow()
    expect((await fixture.source()).changed_since).toBeNull()
    await change(id, { status: 'won' })
    await advance(3_600_000)
    await reconcileNow()
    await initBaseline(fixture.deps, await fixture.source(), 'won')
    await fixture.subscribe('won')
    await advance()
    await reconcileNow()
    expect(await fixture.eventNames()).toEqual([`added ${id}`])
  })

  test('hundreds of changes are recorded in batches, and the next reconciliation finds nothing', async () => {
    await open('added', 'updated')
    stopWebhooks()
    const ids: number[] = []
    for (let made = 0; made < 250; made++) ids.push(await add({ title: `Chair ${made}` }))
    await advance()
    for (const id of ids) await change(id, { title: 'Table' })
    await advance()
    await reconcileNow()
    await reconcileNow()
    const recorded = await fixture.eventNames()
    expect(recorded.filter((one) => one.startsWith('added'))).toEqual(ids.map((id) => `added ${id}`))
    expect(recorded.filter((one) => one.startsWith('updated')).toSorted()).toEqual(ids.map((id) => `updated ${id}`).toSorted())
  })

  test('a silent webhook is registered again once lists show what it should have delivered', async () => {
    await open('added')
    const before = (await fixture.source()).webhook_id
    stopWebhooks()
    await add()
    await advance()
    await reconcileNow()
    expect((await fixture.source()).webhook_id).toBe(before)
    await add()
    await advance(10 * MINUTE_MS)
    const due = await reconcileNow()
    expect((await fixture.source()).webhook_id).not.toBe(before)
    expect(due!.getTime()).toBeLessThanOrEqual(fixture.world.clock.now() + 2 * MINUTE_MS)
  })

  test('changes of the current second are recorded by one more reconciliation when it is over', async () => {
    await open('updated')
    const id = await add()
    await advance()
    await reconcileNow()
    stopWebhooks()
    await change(id, { title: 'Tables' })
    const due = await reconcileNow()
    expect(await fixture.eventNames()).toEqual([])
    await advance(due!.getTime() - fixture.world.clock.now())
    await createSourceRunner(fixture.deps, () => 0)((await fixture.source()).id, HELD_LEASE)
    expect(await fixture.eventNames()).toEqual([`updated ${id}`])
  })

  test('while Pipedrive is unavailable the source shows the reason and waits as long as Pipedrive asks for; then it recovers', async () => {
    await open('added')
    const id = await add()
    await fixture.webhooksArrived()
    fixture.world.intercept(() => new Response('{"success":false}', { status: 429, headers: { 'retry-after': '60' } }))
    const due = await reconcileNow()
    expect(due!.getTime()).toBeGreaterThanOrEqual(fixture.world.clock.now() + 30_000)
    expect((await fixture.source()).trouble).toMatch(/^BurstExhausted: |^BudgetExhausted: /)
    fixture.world.intercept()
    fixture.world.clock.advance(120_000)
    await reconcileNow()
    expect((await fixture.source()).trouble).toBeNull()
    expect(await fixture.eventNames()).toEqual([`added ${id}`])
  })

  test('a source without subscriptions removes its webhook from Pipedrive, and erases the key of its account', async () => {
    await open('added')
    await store.db.updateTable('subscriptions').set({ state: 'ended' }).execute()
    const { account_id: account } = await fixture.source()
    expect(await reconcileNow()).toBeUndefined()
    expect(await fixture.world.pipedrive('GET', '/api/v1/webhooks')).toEqual([])
    expect(await fixture.source()).toMatchObject({ mode: 'polling', webhook_id: null, watch: null })
    expect(await store.db.selectFrom('accounts').select(['id', 'sealed_key']).execute()).toEqual([{ id: account, sealed_key: null }])
  })

  test('the key of an account stays during a subscribe call, whichever of its sources ends, and is erased if the call does not finish', async () => {
    await open('added')
    await store.db.updateTable('subscriptions').set({ state: 'ended' }).execute()
    const accountRow = () => store.db.selectFrom('accounts').selectAll().executeTakeFirstOrThrow()
    await reconcileNow()
    await store.db.updateTable('sources').set({ due_at: NEVER }).execute()
    const { id, principal, company_id, user_id } = await accountRow()
    const principalOfCall = { key: new Secret(ALICE), principal }
    const { source: other } = await ensureAccountAndSource(fixture.deps, principalOfCall, { company_id, id: user_id }, 'activity')
    expect((await accountRow()).sealed_key).toBeNull()
    await withSourceLease(fixture.deps, (await fixture.source()).id, async () => {
      await storeAccountKey(fixture.deps, id, principalOfCall)
      await endSource(fixture.deps, other)
      expect((await accountRow()).sealed_key).not.toBeNull()
      // If the process dies here, the source's work item is due.
      expect((await fixture.source()).due_at.getTime()).toBeLessThanOrEqual(fixture.world.clock.now())
    })
    await reconcileNow()
    expect((await accountRow()).sealed_key).toBeNull()
  })

  test('after a start every source with a webhook is compared with the lists, a few in parallel', async () => {
    await open('added')
    const { id } = await fixture.source()
    await store.db.updateTable('sources').set({ due_at: NEVER, reconcile_at: NEVER }).execute()
    await requestReconciliation(fixture.deps)
    expect(await fixture.source()).toMatchObject({
      id,
      due_at: new Date(fixture.world.clock.now()),
      reconcile_at: new Date(fixture.world.clock.now()),
    })
  })

  const openActivities = async (...happenings: EventType[]) => {
    fixture = await openSourceFixture(store, 'activity')
    for (const happening of happenings) {
      await initBaseline(fixture.deps, await fixture.source(), happening)
      await fixture.subscribe(happening)
    }
  }
  const addActivity = async (values: Record<string, unknown> = {}) =>
    Number((await fixture.world.pipedrive('POST', '/api/v2/activities', { subject: 'Call', type: 'call', ...values }))['id'])
  const changeActivity = (id: number, values: Record<string, unknown>) =>
    fixture.world.pipedrive('PATCH', `/api/v2/activities/${id}`, values)

  test('activities that webhooks delivered, read or not, are not new in the lists', async () => {
    await openActivities('added', 'updated', 'done')
    const lunches = await fixture.subscribe('updated', { filters: { type: 'lunch' } })
    const id = await addActivity({ due_time: '10:00', duration: '00:30', note: 'n' })
    await changeActivity(id, { done: true, note: 'm' })
    await advance()
    await reconcileNow()
    await store.db.deleteFrom('subscriptions').where('happening', '=', 'updated').where('id', '<>', lunches).execute()
    const unread = await addActivity({ busy: true, public_description: 'x' })
    await changeActivity(unread, { due_date: '2026-12-24' })
    await advance()
    await reconcileNow()
    await reconcileNow()
    expect(await fixture.eventNames()).toEqual([`added ${id}`, `updated ${id}`, `done ${id}`, `added ${unread}`, `updated ${unread}`])
    expect((await fixture.events()).every(({ origin }) => origin === 'webhook')).toBe(true)
  })

  test('an activity that was done without a webhook is done once, in the shape of the contract', async () => {
    await openActivities('updated', 'done')
    const id = await addActivity({ subject: 'Call back' })
    await advance()
    await reconcileNow()
    stopWebhooks()
    await changeActivity(id, { done: true })
    await advance()
    await reconcileNow()
    await changeActivity(id, { note: 'it went well' })
    await advance()
    await reconcileNow()
    expect(await fixture.eventNames()).toEqual([`updated ${id}`, `done ${id}`, `updated ${id}`])
    const [, done, noted] = await fixture.events()
    expect(done!.payload).toMatchObject({ done: true, changed: expect.arrayContaining(['done']), previous: { done: false } })
    expect(noted!.payload).toMatchObject({ changed: ['note'], previous: { note: null } })
    expect(ActivityChange.safeParse(done!.payload)).toMatchObject({ success: true })
  })

  test('deals of every kind that webhooks delivered are not new in the lists', async () => {
    await open('added', 'updated', 'moved', 'won', 'lost')
    const field = await fixture.world.pipedrive('POST', '/api/v2/dealFields', { field_name: 'Colour', field_type: 'varchar' })
    const code = String(field['field_code'])
    const id = await add({ expected_close_date: '2026-12-24', probability: 40 })
    await advance(3_000)
    await change(id, { custom_fields: { [code]: 'red' } })
    await advance(3_000)
    await change(id, { stage_id: 2, value: 5 })
    await change(id, { status: 'lost', lost_reason: 'price' })
    await advance()
    await reconcileNow()
    const recorded = await fixture.eventNames()
    expect(recorded).toEqual([`added ${id}`, `updated ${id}`, `updated ${id}`, `moved ${id}`, `updated ${id}`, `lost ${id}`])
    await reconcileNow()
    expect(await fixture.eventNames()).toEqual(recorded)
    const events = await fixture.events()
    expect(events[1]!.payload).toMatchObject({ changed: [`custom_fields.${code}`], previous: {} })
    expect(DealChange.safeParse(events[2]!.payload)).toMatchObject({ success: true })
    stopWebhooks()
    await change(id, { custom_fields: { [code]: 'green' } })
    await advance()
    await reconcileNow()
    expect((await fixture.events()).slice(6)).toMatchObject([{ happening: 'updated', origin: 'reconciled' }])
  })
})
