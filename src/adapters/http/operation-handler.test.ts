import { expect, test } from 'vitest'
import { noMetrics, type Metrics } from '../../kit/metrics.ts'
import { setup } from './adapter.fixture.ts'

test('behind the runtime URL of a connection the operation is the same, the connection is in the credential, and Location keeps it', async () => {
  const { send, asked, log } = setup({ publicUrl: 'https://public.example/bridge' })
  const response = await send('/apim/pipedrive/c%201/trigger/v1/deals')
  expect(response.headers.get('location')).toBe('https://public.example/bridge/apim/pipedrive/c%201/trigger/v1/deals?triggerstate=state-1')
  await send('/apim/pipedrive/c1/v1/deals/')
  await send('/apim/pipedrive/c1/v1/stages/7/')
  expect(asked.map(({ id, input, call }) => [id, input, call.credential.connectionId])).toEqual([
    ['TrigNewDeal', undefined, 'c 1'],
    ['GetDeal', { dealId: '' }, 'c1'],
    ['GetStage', { stageId: '7' }, 'c1'],
  ])
  expect(log().at(-1)!['route']).toBe('/apim/pipedrive/{connectionId}/v1/stages/{stageId}')
})

test('a poll without a key reaches the engine, for its state may speak for it; anything else is a 401', async () => {
  const { app, asked } = setup()
  expect((await app.request('/trigger/v1/deals?triggerstate=s')).status).toBe(202)
  expect(asked).toMatchObject([{ state: 's', call: { credential: {} } }])
  const headers = { authorization: 'Bearer some-oauth-token' }
  expect((await app.request('/trigger/v1/deals?triggerstate=s', { headers })).status).toBe(401)
  expect((await app.request('/apim/pipedrive/c1/v1/deals/7')).headers.get('www-authenticate')).toBe('Bearer realm="Dealbridge"')
  expect(asked).toHaveLength(1)
})

const named = { 'idempotency-key': 'order-4711', 'x-ms-action-tracking-id': 'guid' }

test('a write brings what its caller and its host call it, a read brings neither', async () => {
  const { send, asked } = setup()
  await send('/v1/deals', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json', ...named } })
  await send('/v1/deals/7', { headers: named })
  expect(asked.map(({ call }) => [call.idempotencyKey, call.trackingId])).toEqual([
    ['order-4711', 'guid'],
    [undefined, undefined],
  ])
})

test('an answer that was given before says so', async () => {
  const replayed = await setup({ execute: (_call, draft) => ((draft.replayed = true), {}) }).send('/v1/deals/7')
  expect(replayed.headers.get('x-dealbridge-replayed')).toBe('true')
  expect((await setup().send('/v1/deals/7')).headers.get('x-dealbridge-replayed')).toBeNull()
})

test('each request is counted under its operation or its route, never under what its path holds', async () => {
  const counted: unknown[] = []
  const metrics: Metrics = { ...noMetrics, request: (name, status, ms) => counted.push([name, status, ms >= 0]) }
  const { send, app } = setup({ metrics })
  await send('/v1/deals/7')
  await send('/apim/pipedrive/c1/v1/deals/7')
  await app.request('/v1/deals/7')
  await send('/healthz')
  await send('/api/connections/7')
  await send('/nowhere/7')
  expect(counted).toEqual([
    ['GetDeal', 200, true],
    ['GetDeal', 200, true],
    ['GetDeal', 401, true],
    ['/healthz', 200, true],
    ['/api/connections/{id}', 501, true],
    ['none', 404, true],
  ])
})
