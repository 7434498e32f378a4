import { expect, test } from 'vitest'
import { broken, type WebhookClient, webhookClient } from './receiver.fixture.ts'

const control = async ({ sandbox }: WebhookClient, method: string, path: string) => {
  const answer = await sandbox.fetch(new Request(`http://x.example/_sandbox/webhooks${path}`, { method }))
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

test('GET /_sandbox/webhooks returns webhooks with their counters, without passwords, and deliveries, newest first', async () => {
  const client = webhookClient()
  await client.hook('create.*', { http_auth_user: 'me', http_auth_password: 'secret' })
  client.answer.with = ({ body }) => (body.includes('"Second"') ? broken : { status: 200 })
  await client.data('POST', '/api/v2/persons', { name: 'First' })
  await client.data('POST', '/api/v2/persons', { name: 'Second' })
  await client.settle()
  const { status, body } = await control(client, 'GET', '')
  expect(status).toBe(200)
  expect(body).toMatchObject({
    webhooks: [
      { id: 1, company: 13204417, event_action: 'create', http_auth_user: 'me', ban_count: 1, failing_since: '2026-11-22T10:00:00.000Z' },
    ],
    deliveries: [
      {
        id: '13204417-2',
        state: 'pending',
        url: 'http://127.0.0.1:1/hook',
        payload: { data: { name: 'Second' } },
        attempts: [{ status: 500 }],
      },
      { id: '13204417-1', state: 'delivered', payload: { data: { name: 'First' } }, attempts: [{ status: 200, failure: null }] },
    ],
  })
  expect(JSON.stringify(body)).not.toContain('secret')
})

test('a delivery can be resent, also while its webhook is banned', async () => {
  const client = webhookClient()
  await client.hook('*.*')
  client.answer.with = () => broken
  for (let created = 0; created < 10; created++) await client.data('POST', '/api/v2/persons', { name: `Person ${created}` })
  await client.settle()
  client.answer.with = () => ({ status: 200 })
  const again = await control(client, 'POST', '/deliveries/13204417-1/resend')
  expect(again).toMatchObject({ status: 202, body: { id: '13204417-11', state: 'pending', resent: true } })
  await client.settle()
  const [first, last] = [client.received[0]!, client.received.at(-1)!]
  expect([last.meta.id, last.meta.attempt, last.data]).toEqual([first.meta.id, 1, first.data])
  expect(client.sandbox.webhooks().deliveries[0]).toMatchObject({ id: '13204417-11', state: 'delivered' })
})

test('a missing delivery, or one of a deleted webhook, cannot be resent', async () => {
  const client = webhookClient()
  const id = await client.hook('*.*')
  for (const unknown of ['13204417-1', '1-1', 'x', '13204417'])
    expect((await control(client, 'POST', `/deliveries/${unknown}/resend`)).status, unknown).toBe(404)
  await client.data('POST', '/api/v2/persons', { name: 'New' })
  await client.ask('DELETE', `/v1/webhooks/${id}`)
  expect((await control(client, 'POST', '/deliveries/13204417-1/resend')).status).toBe(409)
})

test('the latest 1,000 deliveries are kept, and all pending ones', async () => {
  const client = webhookClient({ webhooks: 'none delivered', limits: 'off' })
  await client.hook('*.*')
  client.sandbox.behaviour.webhooks = 'delivered'
  client.answer.with = () => broken
  await client.data('POST', '/api/v2/persons', { name: 'Pending' })
  await client.settle()
  client.sandbox.behaviour.webhooks = 'none delivered'
  for (let created = 0; created < 1_010; created++) await client.data('POST', '/api/v2/persons', { name: 'x' })
  const { deliveries } = client.sandbox.webhooks()
  expect(deliveries).toHaveLength(1_000)
  expect(deliveries.at(-1)).toMatchObject({ id: '13204417-1', state: 'pending' })
})
