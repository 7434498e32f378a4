import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { onEveryEngine } from '../../store/engines.fixture.ts'
import type { Store } from '../../store/store.ts'
import { startEndpoint, openDeliveryFixture, type DeliveryFixture, type TestEndpoint } from './delivery.fixture.ts'
import { createSubscriptionRunner, type SubscriptionRunner } from './run-subscription.ts'

const HOUR_MS = 3_600_000
const held = { isHeld: () => true }

onEveryEngine('first attempts', (newStore) => {
  let store: Store
  let desk: DeliveryFixture
  let runner: SubscriptionRunner
  let receiver: TestEndpoint
  beforeAll(async () => {
    store = await newStore()
  })
  afterAll(() => store.close())
  beforeEach(async () => {
    desk = await openDeliveryFixture(store)
    runner = createSubscriptionRunner(desk.deps)
    receiver = await startEndpoint()
  })
  afterEach(async () => {
    await runner.close()
    await receiver.close()
  })

  test('they do not wait for a clock that was set back, nor for one that lags behind', async () => {
    const id = await desk.subscribe(receiver.url)
    const early = await desk.addDelivery(id, 1)
    desk.clock.advance(-5 * HOUR_MS)
    const late = await desk.addDelivery(id, 1)
    await runner.run(id, held)
    expect(receiver.requests.map(({ id: called }) => called)).toEqual([early, late])
  })

  test('a test names the record that it brings', async () => {
    const id = await desk.subscribe(receiver.url, { format: 'cloudevents' })
    const delivery = await desk.addDelivery(id, 7)
    // As a test is written down: it waits for nothing that happens to the record, and keeps nothing waiting.
    await store.db.updateTable('deliveries').set({ record_id: 0 }).where('id', '=', delivery).execute()
    await runner.run(id, held)
    expect(JSON.parse(receiver.requests[0]!.body)).toMatchObject({ subject: 'deal/7' })
  })
})
