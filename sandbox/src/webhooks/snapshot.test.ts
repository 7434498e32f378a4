import { expect, test } from 'vitest'
import { eventually } from '../eventually.fixture.ts'
import { broken, webhookClient, type WebhookClient } from './receiver.fixture.ts'

const person = (client: WebhookClient, name = 'New') => client.data('POST', '/api/v2/persons', { name })
const counters = ({ sandbox }: WebhookClient) => sandbox.webhooks().webhooks[0]!
const states = ({ sandbox }: WebhookClient) => sandbox.webhooks().deliveries.map(({ state }) => state)

test('a reset removes webhooks and pending deliveries', async () => {
  const client = webhookClient()
  await client.hook('*.*')
  client.answer.with = () => broken
  await person(client)
  await client.settle()
  client.sandbox.reset()
  await client.sandbox.clock.advance('1h')
  expect(client.received).toHaveLength(1)
  expect(client.sandbox.webhooks()).toEqual({ webhooks: [], deliveries: [] })
})

/** A sandbox restored from a snapshot after this many failed deliveries to a webhook. */
async function restoredAfterFailures(failures: number) {
  const client = webhookClient()
  const { sandbox, answer, settle } = client
  await client.hook('*.*')
  answer.with = () => broken
  for (let created = 0; created < failures; created++) await person(client, `Person ${created}`)
  await settle()
  const before = sandbox.webhooks()
  const snapshot = sandbox.snapshot()
  sandbox.reset()
  sandbox.restore(snapshot)
  expect(sandbox.webhooks()).toEqual(before)
  answer.with = () => ({ status: 200 })
  return { asking: client, before }
}

test('a snapshot contains webhooks, counters, deliveries and pending retries', async () => {
  const { asking: client, before } = await restoredAfterFailures(9)
  expect(before.webhooks).toMatchObject([{ ban_count: 9, banned_until: null }])
  await client.sandbox.clock.advance('3s')
  expect(client.received.slice(9)).toMatchObject(
    Array.from({ length: 9 }, () => ({ meta: { attempt: 2 }, at: '2026-11-22T10:00:03.000Z' })),
  )
})

test('a snapshot contains a ban and its end', async () => {
  const { asking: client, before } = await restoredAfterFailures(10)
  expect(before.webhooks).toMatchObject([{ ban_count: 10, banned_until: '2026-11-22T10:30:00.000Z' }])
  await client.sandbox.clock.advance('30m')
  expect(counters(client)).toMatchObject({ ban_count: 0, banned_until: null })
})

test('the 3 days without success continue after a restore', async () => {
  const client = webhookClient()
  await client.hook('*.*')
  client.answer.with = () => broken
  await person(client)
  await client.sandbox.clock.advance('2d')
  client.sandbox.restore(client.sandbox.snapshot())
  await client.sandbox.clock.advance('1d')
  expect(await client.data('GET', '/v1/webhooks')).toEqual([])
})

test('closing the sandbox aborts an active delivery, and the next start repeats it', async () => {
  const client = webhookClient()
  const { sandbox, answer, received } = client
  await client.hook('*.*')
  let signal: AbortSignal | undefined
  answer.with = (request) => {
    signal = request.signal
    return new Promise((_, reject) => signal!.addEventListener('abort', () => reject(new Error('broken off'))))
  }
  await person(client)
  await eventually(() => expect(received.length).toBe(1))
  sandbox.close()
  await client.settle()
  expect(signal?.aborted).toBe(true)

  const next = webhookClient()
  next.sandbox.restore(sandbox.snapshot())
  await next.settle()
  expect(next.received).toMatchObject([{ meta: { id: received[0]!.meta.id, attempt: 1 } }])
  expect(states(next)).toEqual(['delivered'])
})
