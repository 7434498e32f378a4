import { expect, test } from 'vitest'
import { useManagedConnector } from '../connections/managed-connector.ts'
import { ALICE, BOB, type Reply } from '../contract/world.ts'

const connector = useManagedConnector()

async function subscribe(key: string): Promise<Reply> {
  const reply = await connector.world.http('/subscriptions/TrigNewDealV2', {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    body: '{"pull":true}',
  })
  expect(reply.status, reply.text).toBe(201)
  return reply
}
const pathOf = ({ headers }: Reply) => new URL(headers.get('location')!).pathname

test('under a runtime URL a Location works for its own connection alone', async () => {
  const [own, other] = [await connector.connect(), await connector.connect({ apiKey: BOB })]
  const reply = await subscribe(own.key)
  const ask = (connectionId: string, method = 'GET', rest = '', body?: string) =>
    connector.world.http(`/apim/pipedrive/${connectionId}${pathOf(reply)}${rest}`, {
      method,
      ...(body && { body, headers: { 'content-type': 'application/json' } }),
    })
  const subscription = `/api/subscriptions/${String(reply.body['id'])}`
  const { id: delivery } = (await connector.manage('POST', `${subscription}/test`)).body
  const report = `/events/${String(delivery)}`
  const state = async () => (await connector.manage('GET', subscription)).body['state']

  for (const id of [other.id, '0'.repeat(32), 'none']) {
    expect(await ask(id, 'GET', '/events')).toMatchObject({ status: 404, body: { code: 'SubscriptionNotFound' } })
    expect(await ask(id, 'POST', report, '{"status":200}')).toMatchObject({ status: 404, body: { code: 'SubscriptionNotFound' } })
    expect((await ask(id, 'DELETE')).status).toBe(204)
  }
  expect(await state()).toBe('active')
  expect((await ask(own.id, 'GET', '/events')).body).toMatchObject({ data: [{ id: delivery }] })
  expect((await ask(own.id, 'POST', report, '{"status":200}')).status).toBe(204)
  expect((await ask(own.id, 'DELETE')).status).toBe(204)
  expect(await state()).toBe('ended')
})

test('the Location of a subscription with a Pipedrive key belongs to no connection', async () => {
  const { id } = await connector.connect()
  const path = pathOf(await subscribe(ALICE))
  expect((await connector.world.http(`/apim/pipedrive/${id}${path}/events`)).status).toBe(404)
  expect((await connector.world.http(`${path}/events`)).status).toBe(200)
})

test('a fetched subscription outlives the connection key that made it, and ends with its connection', async () => {
  const { id, key, keyId } = await connector.connect()
  const events = `${pathOf(await subscribe(key))}/events`
  expect((await connector.manage('DELETE', `/api/keys/${keyId}`)).status).toBe(204)
  expect((await connector.world.http(events)).status).toBe(200)
  expect((await connector.manage('DELETE', `/api/connections/${id}`)).status).toBe(204)
  expect((await connector.world.http(events)).status).toBe(404)
})
