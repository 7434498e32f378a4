import { expect, test } from 'vitest'
import { broken, type WebhookClient, webhookClient } from './receiver.fixture.ts'

const control = async ({ sandbox }: WebhookClient, method: string, path: string) => {
  const answer = await sandbox.fetch(new Request(`http://x.example/_sandbox/webhooks${path}`, { method }))
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

test('GET /_sandbox/webhooks shows webhooks with their counters, without passwords, and deliveries, newest first', async () => {
  const asking = webhookClient()
  await asking.hook('create.*', { http_auth_user: 'me', http_auth_password: 'secret' })
  asking.answer.with = ({ body }) => (body.includes('"Second"') ? broken : { status: 200 })
  await asking.data('POST', '/api/v2/persons', { name: 'First' })
  await asking.data('POST', '/api/v2/persons', { name: 'Second' })
  await asking.settle()
  const { status, body } = await control(asking, 'GET', '')
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

test('a delivery can be sent once more, also while its webhook is banned', async () => {
  const asking = webhookClient()
  await asking.hook('*.*')
  asking.answer.with = () => broken
  for (let made = 0; made < 10; made++) await asking.data('POST', '/api/v2/persons', { name: `Person ${made}` })
  await asking.settle()
  asking.answer.with = () => ({ status: 200 })
  const again = await control(asking, 'POST', '/deliveries/13204417-1/resend')
  expect(again).toMatchObject({ status: 202, body: { id: '13204417-11', state: 'pending', resent: true } })
  await asking.settle()
  const [first, last] = [asking.received[0]!, asking.received.at(-1)!]
  expect([last.meta.id, last.meta.attempt, last.data]).toEqual([first.meta.id, 1, first.data])
  expect(asking.sandbox.webhooks().deliveries[0]).toMatchObject({ id: '13204417-11', state: 'delivered' })
})

test('what does not exist cannot be sent, and not to a webhook that is gone', async () => {
  const asking = webhookClient()
  const id = await asking.hook('*.*')
  for (const unknown of ['13204417-1', '1-1', 'x', '13204417'])
    expect((await control(asking, 'POST', `/deliveries/${unknown}/resend`)).status, unknown).toBe(404)
  await asking.data('POST', '/api/v2/persons', { name: 'New' })
  await asking.ask('DELETE', `/v1/webhooks/${id}`)
  expect((await control(asking, 'POST', '/deliveries/13204417-1/resend')).status).toBe(409)
})

test('the latest 1,000 deliveries are kept, and all that are still to be made', async () => {
  const asking = webhookClient({ webhooks: 'none delivered', limits: 'off' })
  await asking.hook('*.*')
  asking.sandbox.behaviour.webhooks = 'delivered'
  asking.answer.with = () => broken
  await asking.data('POST', '/api/v2/persons', { name: 'Pending' })
  await asking.settle()
  asking.sandbox.behaviour.webhooks = 'none delivered'
  for (let made = 0; made < 1_010; made++) await asking.data('POST', '/api/v2/persons', { name: 'x' })
  const { deliveries } = asking.sandbox.webhooks()
  expect(deliveries).toHaveLength(1_000)
  expect(deliveries.at(-1)).toMatchObject({ id: '13204417-1', state: 'pending' })
})
