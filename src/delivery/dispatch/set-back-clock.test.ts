import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { onEveryEngine } from '../../store/engines.fixture.ts'
import type { Store } from '../../store/store.ts'
import { startEndpoint, openDeliveryFixture, type DeliveryFixture, type TestEndpoint } from './delivery.fixture.ts'
import { createSubscriptionRunner, type SubscriptionRunner } from './run-subscription.ts'

const HOUR_MS = 3_600_000
const held = { isHeld: () => true }

onEveryEngine('first attempts', (newStore) => {
  let store: Store
  let fixture: DeliveryFixture
  let runner: SubscriptionRunner
  let endpoint: TestEndpoint
  beforeAll(async () => {
    store = await newStore()
  })
  afterAll(() => store.close())
  beforeEach(async () => {
    fixture = await openDeliveryFixture(store)
    runner = createSubscriptionRunner(fixture.deps)
    endpoint = await startEndpoint()
  })
  afterEach(async () => {
    await runner.close()
    await endpoint.close()
  })

  test('they do not wait for a clock that was set back or lags behind', async () => {
    const id = await fixture.subscribe(endpoint.url)
    const early = await fixture.addDelivery(id, 1)
    fixture.clock.advance(-5 * HOUR_MS)
    const late = await fixture.addDelivery(id, 1)
    await runner.run(id, held)
    expect(endpoint.requests.map(({ id: called }) => called)).toEqual([early, late])
  })

  test('a test names the record that it delivers', async () => {
    const id = await fixture.subscribe(endpoint.url, { format: 'cloudevents' })
    const delivery = await fixture.addDelivery(id, 7)
    // A test has record 0: it neither waits for events of the record nor blocks them.
    await store.db.updateTable('deliveries').set({ record_id: '0' }).where('id', '=', delivery).execute()
    await runner.run(id, held)
    expect(JSON.parse(endpoint.requests[0]!.body)).toMatchObject({ subject: 'deal/7' })
  })
})
