import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { prepareSource } from '../../src/delivery/reconcile/prepare-source.ts'
import { createSourceRunner } from '../../src/delivery/queue/run-source.ts'
import { onEveryEngine } from '../../src/store/engines.fixture.ts'
import type { Store } from '../../src/store/store.ts'
import { deleteAccounts } from './delivery-world.ts'
import { HELD_LEASE, openSourceFixture, type SourceFixture } from './source.fixture.ts'

const MINUTE_MS = 60_000

onEveryEngine('webhooks that come after lists have told of their records as they were by then', (newStore) => {
  let store: Store
  let desk: SourceFixture
  beforeAll(async () => (store = await newStore()))
  afterAll(() => store.close())
  beforeEach(async () => {
    await deleteAccounts(store)
    desk = await openSourceFixture(store, 'deal')
    for (const happening of ['added', 'won'] as const) await prepareSource(desk.deps, await desk.source(), happening)
  })

  const add = async (values: Record<string, unknown> = {}) =>
    Number((await desk.world.pipedrive('POST', '/api/v2/deals', { title: 'Chairs', ...values }))['id'])
  const change = (id: number, values: Record<string, unknown>) => desk.world.pipedrive('PATCH', `/api/v2/deals/${id}`, values)
  const pass = async (ms = MINUTE_MS) => {
    desk.world.clock.advance(ms)
    await desk.webhooksArrived()
  }
  const round = async () => {
    await store.db
      .updateTable('sources')
      .set({ reconcile_at: new Date(0) })
      .execute()
    return createSourceRunner(desk.deps, () => 0)((await desk.source()).id, HELD_LEASE)
  }
  const got = async () => (await desk.deliveries()).map(({ subscription_id: id, record_id: record }) => `${id} ${record}`)

  test('whoever asked for the stage in which a deal was added gets it, although lists saw it in the next one', async () => {
    const first = await desk.subscribe('added', { filters: { stage_id: 1 } })
    const second = await desk.subscribe('added', { filters: { stage_id: 2 } })
    const both = await desk.subscribe('added')
    const id = await add({ stage_id: 1 })
    await change(id, { stage_id: 2 })
    await pass()
    const late = await desk.takeInbox()
    await round()
    expect((await got()).toSorted()).toEqual([`${second} ${id}`, `${both} ${id}`].toSorted())
    // Who has subscribed by now was told what is recorded from then on.
    await pass()
    await desk.subscribe('added', { filters: { stage_id: 1 } })
    await desk.putInbox(...late)
    await round()
    await desk.putInbox(...late)
    await round()
    expect((await got()).toSorted()).toEqual([`${first} ${id}`, `${second} ${id}`, `${both} ${id}`].toSorted())
    expect(await desk.eventNames()).toEqual([`added ${id}`])
  })

  test('whoever asked for the stage in which a deal was won gets it, with names, although lists saw it where nobody asked for it', async () => {
    const first = await desk.subscribe('won', { filters: { stage_id: 1 } })
    const id = await add({ stage_id: 1 })
    await pass()
    await round()
    await change(id, { status: 'won' })
    await change(id, { stage_id: 3 })
    await pass()
    const late = await desk.takeInbox()
    await round()
    expect(await got()).toEqual([])
    await desk.putInbox(...late)
    await round()
    await desk.putInbox(...late)
    await round()
    expect(await got()).toEqual([`${first} ${id}`])
    const [event] = await desk.events()
    expect(event).toMatchObject({ happening: 'won', absorbed: true, payload: { id, status: 'won', user_id: { name: expect.any(String) } } })
  })
})
