import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { eventually } from '../../kit/eventually.fixture.ts'
import { Webhook } from 'standardwebhooks'
import { onEveryEngine } from '../../store/engines.fixture.ts'
import type { Store } from '../../store/store.ts'
import { newSigningKey, sealSigningKey } from './targets/endpoint-secrets.ts'
import { startEndpoint, openDeliveryFixture, type DeliveryFixture, type TestEndpoint } from './delivery.fixture.ts'
import { createSubscriptionRunner, type SubscriptionRunner } from './run-subscription.ts'

const HOUR_MS = 3_600_000
const held = { isHeld: () => true }
const flowError = (status: number, code: string, message = '') => ({ status, body: JSON.stringify({ error: { code, message } }) })

onEveryEngine('sending the deliveries of a subscription', (newStore) => {
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

  const attemptsOf = (id: string) =>
    store.db.selectFrom('delivery_attempts').selectAll().where('delivery_id', '=', id).orderBy('attempt').execute()

  test('a due delivery is sent once and recorded', async () => {
    const id = await fixture.subscribe(endpoint.url)
    const sent = [await fixture.addDelivery(id, 1), await fixture.addDelivery(id, 2, { id: 2, title: 'Zweiter „Deal“' })]
    expect(await runner.run(id, held)).toBeUndefined()
    expect(await runner.run(id, held)).toBeUndefined()
    expect(endpoint.requests.map(({ id: called }) => called).toSorted()).toEqual(sent)
    expect(JSON.parse(endpoint.requests.find(({ id: called }) => called === sent[1])!.body)).toEqual({ id: 2, title: 'Zweiter „Deal“' })
    expect(await fixture.delivery(sent[0]!)).toMatchObject({ state: 'delivered', attempts: 1, last_status: 202, last_reason: null })
    expect(await attemptsOf(sent[0]!)).toMatchObject([{ attempt: 1, status: 202, reason: null }])
  })

  test('a hundred events of many records and of one all arrive, those of one record in order', async () => {
    const id = await fixture.subscribe(endpoint.url)
    for (let n = 0; n < 100; n++) await fixture.addDelivery(id, n % 2 === 0 ? 7 : n, { n })
    endpoint.respond(async () => {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 5))
      return { status: 200 }
    })
    // On a slow machine this takes more than one turn.
    while (await runner.run(id, held));
    const numbers = endpoint.requests.map(({ body }) => (JSON.parse(body) as { n: number }).n)
    expect(numbers).toHaveLength(100)
    const ofOne = numbers.filter((n) => n % 2 === 0)
    expect(ofOne).toEqual(ofOne.toSorted((a, b) => a - b))
  })

  test('at most eight requests to one endpoint are in flight', async () => {
    const id = await fixture.subscribe(endpoint.url)
    for (let n = 1; n <= 30; n++) await fixture.addDelivery(id, n)
    let now = 0
    let most = 0
    endpoint.respond(async () => {
      most = Math.max(most, ++now)
      await new Promise((resolve) => setTimeout(resolve, 5))
      now--
      return { status: 200 }
    })
    await runner.run(id, held)
    expect(endpoint.requests).toHaveLength(30)
    expect(most).toBe(8)
  })

  test('a later event of a record waits for the earlier one, those of other records do not; a dead one lets the next pass', async () => {
    const id = await fixture.subscribe(endpoint.url)
    const first = await fixture.addDelivery(id, 1, { n: 1 })
    const second = await fixture.addDelivery(id, 1, { n: 2 })
    const other = await fixture.addDelivery(id, 2, { n: 3 })
    endpoint.respond(({ id: called }) => ({ status: called === first ? 500 : 200 }))
    let due = await runner.run(id, held)
    expect(endpoint.requests.map((call) => call.id).toSorted()).toEqual([first, other])
    const waits: number[] = []
    while (due) {
      waits.push(due.getTime() - fixture.clock.now())
      fixture.clock.set(due.getTime())
      due = await runner.run(id, held)
    }
    expect(endpoint.requests.filter((call) => call.id === first)).toHaveLength(8)
    expect(endpoint.requests.at(-1)!.id).toBe(second)
    expect(await fixture.delivery(first)).toMatchObject({ state: 'dead', attempts: 8, last_status: 500 })
    expect(await fixture.delivery(second)).toMatchObject({ state: 'delivered', attempts: 1 })
    const least = [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000]
    // After the dead delivery its endpoint gets a pause, as after every failed probe.
    expect(waits).toHaveLength(8)
    for (const [n, wait] of waits.slice(0, 7).entries())
      expect(wait / 1_000 / least[n]!).toSatisfy((times: number) => times >= 1 && times <= 1.1)
  })

  test('Retry-After applies to the delivery and to its endpoint', async () => {
    const id = await fixture.subscribe(endpoint.url)
    await fixture.addDelivery(id, 1)
    endpoint.respond(() => ({ status: 429, headers: { 'retry-after': '120' } }))
    const due = await runner.run(id, held)
    expect(due!.getTime() - fixture.clock.now()).toBe(120_000)
    await fixture.addDelivery(id, 2)
    expect(await runner.run(id, held)).toEqual(due)
    expect(endpoint.requests).toHaveLength(1)
    fixture.clock.set(due!.getTime())
    endpoint.respond(() => ({ status: 200 }))
    await runner.run(id, held)
    expect(endpoint.requests).toHaveLength(3)
  })

  test('after five consecutive failures an endpoint gets one delivery at a time, at growing intervals; once it is back, it gets all at once', async () => {
    const id = await fixture.subscribe(endpoint.url)
    for (let n = 1; n <= 40; n++) await fixture.addDelivery(id, n)
    endpoint.respond(() => ({ status: 500 }))
    let due = await runner.run(id, held)
    const first = endpoint.requests.length
    // The requests in flight when the fifth failed.
    expect(first).toBeGreaterThanOrEqual(5)
    expect(first).toBeLessThan(5 + 8)
    const distances: number[] = []
    for (let n = 0; n < 5; n++) {
      distances.push(due!.getTime() - fixture.clock.now())
      fixture.clock.set(due!.getTime())
      due = await runner.run(id, held)
      expect(endpoint.requests).toHaveLength(first + n + 1)
    }
    expect(distances).toEqual(distances.toSorted((a, b) => a - b))
    expect(distances.at(-1)! / distances[0]!).toBeGreaterThan(8)
    endpoint.respond(() => ({ status: 200 }))
    fixture.clock.set(due!.getTime())
    expect(await runner.run(id, held)).toBeUndefined()
    expect((await fixture.subscription(id)).failures).toBe(0)
    expect(new Set(endpoint.requests.map((call) => call.id)).size).toBe(40)
    const { rest } = await store.db
      .selectFrom('deliveries')
      .select(({ fn }) => fn.countAll<number>().as('rest'))
      .where('state', '<>', 'delivered')
      .executeTakeFirstOrThrow()
    expect(Number(rest)).toBe(0)
  })

  test('a disabled flow keeps its events, is probed every hour with the oldest one, and gets all in order when it is on again', async () => {
    const id = await fixture.subscribe(endpoint.url)
    const off = flowError(400, 'WorkflowTriggerIsNotEnabled', "Could not execute: state 'Disabled' of the trigger.")
    endpoint.respond(() => off)
    const oldest = await fixture.addDelivery(id, 1, { n: 1 })
    const due = await runner.run(id, held)
    expect(await fixture.subscription(id)).toMatchObject({
      state: 'disabled',
      state_reason: expect.stringContaining('Turn it on') as string,
    })
    expect(due!.getTime() - fixture.clock.now()).toBe(HOUR_MS)
    for (let n = 2; n <= 4; n++) await fixture.addDelivery(id, 1, { n })
    for (let hour = 0; hour < 30; hour++) {
      expect(await runner.run(id, held)).toEqual(new Date(fixture.clock.now() + HOUR_MS))
      fixture.clock.advance(HOUR_MS)
      await runner.run(id, held)
    }
    expect(new Set(endpoint.requests.map((call) => call.id))).toEqual(new Set([oldest]))
    expect(endpoint.requests).toHaveLength(31)
    expect(await fixture.delivery(oldest)).toMatchObject({ state: 'pending', attempts: 0 })
    fixture.clock.advance(HOUR_MS)
    endpoint.respond(() => ({ status: 202 }))
    expect(await runner.run(id, held)).toBeUndefined()
    expect(endpoint.requests.slice(31).map(({ body }) => body.replace(/\s/g, ''))).toEqual(['{"n":1}', '{"n":2}', '{"n":3}', '{"n":4}'])
    expect(await fixture.subscription(id)).toMatchObject({ state: 'active', state_reason: null })
  })

  test.each([
    ['a deleted flow', flowError(400, 'WorkflowTriggerIsNotEnabled', "state 'Deleted'"), 'deleted'],
    ['a flow that is not found', flowError(404, 'WorkflowNotFound'), 'deleted'],
    ['a endpoint that is gone', { status: 410 }, 'permanently gone'],
  ])('%s ends the subscription and erases its URL', async (_, said, word) => {
    const id = await fixture.subscribe(endpoint.url)
    const [first, second] = [await fixture.addDelivery(id, 1), await fixture.addDelivery(id, 1)]
    endpoint.respond(() => said)
    expect(await runner.run(id, held)).toBeUndefined()
    expect(await fixture.subscription(id)).toMatchObject({
      state: 'ended',
      sealed_target: null,
      state_reason: expect.stringContaining(word) as string,
    })
    for (const delivery of [first, second]) expect(await fixture.delivery(delivery)).toMatchObject({ state: 'dead' })
    expect(await runner.run(id, held)).toBeUndefined()
    expect(endpoint.requests).toHaveLength(1)
  })

  test("a bare 404, or a proxy's text that resembles a 410, does not end the subscription", async () => {
    const id = await fixture.subscribe(endpoint.url)
    await fixture.addDelivery(id, 1)
    endpoint.respond(() => ({ status: 404, body: '<h1>410 Gone WorkflowNotFound</h1>' }))
    expect(await runner.run(id, held)).toBeInstanceOf(Date)
    expect(await fixture.subscription(id)).toMatchObject({ state: 'active', failures: 1 })
  })

  test('a paused subscription and one whose deliveries are fetched get nothing', async () => {
    const paused = await fixture.subscribe(endpoint.url, { state: 'paused' })
    const fetched = await fixture.subscribe(endpoint.url, { sealed_target: null, asked_at: new Date(fixture.clock.now()) })
    for (const id of [paused, fetched]) {
      await fixture.addDelivery(id, 1)
      expect(await runner.run(id, held)).toBeUndefined()
    }
    expect(endpoint.requests).toHaveLength(0)
  })

  test('nothing is sent without the lease, and the work item stays due', async () => {
    const id = await fixture.subscribe(endpoint.url)
    await fixture.addDelivery(id, 1)
    expect(await runner.run(id, { isHeld: () => false })).toEqual(new Date(fixture.clock.now()))
    expect(endpoint.requests).toHaveLength(0)
  })

  test('a stop waits for requests in flight, starts no more, and records their outcomes', async () => {
    const id = await fixture.subscribe(endpoint.url)
    for (let n = 1; n <= 20; n++) await fixture.addDelivery(id, n)
    let open = () => {}
    const gate = new Promise<void>((resolve) => (open = resolve))
    endpoint.respond(async () => {
      await gate
      return { status: 200 }
    })
    const run = runner.run(id, held)
    await eventually(() => expect(endpoint.requests.length).toBe(8))
    const closed = runner.close()
    open()
    await closed
    expect(await run).toEqual(new Date(fixture.clock.now()))
    expect(endpoint.requests).toHaveLength(8)
    const delivered = await store.db.selectFrom('deliveries').select('id').where('state', '=', 'delivered').execute()
    expect(delivered).toHaveLength(8)
  })

  test('a delivery that was sent and not recorded is sent again with the same id', async () => {
    const id = await fixture.subscribe(endpoint.url)
    const delivery = await fixture.addDelivery(id, 1)
    endpoint.respond(() => new Promise(() => {}))
    void runner.run(id, held)
    await eventually(() => expect(endpoint.requests.length).toBe(1))
    // As after a kill: another process does not know of the first request.
    endpoint.respond(() => ({ status: 200 }))
    const other = createSubscriptionRunner(fixture.deps)
    await other.run(id, held)
    await other.close()
    expect(endpoint.requests.map((call) => call.id)).toEqual([delivery, delivery])
    await endpoint.close()
  })

  test('a new event does not wait for the response to a request in flight', async () => {
    const id = await fixture.subscribe(endpoint.url)
    const slow = await fixture.addDelivery(id, 1)
    let open = () => {}
    const gate = new Promise<void>((resolve) => (open = resolve))
    endpoint.respond(async (call) => {
      if (call.id === slow) await gate
      return { status: 200 }
    })
    const run = runner.run(id, held)
    await eventually(() => expect(endpoint.requests.length).toBe(1))
    const quick = await fixture.addDelivery(id, 2)
    await eventually(async () => expect((await fixture.delivery(quick)).state).toBe('delivered'))
    expect((await fixture.delivery(slow)).state).toBe('pending')
    open()
    await run
  })

  test('a signed delivery verifies, and its second attempt differs only in timestamp and signature', async () => {
    const key = newSigningKey()
    const id = await fixture.subscribe(endpoint.url, { format: 'standard-webhooks' })
    const sealed = sealSigningKey(fixture.deps.ring, id, key)
    await store.db.updateTable('subscriptions').set({ sealed_signing_key: sealed }).where('id', '=', id).execute()
    await fixture.addDelivery(id, 42)
    fixture.clock.set(Date.now())
    endpoint.respond(() => ({ status: endpoint.requests.length === 1 ? 500 : 200 }))
    const due = await runner.run(id, held)
    fixture.clock.set(due!.getTime())
    await runner.run(id, held)
    const [first, second] = endpoint.requests as [TestEndpoint['requests'][0], TestEndpoint['requests'][0]]
    expect(second.id).toBe(first.id)
    expect(second.body).toBe(first.body)
    for (const { body, headers } of [first, second])
      expect(new Webhook(key.reveal()).verify(body, headers as Record<string, string>)).toMatchObject({
        type: 'deal.added',
        data: { id: 42 },
      })
    expect(second.headers['webhook-signature']).not.toBe(first.headers['webhook-signature'])
  })

  test('a sealed URL that cannot be opened is an error, and no delivery is lost', async () => {
    const id = await fixture.subscribe(endpoint.url, { sealed_target: 'main.broken' })
    const delivery = await fixture.addDelivery(id, 1)
    await expect(runner.run(id, held)).rejects.toThrow()
    expect(await fixture.delivery(delivery)).toMatchObject({ state: 'pending', attempts: 0 })
  })
})
