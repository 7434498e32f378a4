import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { Secret } from '../../kit/secret.ts'
import { onEveryEngine } from '../../store/engines.fixture.ts'
import type { Store } from '../../store/store.ts'
import { sealTarget } from './targets/endpoint-secrets.ts'
import { startEndpoint, openDeliveryFixture, type DeliveryFixture, type TestEndpoint } from './delivery.fixture.ts'
import { createSubscriptionRunner, type SubscriptionRunner } from './run-subscription.ts'

const held = { isHeld: () => true }

onEveryEngine('responses of an endpoint that was replaced in the meantime', (newStore) => {
  let store: Store
  let fixture: DeliveryFixture
  let runner: SubscriptionRunner
  let old: TestEndpoint
  let next: TestEndpoint
  beforeAll(async () => {
    store = await newStore()
  })
  afterAll(() => store.close())
  beforeEach(async () => {
    fixture = await openDeliveryFixture(store)
    runner = createSubscriptionRunner(fixture.deps)
    ;[old, next] = await Promise.all([startEndpoint(), startEndpoint()])
  })
  afterEach(async () => {
    await runner.close()
    await Promise.all([old.close(), next.close()])
  })

  /** Changes the row as `setUrl` and subscribing again do. */
  const setUrl = (id: string, url: string) =>
    store.db
      .updateTable('subscriptions')
      .set({ sealed_target: sealTarget(fixture.deps.ring, id, new Secret(url)), failures: 0, quiet_until: null, due_at: new Date(0) })
      .where('id', '=', id)
      .execute()

  test.each([
    ['is gone', { status: 410 }],
    ['was deleted', { status: 404, body: JSON.stringify({ error: { code: 'WorkflowNotFound' } }) }],
    ['is turned off', { status: 400, body: JSON.stringify({ error: { code: 'WorkflowTriggerIsNotEnabled', message: '' } }) }],
    ['asks for an hour', { status: 429, headers: { 'retry-after': '3600' } }],
  ])('a replaced endpoint that %s does not affect the new one, which gets the event', async (_, said) => {
    const id = await fixture.subscribe(old.url)
    const delivery = await fixture.addDelivery(id, 1)
    old.respond(async () => {
      await setUrl(id, next.url)
      return said
    })
    await runner.run(id, held)
    expect(await fixture.subscription(id)).toMatchObject({ state: 'active', quiet_until: null, failures: 0 })
    fixture.clock.advance(said.status === 429 ? 3_700_000 : 0)
    await runner.run(id, held)
    expect(next.requests.map(({ id: called }) => called)).toEqual([delivery])
    expect(await fixture.delivery(delivery)).toMatchObject({ state: 'delivered' })
  })
})
