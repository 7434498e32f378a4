import { expect, test } from 'vitest'
import { sandboxClient } from '../sandbox-client.fixture.ts'
import { broken, webhookClient, receiver, type WebhookClient } from './receiver.fixture.ts'

const person = (client: WebhookClient, name = 'New') => client.data('POST', '/api/v2/persons', { name })
const counters = ({ sandbox }: WebhookClient) => sandbox.webhooks().webhooks[0]!
const states = ({ sandbox }: WebhookClient) => sandbox.webhooks().deliveries.map(({ state }) => state)

test('any 2xx is a success; other statuses, redirects and broken connections are retried after 3, 30 and 150 s', async () => {
  await using server = await receiver()
  await using elsewhere = await receiver()
  const { data, sandbox } = sandboxClient()
  await data('POST', '/v1/webhooks', { event_action: '*', event_object: '*', name: 'real', subscription_url: server.url })
  server.nextAnswers.push(400, { redirect: elsewhere.url }, 503, 299)
  await data('POST', '/api/v2/persons', { name: 'New' })
  await sandbox.clock.advance('183s')
  const [delivery] = sandbox.webhooks().deliveries
  expect(delivery).toMatchObject({
    state: 'delivered',
    next_attempt: null,
    attempts: [
      { time: '2026-11-22T10:00:00.000Z', status: 400, failure: null },
      { time: '2026-11-22T10:00:03.000Z', status: 302 },
      { time: '2026-11-22T10:00:33.000Z', status: 503 },
      { time: '2026-11-22T10:03:03.000Z', status: 299 },
    ],
  })
  expect(elsewhere.requests).toEqual([])
  const metas = server.requests.map(({ body }) => (JSON.parse(body) as { meta: { attempt: number; id: string; timestamp: string } }).meta)
  expect(metas.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4])
  expect(new Set(metas.map(({ id, timestamp }) => `${id} ${timestamp}`)).size).toBe(1)
})

test('a refused connection is a failure with its reason', async () => {
  const { data, sandbox } = sandboxClient()
  await data('POST', '/v1/webhooks', { event_action: '*', event_object: '*', name: 'x', subscription_url: 'http://127.0.0.1:1/' })
  await data('POST', '/api/v2/persons', { name: 'New' })
  await sandbox.clock.settle()
  expect(sandbox.webhooks().deliveries).toMatchObject([
    {
      state: 'pending',
      next_attempt: '2026-11-22T10:00:03.000Z',
      attempts: [{ status: null, failure: expect.stringContaining('ECONNREFUSED') as string }],
    },
  ])
  expect(await data('GET', '/v1/webhooks')).toMatchObject([{ last_http_status: null, last_delivery_time: '2026-11-22T10:00:00.000Z' }])
})

test('the fourth failure ends it', async () => {
  const client = webhookClient()
  await client.hook('*.*')
  client.answer.with = () => broken
  await person(client)
  await client.sandbox.clock.advance('1h')
  expect(client.received.map(({ at }) => at.slice(14, 19))).toEqual(['00:00', '00:03', '00:33', '03:03'])
  expect(client.sandbox.webhooks().deliveries).toMatchObject([{ state: 'failed', next_attempt: null }])
})

test('metaId: stable over the retries, or new for each attempt', async () => {
  for (const [metaId, ids] of [
    ['stable', 1],
    ['new for each attempt', 4],
  ] as const) {
    const client = webhookClient({ metaId })
    await client.hook('*.*')
    client.answer.with = () => broken
    await person(client)
    await client.sandbox.clock.advance('1h')
    expect(new Set(client.received.map(({ meta }) => meta.id)).size).toBe(ids)
  }
})

test('with time in jumps each attempt happens at its moment, between events that came before and after', async () => {
  const client = webhookClient()
  await client.hook('*.*')
  client.answer.with = ({ body }) => (body.includes('"First"') ? broken : { status: 200 })
  await person(client, 'First')
  await client.sandbox.clock.advance('10s')
  await person(client, 'Second')
  await client.sandbox.clock.advance('5m')
  expect(client.received.map(({ data, at }) => `${String(data!['name'])} ${at.slice(14, 19)}`)).toEqual([
    'First 00:00',
    'First 00:03',
    'Second 00:10',
    'First 00:33',
    'First 03:03',
  ])
})

test('ten deliveries with a failed first attempt ban the webhook for 30 minutes; events of that time are lost, then the count restarts', async () => {
  const client = webhookClient()
  await client.hook('create.*')
  client.answer.with = () => broken
  for (let failed = 0; failed < 9; failed++) await person(client, `Failed ${failed}`)
  await client.settle()
  expect(counters(client)).toMatchObject({ ban_count: 9, banned_until: null })
  await client.sandbox.clock.advance('5m')
  expect(counters(client)).toMatchObject({ ban_count: 9, banned_until: null })
  await person(client, 'The tenth')
  await client.settle()
  expect(counters(client)).toMatchObject({ ban_count: 10, banned_until: '2026-11-22T10:35:00.000Z' })
  const before = client.received.length
  client.answer.with = () => ({ status: 200 })
  await client.sandbox.clock.advance('1799s')
  await person(client, 'Lost')
  await client.settle()
  expect(client.received.slice(before)).toEqual([])
  expect(client.sandbox.webhooks().deliveries[0]).toMatchObject({ state: 'banned', reason: 'the webhook was banned', attempts: [] })
  await client.sandbox.clock.advance('1s')
  expect(counters(client)).toMatchObject({ ban_count: 0, banned_until: null })
  await person(client, 'Arrives')
  await client.settle()
  expect(client.received.slice(before).map(({ data }) => data!['name'])).toEqual(['Arrives'])
})

test('a success does not lower the count of first failures', async () => {
  const client = webhookClient()
  await client.hook('*.*')
  client.answer.with = ({ body }) => (body.includes('"Good"') ? { status: 204 } : broken)
  await person(client, 'Bad')
  await person(client, 'Good')
  await client.settle()
  expect(counters(client)).toMatchObject({ ban_count: 1, failing_since: null, last_http_status: 204 })
})

test('events and retries that fall into a ban are lost', async () => {
  const client = webhookClient()
  await client.hook('*.*')
  client.answer.with = () => broken
  for (let created = 0; created < 12; created++) await person(client)
  await client.sandbox.clock.advance('10m')
  expect(client.received).toHaveLength(10)
  expect(states(client).filter((state) => state === 'banned')).toHaveLength(12)
})

test('without a success on 3 days a webhook is deleted', async () => {
  const client = webhookClient()
  const id = await client.hook('*.*')
  client.answer.with = () => broken
  await person(client)
  await client.sandbox.clock.advance(3 * 86_400_000 - 1)
  expect(await client.data('GET', '/v1/webhooks')).toMatchObject([{ id, is_active: 1 }])
  await client.sandbox.clock.advance(1)
  expect(await client.data('GET', '/v1/webhooks')).toEqual([])
  expect(client.sandbox.webhooks().webhooks).toMatchObject([
    { is_deleted: true, remove_time: '2026-11-25T10:00:00.000Z', remove_reason: 'No successful deliveries on 3 consecutive days' },
  ])
  await person(client)
  await client.settle()
  expect(client.received).toHaveLength(4)
})

test('a success within the 3 days saves the webhook', async () => {
  const client = webhookClient()
  await client.hook('*.*')
  client.answer.with = () => broken
  await person(client)
  await client.sandbox.clock.advance('2d')
  client.answer.with = () => ({ status: 200 })
  await person(client)
  await client.sandbox.clock.advance('4d')
  expect(await client.data('GET', '/v1/webhooks')).toHaveLength(1)
})

test('what is still to be tried when its webhook is deleted is lost', async () => {
  const client = webhookClient()
  const id = await client.hook('*.*')
  client.answer.with = () => broken
  await person(client)
  await client.settle()
  await client.ask('DELETE', `/v1/webhooks/${id}`)
  await client.sandbox.clock.advance('5m')
  expect(client.received).toHaveLength(1)
  expect(client.sandbox.webhooks().deliveries).toMatchObject([{ state: 'lost', reason: 'the webhook was deleted' }])
})

test('a receiver has 10 s for its answer', async () => {
  const client = webhookClient()
  await client.hook('*.*')
  await person(client)
  await client.settle()
  expect(client.requests).toMatchObject([{ timeoutMs: 10_000, publicOnly: false }])
})
