import { describe, expect, test } from 'vitest'
import type { Row, WireError } from '../contract/world.ts'
import { useManagedConnector } from './managed-connector.ts'

const connector = useManagedConnector()

/** A connection key with these limits. */
async function limitedKey(limits: Row): Promise<string> {
  const { id } = await connector.connect()
  const { status, body, text } = await connector.manage('POST', '/api/keys', { connectionId: id, name: 'limited', ...limits })
  expect([status, text]).toEqual([201, text])
  return String(body['key'])
}
const call = (key: string, method: string, path: string, body?: Row) =>
  connector.world.http<WireError>(path, {
    method,
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })

describe('a connection key', () => {
  test('that is limited to sets calls their operations and look-ups, and no others', async () => {
    const key = await limitedKey({ sets: 'contacts,Leads' })
    expect((await call(key, 'GET', '/v2/persons?limit=1')).status).toBe(200)
    expect((await call(key, 'GET', '/v1/pipelines')).status).toBe(200)
    connector.world.takeRequests()
    for (const [method, path, body] of [
      ['GET', '/v1/deals/1'],
      ['POST', '/v2/deals', { title: 'x' }],
      ['GET', '/trigger/v1/deals'],
      ['POST', '/subscriptions/TrigNewDealV2', { pull: true }],
    ] as const) {
      const reply = await call(key, method, path, body)
      expect([path, reply.status, reply.body.code]).toEqual([path, 403, 'OutsideSets'])
      expect(reply.body.message).toContain('"deals"')
      expect(reply.body.message).toContain('contacts, leads')
    }
    expect(connector.world.takeRequests()).toEqual([])
  })

  test('that may only read writes nothing, also under an Idempotency-Key', async () => {
    const key = await limitedKey({ readOnly: true })
    expect((await call(key, 'GET', '/v2/deals?limit=1')).status).toBe(200)
    connector.world.takeRequests()
    for (const [method, path, body] of [
      ['POST', '/v1/deals', { title: 'x' }],
      ['PATCH', '/v2/persons/1', { name: 'x' }],
      ['DELETE', '/v2/persons/1'],
      ['POST', '/v2/find-or-create/persons', { name: 'x' }],
    ] as const) {
      const reply = await call(key, method, path, body)
      expect([path, reply.status, reply.body.code]).toEqual([path, 403, 'ReadOnlyKey'])
    }
    expect(connector.world.takeRequests()).toEqual([])
  })

  test('shows its limits in lists, and has none by default or with all', async () => {
    const { id } = await connector.connect()
    const limits = [{ sets: ['notes', 'deals'], readOnly: true }, { sets: 'all' }]
    for (const limit of limits) await connector.manage('POST', '/api/keys', { connectionId: id, name: 'k', ...limit })
    const { body } = await connector.manage<{ data: Row[] }>('GET', `/api/keys?connectionId=${id}`)
    expect(new Set(body.data.map(({ sets, readOnly }) => JSON.stringify({ sets, readOnly })))).toEqual(
      new Set(['{"sets":null,"readOnly":false}', '{"sets":["deals","notes"],"readOnly":true}']),
    )
  })

  test('with a set that does not exist is refused with the nearest', async () => {
    const { id } = await connector.connect()
    const { status, body } = await connector.manage<WireError>('POST', '/api/keys', { connectionId: id, name: 'k', sets: 'contact' })
    expect([status, body.details[0]]).toEqual([400, { field: 'sets', message: expect.stringContaining('did you mean "contacts"?') }])
  })
})
