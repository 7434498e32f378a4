import { expect, test } from 'vitest'
import { catalog } from '../../catalog/index.ts'
import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import { RateLimitExceeded } from '../../kit/errors/rate-limit-exceeded.ts'
import { bodyOf, json, KEY, setup } from './adapter.fixture.ts'

test.each(catalog.map((operation) => [operation.method, operation.path, operation.id] as const))(
  '%s %s is %s',
  async (method, path, id) => {
    const { send, asked } = setup()
    const response = await send(path.replace(/\{\w+\}/, '7'), { method, ...(method === 'GET' ? {} : json({ title: 'x' })) })
    expect(response.ok).toBe(true)
    expect(asked.map((call) => call.id)).toEqual([id])
  },
)

test('a process that works for others answers its pages, and takes no requests', async () => {
  const { send, asked } = setup({ pagesOnly: true })
  for (const path of ['/', '/healthz', '/readyz', '/swagger.json']) expect((await send(path)).status).toBe(200)
  for (const path of ['/v1/deals/7', '/api/connections', `/apim/pipedrive/${'0'.repeat(32)}/v1/deals/7`])
    expect((await send(path)).status).toBe(404)
  expect((await send(`/hooks/${'A'.repeat(43)}`, { method: 'POST', ...json({}) })).status).toBe(404)
  expect((await send('/subscriptions/TrigDealWon', { method: 'POST', ...json({}) })).status).toBe(404)
  expect(asked).toEqual([])
})

test('an action answers 200 with the bare body and the headers that every answer has', async () => {
  const response = await setup({ execute: () => ({ id: 7, title: 'Müller 💥' }) }).send('/v1/deals/7')
  expect(response.status).toBe(200)
  expect(await response.json()).toEqual({ id: 7, title: 'Müller 💥' })
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  expect(response.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/)
})

test('a path parameter reaches the engine decoded, as text, and cannot be overruled by the body', async () => {
  const { send, asked } = setup()
  await send('/v1/deals/%37%20')
  await send('/update_status_deal/v1/deals/7', { method: 'PUT', ...json({ dealId: 8, status: 'won' }) })
  await send('/v1/deals/%zz')
  expect(asked.map((call) => call.input)).toEqual([{ dealId: '7 ' }, { dealId: '7', status: 'won' }, { dealId: '%zz' }])
})

test('unknown query parameters are ignored, on reads and on writes', async () => {
  const { send, asked } = setup()
  await send('/v1/deals/7?api_version=3&dealId=8&x=y')
  await send('/connector-v2/v1/deals?title=query', { method: 'POST', ...json({ title: 'body' }) })
  expect(asked.map((call) => call.input)).toEqual([{ dealId: '7' }, { title: 'body' }])
})

test('an empty id in the path reaches the operation with the id, never the list beside it', async () => {
  const { send, asked } = setup()
  await send('/v1/deals/')
  await send('/v1/stages/')
  await send('/update_status_deal/v1/deals/', { method: 'PUT', ...json({ status: 'won' }) })
  expect(asked.map(({ id, input }) => [id, input])).toEqual([
    ['GetDeal', { dealId: '' }],
    ['GetStage', { stageId: '' }],
    ['UpdateDealStatus', { dealId: '', status: 'won' }],
  ])
})

test('elsewhere a slash at the end makes no difference', async () => {
  const { send, asked } = setup()
  for (const path of ['/v1/pipelines/', '/v1/deals/7/', '/healthz/']) expect((await send(path)).status).toBe(200)
  await send('/v1/activities/', { method: 'POST', ...json({ subject: 'x' }) })
  expect(asked.map((call) => call.id)).toEqual(['ListPipelines', 'GetDeal', 'AddActivity'])
})

test('the engine gets the key as a secret, the request id of the answer, and the address of the caller', async () => {
  const { send, asked } = setup({ trustedProxies: ['10.0.0.0/8'] })
  const response = await send('/v1/deals/7')
  await send('/v1/deals/7', { peer: '10.0.0.1', headers: { 'x-forwarded-for': '203.0.113.9' } })
  await send('/v1/deals/7', { headers: { 'x-forwarded-for': '203.0.113.9' } })
  expect(asked[0]!.call.credential.key!.reveal()).toBe(KEY)
  expect(asked[0]!.call.requestId).toBe(response.headers.get('x-request-id'))
  expect(asked.map((call) => call.call.address)).toEqual(['192.0.2.1', '203.0.113.9', '192.0.2.1'])
})

test('a request without a key is a 401 that never reaches the engine', async () => {
  const { app, asked } = setup()
  const response = await app.request('/v1/deals/7')
  expect(response.status).toBe(401)
  expect(response.headers.get('www-authenticate')).toMatch(/^Basic /)
  expect(response.headers.get('x-dealbridge-upstream-calls')).toBe('0')
  expect(await response.json()).toMatchObject({ statusCode: 401, code: 'ApiKeyMissing', requestId: response.headers.get('x-request-id') })
  expect(asked).toEqual([])
})

test('headers say what the call cost, what it warns of and what is missing', async () => {
  const { send } = setup({
    execute: (_call, draft) => {
      draft.ledger.add({ method: 'GET', path: '/api/v2/deals/{id}', status: 200, tokens: 1 })
      draft.ledger.add({ method: 'GET', path: '/v1/users/{id}', status: 200, tokens: 2 })
      draft.warnings = ['stage 7 lies in "Süd"', 'lost_reason\r\nwas left out']
      draft.incomplete = new Set(['user', 'person'])
      return {}
    },
  })
  const { headers } = await send('/v1/deals/7')
  expect(headers.get('x-dealbridge-upstream-calls')).toBe('2')
  expect(headers.get('x-dealbridge-token-cost')).toBe('3')
  expect(decodeURIComponent(headers.get('x-dealbridge-warning')!)).toBe('stage 7 lies in "Süd" | lost_reason\r\nwas left out')
  expect(headers.get('x-dealbridge-incomplete')).toBe('person,user')
})

test('an error tells its cost too, and its request id in body and header; the log names its account', async () => {
  const { send, log } = setup({
    execute: (_call, draft) => {
      draft.account = 'c0ffee'
      draft.ledger.add({ method: 'GET', path: '/api/v2/deals/{id}', status: 404, tokens: 1 })
      throw new DealbridgeError({ status: 404, code: 'NotFound', message: 'There is no deal 7.', source: 'pipedrive' })
    },
  })
  const response = await send('/v1/deals/7')
  expect(response.status).toBe(404)
  expect(response.headers.get('x-dealbridge-token-cost')).toBe('1')
  expect(log()).toMatchObject([{ status: 404, account: 'c0ffee', upstreamCalls: 1, tokens: 1 }])
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(await response.json()).toEqual({
    statusCode: 404,
    code: 'NotFound',
    message: 'There is no deal 7.',
    source: 'pipedrive',
    requestId: response.headers.get('x-request-id'),
    details: [],
  })
})

test('an unexpected error is a 500 without inner text; the log has the stack, and the key appears nowhere', async () => {
  const { send, log, logText } = setup({
    execute: (call) => {
      throw new TypeError(`invalid header value ${call.credential.key!.reveal()}`, {
        cause: new Error(`cause with ${call.credential.key!.reveal()}`),
      })
    },
  })
  const response = await send('/v1/deals/7?api_token=in-the-query')
  const body = await bodyOf(response)
  expect(body).toMatchObject({ statusCode: 500, code: 'InternalError', requestId: response.headers.get('x-request-id') })
  expect(JSON.stringify(body)).not.toContain('invalid header value')
  const failed = log().find((line) => line['msg'] === 'a request failed')!
  expect(failed['requestId']).toBe(body['requestId'])
  expect(failed['error']).toMatch(/TypeError: invalid header value \[secret\]\n +at .*http-adapter\.test\.ts[^]*cause with \[secret\]/)
  expect(logText() + JSON.stringify(body)).not.toMatch(new RegExp(`${KEY}|in-the-query`))
})

test('an answer that cannot be written as JSON is a 500', async () => {
  expect((await setup({ execute: () => ({ id: 1n }) }).send('/v1/deals/7')).status).toBe(500)
})

test('a request leaves one line in the log: route, status, time and cost, and nothing of what the caller sent', async () => {
  const { send, log, logText } = setup()
  await send('/v1/deals/4711?secret=query')
  expect(log()).toEqual([
    {
      level: 30,
      time: expect.any(Number) as number,
      requestId: expect.any(String) as string,
      method: 'GET',
      route: '/v1/deals/{dealId}',
      status: 200,
      ms: expect.any(Number) as number,
      upstreamCalls: 0,
      tokens: 0,
      msg: 'request',
    },
  ])
  expect(logText()).not.toMatch(new RegExp(`4711|query|${KEY}`))
})

test('the log tells an answer of an earlier attempt from a new one', async () => {
  const { send, log } = setup({ execute: (_call, draft) => ((draft.replayed = true), {}) })
  await send('/v1/deals/7')
  expect(log()).toMatchObject([{ status: 200, replayed: true }])
})

test('a trigger with nothing new answers 202 without a body, with Location and Retry-After', async () => {
  const { send, asked } = setup()
  const response = await send('http://bridge.example:8080/connector-v2/trigger/v1/deals')
  expect(response.status).toBe(202)
  expect(await response.text()).toBe('')
  expect(response.headers.get('location')).toBe('http://bridge.example:8080/connector-v2/trigger/v1/deals?triggerstate=state-1')
  expect(response.headers.get('retry-after')).toBe('120')
  expect(asked[0]).toMatchObject({ id: 'TrigNewDealV2', state: undefined })
})

test('a trigger with news answers 200 with an array, and its Location leads back to the same trigger with the new state', async () => {
  const { send, asked } = setup({ poll: () => ({ items: [{ id: 8 }], state: 'a+b/=', retryAfterSeconds: 1 }) })
  const response = await send('/trigger/v1/activities?triggerstate=old%2Bstate')
  expect(response.status).toBe(200)
  expect(await response.json()).toEqual([{ id: 8 }])
  expect(response.headers.get('retry-after')).toBe('1')
  await send(response.headers.get('location')!)
  expect(asked.map((call) => call.state)).toEqual(['old+state', 'a+b/='])
})

test('the filters of a trigger reach the engine and stay in its Location, so that a host that follows it loses none', async () => {
  const { send, asked } = setup()
  const first = await send('/trigger/v2/activities/done?type=a%26b&owner_id=&api-version=1')
  const location = new URL(first.headers.get('location')!)
  expect([...location.searchParams]).toEqual([
    ['type', 'a&b'],
    ['triggerstate', 'state-1'],
  ])
  await send(location.pathname + location.search)
  expect(asked.map(({ input, state }) => [input, state])).toEqual([
    [{ type: 'a&b', owner_id: '' }, undefined],
    [{ type: 'a&b' }, 'state-1'],
  ])
})

test.each([429, 503, 500])('a trigger that fails with %i carries no Location', async (status) => {
  const { send } = setup({
    poll: () => {
      throw status === 429
        ? new RateLimitExceeded(7)
        : status === 503
          ? new DealbridgeError({ status, code: 'X', message: 'x' })
          : new Error('x')
    },
  })
  const response = await send('/trigger/v1/deals')
  expect(response.status).toBe(status)
  expect(response.headers.get('location')).toBeNull()
})

const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'flows.example.com', 'x-forwarded-prefix': '/pipedrive' }

test.each([
  ['the request', {}, {}, '192.0.2.1', 'http://localhost/'],
  ['the request, when a stranger forges X-Forwarded-*', { trustedProxies: ['10.0.0.0/8'] }, forwarded, '192.0.2.1', 'http://localhost/'],
  ['the headers of a trusted proxy', { trustedProxies: ['10.0.0.0/8'] }, forwarded, '10.0.0.1', 'https://flows.example.com/pipedrive/'],
  [
    '--public-url, which beats all headers',
    { publicUrl: 'https://public.example/bridge/', trustedProxies: ['10.0.0.0/8'] },
    forwarded,
    '10.0.0.1',
    'https://public.example/bridge/',
  ],
])('Location and the API definition start with %s', async (_, options, headers, peer, base) => {
  const { send } = setup(options)
  const poll = await send('/trigger/v1/deals', { headers, peer })
  expect(poll.headers.get('location')).toBe(`${base}trigger/v1/deals?triggerstate=state-1`)
  const definition = await bodyOf(await send('/swagger.json', { headers, peer }))
  expect(definition['host']).toBe(base.slice(0, -1))
})

test('a Host that is none is a 400, and Pipedrive is not asked', async () => {
  const { send, asked } = setup()
  const response = await send('/trigger/v1/deals', { headers: { host: 'evil.example/"><script>' } })
  expect(response.status).toBe(400)
  expect(JSON.stringify([...response.headers, await response.text()])).not.toContain('evil')
  expect(asked).toEqual([])
})

test('an unknown route is a 404 that names the nearest, with or without a key', async () => {
  const response = await setup().app.request('/v1/deal/7')
  expect(response.status).toBe(404)
  expect(await response.json()).toMatchObject({
    code: 'RouteNotFound',
    message: expect.stringContaining('GET /v1/deals/{dealId}') as string,
  })
})

test('a wrong method is a 405 with Allow', async () => {
  const response = await setup().send('/v1/deals/7', { method: 'DELETE' })
  expect(response.status).toBe(405)
  expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
  expect(await response.json()).toMatchObject({ statusCode: 405, code: 'MethodNotAllowed' })
})

test('OPTIONS tells the methods of a path and needs no key; of an unknown path it is a 404', async () => {
  const { app } = setup()
  const response = await app.request('/v1/activities', { method: 'OPTIONS' })
  expect([response.status, response.headers.get('allow'), await response.text()]).toEqual([204, 'POST, OPTIONS', ''])
  expect((await app.request('/v3', { method: 'OPTIONS' })).status).toBe(404)
})

test('HEAD is a GET without the body, and of a path that has no GET a 405', async () => {
  const { send } = setup()
  const response = await send('/v1/deals/7', { method: 'HEAD' })
  expect([response.status, await response.text()]).toEqual([200, ''])
  expect((await send('/v1/activities', { method: 'HEAD' })).status).toBe(405)
})

test('the server says how it is, what it is and what it offers without a key, and probes are not worth a line', async () => {
  const { app, log } = setup()
  expect(await bodyOf(await app.request('/healthz'))).toEqual({ status: 'ok' })
  expect(await bodyOf(await app.request('/'))).toMatchObject({ name: 'Dealbridge', version: '1.2.3', definition: '/swagger.json' })
  expect((await app.request('/swagger.json')).status).toBe(200)
  expect(log().filter((line) => Number(line['level']) >= 30)).toEqual([])
})
