import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { Secret } from '../../kit/secret.ts'
import { onEveryEngine } from '../../store/engines.fixture.ts'
import type { Store } from '../../store/store.ts'
import { sealTarget } from './targets/endpoint-secrets.ts'
import { startEndpoint, openDeliveryFixture, type DeliveryFixture, type TestEndpoint } from './delivery.fixture.ts'
import { createSubscriptionRunner, type SubscriptionRunner } from './run-subscription.ts'

const held = { isHeld: () => true }

onEveryEngine('answers of a receiver that was exchanged meanwhile', (newStore) => {
  let store: Store
  let desk: DeliveryFixture
  let runner: SubscriptionRunner
  let old: TestEndpoint
  let next: TestEndpoint
  beforeAll(async () => {
    store = await newStore()
  })
  afterAll(() => store.close())
  beforeEach(async () => {
    desk = await openDeliveryFixture(store)
    runner = createSubscriptionRunner(desk.deps)
    ;[old, next] = await Promise.all([startEndpoint(), startEndpoint()])
  })
  afterEach(async () => {
    await runner.close()
    await Promise.all([old.close(), next.close()])
  })

  /** What `retarget`, and whoever subscribes again, do to the row. */
  const retarget = (id: string, url: string) =>
    store.db
      .updateTable('subscriptions')
      .set({ sealed_target: sealTarget(desk.deps.ring, id, new Secret(url)), failures: 0, quiet_until: null, due_at: new Date(0) })
      .where('id', '=', id)
      .execute()

  test.each([
    ['is gone', { status: 410 }],
    ['was deleted', { status: 404, body: JSON.stringify({ error: { code: 'WorkflowNotFound' } }) }],
    ['is turned off', { status: 400, body: JSON.stringify({ error: { code: 'WorkflowTriggerIsNotEnabled', message: '' } }) }],
    ['asks for an hour', { status: 429, headers: { 'retry-after': '3600' } }],
  ])('one that says that it %s says nothing of the new one, which gets the event', async (_, said) => {
    const id = await desk.subscribe(old.url)
    const delivery = await desk.addDelivery(id, 1)
    old.respond(async () => {
      await retarget(id, next.url)
      return said
    })
    await runner.run(id, held)
    expect(await desk.subscription(id)).toMatchObject({ state: 'active', quiet_until: null, failures: 0 })
    desk.clock.advance(said.status === 429 ? 3_700_000 : 0)
    await runner.run(id, held)
    expect(next.requests.map(({ id: called }) => called)).toEqual([delivery])
    expect(await desk.delivery(delivery)).toMatchObject({ state: 'delivered' })
  })
})
