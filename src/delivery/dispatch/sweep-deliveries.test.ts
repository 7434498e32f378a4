import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { onEveryEngine } from '../../store/engines.fixture.ts'
import type { Store } from '../../store/store.ts'
import { openDeliveryFixture, type DeliveryFixture } from './delivery.fixture.ts'
import { sweepDeliveries } from './sweep-deliveries.ts'

const DAY_MS = 24 * 3_600_000
const URL = 'http://127.0.0.1/'

onEveryEngine('sweeping deliveries', (newStore) => {
  let store: Store
  let fixture: DeliveryFixture
  beforeAll(async () => {
    store = await newStore()
  })
  afterAll(() => store.close())
  beforeEach(async () => {
    fixture = await openDeliveryFixture(store)
  })

  const count = async (table: 'deliveries' | 'events' | 'delivery_attempts' | 'subscriptions'): Promise<number> =>
    Number((await store.db.selectFrom(table).select(store.db.fn.countAll().as('n')).executeTakeFirstOrThrow()).n)
  const end = async (id: string, state: 'delivered' | 'dead') => {
    const at = new Date(fixture.clock.now())
    await store.db.updateTable('deliveries').set({ state, ended_at: at }).where('id', '=', id).execute()
    await store.db.insertInto('delivery_attempts').values({ delivery_id: id, attempt: 1, at, ms: 1 }).execute()
  }
  const sweep = () => sweepDeliveries(store, fixture.clock)

  test('delivered ones are stored for seven days with events and attempts, dead ones for thirty', async () => {
    const id = await fixture.subscribe(URL)
    const [delivered, dead] = [await fixture.addDelivery(id, 1), await fixture.addDelivery(id, 2)]
    await end(delivered, 'delivered')
    await end(dead, 'dead')
    fixture.clock.advance(7 * DAY_MS)
    await sweep()
    expect([await count('deliveries'), await count('events'), await count('delivery_attempts')]).toEqual([2, 2, 2])
    fixture.clock.advance(1_000)
    await sweep()
    expect([await count('deliveries'), await count('events'), await count('delivery_attempts')]).toEqual([1, 1, 1])
    expect(await fixture.delivery(dead)).toMatchObject({ state: 'dead' })
    fixture.clock.advance(23 * DAY_MS)
    await sweep()
    expect([await count('deliveries'), await count('events'), await count('delivery_attempts')]).toEqual([0, 0, 0])
  })

  test('a delivery that is pending for seven days becomes dead, with that reason', async () => {
    const paused = await fixture.subscribe(URL, { state: 'paused' })
    const old = await fixture.addDelivery(paused, 1)
    fixture.clock.advance(DAY_MS)
    const young = await fixture.addDelivery(paused, 1)
    fixture.clock.advance(6 * DAY_MS + 1_000)
    await sweep()
    expect(await fixture.delivery(old)).toMatchObject({ state: 'dead', last_reason: 'The endpoint did not accept it for 7 days.' })
    expect(await fixture.delivery(young)).toMatchObject({ state: 'pending' })
  })

  test('one sweep handles hundreds of deliveries', async () => {
    const id = await fixture.subscribe(URL)
    for (let n = 0; n < 205; n++) await fixture.addDelivery(id, n)
    fixture.clock.advance(7 * DAY_MS + 1_000)
    await sweep()
    const left = await store.db.selectFrom('deliveries').select('id').where('state', '=', 'pending').execute()
    expect(left).toEqual([])
    fixture.clock.advance(30 * DAY_MS + 1_000)
    await sweep()
    expect([await count('deliveries'), await count('events')]).toEqual([0, 0])
  })

  test('an ended subscription is deleted after thirty days, any other one never', async () => {
    await fixture.subscribe(URL)
    const ended = await fixture.subscribe(URL, { state: 'ended', sealed_target: null })
    await end(await fixture.addDelivery(ended, 1), 'dead')
    fixture.clock.advance(29 * DAY_MS)
    await sweep()
    expect(await count('subscriptions')).toBe(2)
    fixture.clock.advance(2 * DAY_MS)
    await sweep()
    expect(await count('subscriptions')).toBe(1)
  })
})
