import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { silentLogger } from '../../kit/logger.ts'
import { cutNetwork } from '../../store/cut-network.fixture.ts'
import { onEveryEngine, onPostgres } from '../../store/engines.fixture.ts'
import { openStore } from '../../store/open-store.ts'
import type { Store } from '../../store/store.ts'
import { openDeliveryFixture, type DeliveryFixture } from './delivery.fixture.ts'
import { createOutcomeWriter, type DeliveryAttempt } from './outcome-writer.ts'

const URL = 'http://127.0.0.1/'

onEveryEngine('recording attempts', (newStore) => {
  let store: Store
  let fixture: DeliveryFixture
  beforeAll(async () => {
    store = await newStore()
  })
  afterAll(() => store.close())
  beforeEach(async () => {
    fixture = await openDeliveryFixture(store)
  })

  const attempt = (subscriptionId: string, deliveryId: string, more: Partial<DeliveryAttempt> = {}): DeliveryAttempt => ({
    subscriptionId,
    deliveryId,
    at: new Date(fixture.clock.now()),
    ms: 5,
    status: 200,
    reason: null,
    becomes: 'delivered',
    ...more,
  })
  const attemptsOf = (id: string) =>
    store.db
      .selectFrom('delivery_attempts')
      .select(['attempt', 'status', 'reason'])
      .where('delivery_id', '=', id)
      .orderBy('attempt')
      .execute()

  test('parallel attempts are all recorded, with their changes of the subscription', async () => {
    const writer = createOutcomeWriter(store, fixture.clock, silentLogger)
    const ids = await Promise.all([1, 2, 3].map(() => fixture.subscribe(URL)))
    const made = await Promise.all(
      Array.from({ length: 60 }, async (_, n) => [ids[n % 3]!, await fixture.addDelivery(ids[n % 3]!, n)] as const),
    )
    await Promise.all(
      made.map(([id, delivery], n) => writer.record(attempt(id, delivery, { subscription: { failures: n, quietUntil: null } }))),
    )
    for (const [, delivery] of made) expect(await fixture.delivery(delivery)).toMatchObject({ state: 'delivered', attempts: 1 })
    expect((await fixture.subscription(ids[2]!)).failures).toBe(59)
  })

  test('attempts keep counting across replays, and a delivery that was given up in the meantime stays dead', async () => {
    const writer = createOutcomeWriter(store, fixture.clock, silentLogger)
    const id = await fixture.subscribe(URL)
    const delivery = await fixture.addDelivery(id, 1)
    await writer.record(attempt(id, delivery, { status: 500, reason: 'a', becomes: 'dead' }))
    await store.db.updateTable('deliveries').set({ state: 'pending', attempts: 0 }).where('id', '=', delivery).execute()
    await writer.record(attempt(id, delivery, { status: 500, reason: 'b', becomes: { nextAt: new Date(0) } }))
    await store.db.updateTable('deliveries').set({ state: 'dead' }).where('id', '=', delivery).execute()
    await writer.record(attempt(id, delivery))
    expect(await attemptsOf(delivery)).toEqual([
      { attempt: 1, status: 500, reason: 'a' },
      { attempt: 2, status: 500, reason: 'b' },
      { attempt: 3, status: 200, reason: null },
    ])
    expect(await fixture.delivery(delivery)).toMatchObject({ state: 'dead', attempts: 1 })
  })

  test('no response undoes a change that an owner has made', async () => {
    const writer = createOutcomeWriter(store, fixture.clock, silentLogger)
    const id = await fixture.subscribe(URL, { state: 'paused' })
    const delivery = await fixture.addDelivery(id, 1)
    const state = { is: 'disabled', reason: 'x' } as const
    await writer.record(attempt(id, delivery, { becomes: 'waiting', subscription: { failures: 0, quietUntil: null, state } }))
    expect(await fixture.subscription(id)).toMatchObject({ state: 'paused' })
  })

  test('an attempt that cannot be written does not block the others', async () => {
    const writer = createOutcomeWriter(store, fixture.clock, silentLogger)
    const id = await fixture.subscribe(URL)
    const [good, bad, last] = [await fixture.addDelivery(id, 1), await fixture.addDelivery(id, 2), await fixture.addDelivery(id, 3)]
    const written = [
      writer.record(attempt(id, good, { reason: 'with\u0000a zero' })),
      writer.record(attempt(id, bad, { ms: Number.NaN })),
      writer.record(attempt(id, last)),
    ]
    expect((await Promise.allSettled(written)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await attemptsOf(good)).toMatchObject([{ reason: 'with a zero' }])
    expect(await fixture.delivery(last)).toMatchObject({ state: 'delivered' })
    expect(await fixture.delivery(bad)).toMatchObject({ state: 'pending' })
  })
})

onPostgres('recording attempts while the database is unavailable', (newStore) => {
  test('an outcome is kept until it can be written', async () => {
    const store = await newStore()
    const network = await cutNetwork(newStore.urlOf(store))
    const behind = await openStore({ place: { kind: 'postgres', url: network.url }, logger: silentLogger })
    try {
      const fixture = await openDeliveryFixture(store)
      const id = await fixture.subscribe(URL)
      const delivery = await fixture.addDelivery(id, 1)
      const writer = createOutcomeWriter(behind, fixture.clock, silentLogger)
      network.cut()
      let written = false
      const at = new Date(fixture.clock.now())
      const write = writer
        .record({ deliveryId: delivery, subscriptionId: id, at, ms: 1, status: 200, reason: null, becomes: 'delivered' })
        .then(() => (written = true))
      await new Promise((resolve) => setTimeout(resolve, 700))
      expect(written).toBe(false)
      network.mend()
      await write
      expect(await fixture.delivery(delivery)).toMatchObject({ state: 'delivered', attempts: 1 })
      network.cut()
      writer.close()
      await expect(
        writer.record({ deliveryId: delivery, subscriptionId: id, at, ms: 1, status: 200, reason: null, becomes: 'delivered' }),
      ).rejects.toThrow()
    } finally {
      await Promise.all([store.close(), behind.close()])
      await network.close()
    }
  })
})
