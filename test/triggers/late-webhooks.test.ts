import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { initBaseline } from '../../src/delivery/reconcile/init-baseline.ts'
import { createSourceRunner } from '../../src/delivery/queue/run-source.ts'
import { onEveryEngine } from '../../src/store/engines.fixture.ts'
import { recordQueryPlans } from '../../src/store/query-plans.fixture.ts'
import type { Store } from '../../src/store/store.ts'
import { deleteAccounts } from './delivery-world.ts'
import { HELD_LEASE, openSourceFixture, type SourceFixture } from './source.fixture.ts'

const MINUTE_MS = 60_000

const plans = recordQueryPlans()
afterAll(() => plans.stop())

onEveryEngine('webhooks that arrive after lists have shown later states of their records', (newStore) => {
  let store: Store
  let fixture: SourceFixture
  beforeAll(async () => (store = await newStore()))
  afterAll(() => store.close())
  beforeEach(async () => {
    await deleteAccounts(store)
    fixture = await openSourceFixture(store, 'deal')
    for (const happening of ['added', 'won'] as const) await initBaseline(fixture.deps, await fixture.source(), happening)
  })

  const add = async (values: Record<string, unknown> = {}) =>
    Number((await fixture.world.pipedrive('POST', '/api/v2/deals', { title: 'Chairs', ...values }))['id'])
  const change = (id: number, values: Record<string, unknown>) => fixture.world.pipedrive('PATCH', `/api/v2/deals/${id}`, values)
  const advance = async (ms = MINUTE_MS) => {
    fixture.world.clock.advance(ms)
    await fixture.webhooksArrived()
  }
  const reconcileNow = async () => {
    await store.db
      .updateTable('sources')
      .set({ reconcile_at: new Date(0) })
      .execute()
    return createSourceRunner(fixture.deps, () => 0)((await fixture.source()).id, HELD_LEASE)
  }
  const recipients = async () => (await fixture.deliveries()).map(({ subscription_id: id, record_id: record }) => `${id} ${record}`)

  test('a filter for the stage in which a deal was added matches, although lists showed the next stage', async () => {
    const first = await fixture.subscribe('added', { filters: { stage_id: 1 } })
    const second = await fixture.subscribe('added', { filters: { stage_id: 2 } })
    const both = await fixture.subscribe('added')
    const id = await add({ stage_id: 1 })
    await change(id, { stage_id: 2 })
    await advance()
    const late = await fixture.takeInbox()
    await reconcileNow()
    expect((await recipients()).toSorted()).toEqual([`${second} ${id}`, `${both} ${id}`].toSorted())
    // A later subscription gets only what is recorded from then on.
    await advance()
    await fixture.subscribe('added', { filters: { stage_id: 1 } })
    await fixture.putInbox(...late)
    await reconcileNow()
    await fixture.putInbox(...late)
    await reconcileNow()
    expect((await recipients()).toSorted()).toEqual([`${first} ${id}`, `${second} ${id}`, `${both} ${id}`].toSorted())
    expect(await fixture.eventNames()).toEqual([`added ${id}`])
  })

  test('a filter for the stage in which a deal was won matches, with names, although lists showed another stage', async () => {
    const first = await fixture.subscribe('won', { filters: { stage_id: 1 } })
    const id = await add({ stage_id: 1 })
    await advance()
    await reconcileNow()
    await change(id, { status: 'won' })
    await change(id, { stage_id: 3 })
    await advance()
    const late = await fixture.takeInbox()
    await reconcileNow()
    expect(await recipients()).toEqual([])
    await fixture.putInbox(...late)
    await reconcileNow()
    await fixture.putInbox(...late)
    await reconcileNow()
    expect(await recipients()).toEqual([`${first} ${id}`])
    const [event] = await fixture.events()
    expect(event).toMatchObject({ happening: 'won', absorbed: true, payload: { id, status: 'won', user_id: { name: expect.any(String) } } })
  })

  test('no statement scans a growing table', async () => {
    await fixture.subscribe('won')
    await change(await add(), { status: 'won' })
    await advance()
    const late = await fixture.takeInbox()
    await reconcileNow()
    await fixture.putInbox(...late)
    await reconcileNow()
    expect(
      plans.scans([
        'select "subscription_id", "record_id", "state" from "deliveries" order by "seq"',
        'select "happening", "record_id", "origin", "absorbed", "payload" from "events" where "source_id" = ? order by "seq"',
      ]),
    ).toEqual([])
  })
})
