import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { onEveryEngine } from '../../store/engines.fixture.ts'
import type { Store } from '../../store/store.ts'
import { openDeliveryFixture, type DeliveryFixture } from './delivery.fixture.ts'
import { sweepDeliveries } from './sweep-deliveries.ts'

const DAY_MS = 24 * 3_600_000
const URL = 'http://127.0.0.1/'

onEveryEngine('housekeeping of deliveries', (newStore) => {
  let store: Store
  let desk: DeliveryFixture
  beforeAll(async () => {
    store = await newStore()
  })
  afterAll(() => store.close())
  beforeEach(async () => {
    desk = await openDeliveryFixture(store)
  })

  const count = async (table: 'deliveries' | 'events' | 'delivery_attempts' | 'subscriptions'): Promise<number> =>
    Number((await store.db.selectFrom(table).select(store.db.fn.countAll().as('n')).executeTakeFirstOrThrow()).n)
  const end = async (id: string, state: 'delivered' | 'dead') => {
    const at = new Date(desk.clock.now())
    await store.db.updateTable('deliveries').set({ state, ended_at: at }).where('id', '=', id).execute()
    await store.db.insertInto('delivery_attempts').values({ delivery_id: id, attempt: 1, at, ms: 1 }).execute()
  }
  const sweep = () => sweepDeliveries(store, desk.clock)

  test('delivered ones are kept for seven days with events and attempts, dead ones for thirty', async () => {
    const id = await desk.subscribe(URL)
    const [delivered, dead] = [await desk.addDelivery(id, 1), await desk.addDelivery(id, 2)]
    await end(delivered, 'delivered')
    await end(dead, 'dead')
    desk.clock.advance(7 * DAY_MS)
    await sweep()
    expect([await count('deliveries'), await count('events'), await count('delivery_attempts')]).toEqual([2, 2, 2])
    desk.clock.advance(1_000)
    await sweep()
    expect([await count('deliveries'), await count('events'), await count('delivery_attempts')]).toEqual([1, 1, 1])
    expect(await desk.delivery(dead)).toMatchObject({ state: 'dead' })
    desk.clock.advance(23 * DAY_MS)
    await sweep()
    expect([await count('deliveries'), await count('events'), await count('delivery_attempts')]).toEqual([0, 0, 0])
  })

  test('what nobody has taken for seven days is given up, and says so', async () => {
    const paused = await desk.subscribe(URL, { state: 'paused' })
    const old = await desk.addDelivery(paused, 1)
    desk.clock.advance(DAY_MS)
    const young = await desk.addDelivery(paused, 1)
    desk.clock.advance(6 * DAY_MS + 1_000)
    await sweep()
    expect(await desk.delivery(old)).toMatchObject({ state: 'dead', last_reason: 'The endpoint did not accept it for 7 days.' })
    expect(await desk.delivery(young)).toMatchObject({ state: 'pending' })
  })

  test('hundreds are swept in one go', async () => {
    const id = await desk.subscribe(URL)
    for (let n = 0; n < 205; n++) await desk.addDelivery(id, n)
    desk.clock.advance(7 * DAY_MS + 1_000)
    await sweep()
    const left = await store.db.selectFrom('deliveries').select('id').where('state', '=', 'pending').execute()
    expect(left).toEqual([])
    desk.clock.advance(30 * DAY_MS + 1_000)
    await sweep()
    expect([await count('deliveries'), await count('events')]).toEqual([0, 0])
  })

  test('a subscription that has ended is forgotten after thirty days, a live one never', async () => {
    await desk.subscribe(URL)
    const ended = await desk.subscribe(URL, { state: 'ended', sealed_target: null })
    await end(await desk.addDelivery(ended, 1), 'dead')
    desk.clock.advance(29 * DAY_MS)
    await sweep()
    expect(await count('subscriptions')).toBe(2)
    desk.clock.advance(2 * DAY_MS)
    await sweep()
    expect(await count('subscriptions')).toBe(1)
  })
})
