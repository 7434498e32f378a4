import { expect, test, vi } from 'vitest'
import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import { Secret } from '../../kit/secret.ts'
import { bodyOf, setup } from './adapter.fixture.ts'
import type { HttpAdapterOptions } from './http-adapter.ts'

test('/ says which keys are taken, and where the rest is', async () => {
  const body = await bodyOf(await setup().app.request('/'))
  expect(body).toMatchObject({ definition: '/swagger.json', health: '/healthz', ready: '/readyz', management: '/api/connections' })
  expect(body['what']).toMatch(/connection key .*dbk_.*API key of a Pipedrive user.*x-api-key/)
})

test('/readyz is a 503 that names what is not ready, and nothing of its inside', async () => {
  const answered = async (options: Partial<HttpAdapterOptions>) => {
    const response = await setup(options).app.request('/readyz')
    return [response.status, (await bodyOf(response))['details']]
  }
  const well = () => Promise.resolve()
  expect(await answered({})).toEqual([200, undefined])
  expect(await answered({ checks: { store: well } })).toEqual([200, undefined])
  expect(await answered({ checks: { store: well }, draining: () => true })).toEqual([
    503,
    [{ field: 'server', message: 'is shutting down' }],
  ])
  const told = new DealbridgeError({ status: 503, code: 'StoreUnavailable', message: 'The database is away.' })
  const checks = { store: () => Promise.reject(told), other: () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.3')), third: well }
  expect(await answered({ checks })).toEqual([
    503,
    [
      { field: 'store', message: 'The database is away.' },
      { field: 'other', message: 'does not answer' },
    ],
  ])
})

test('why the store is not ready stands in the log, and there alone', async () => {
  const cause = new Error('password authentication failed for user "bridge"')
  const told = new DealbridgeError({ status: 503, code: 'StoreUnavailable', message: 'The database is away.', cause })
  const { app, log } = setup({ checks: { store: () => Promise.reject(told) } })
  expect(await (await app.request('/readyz')).text()).not.toContain('bridge')
  expect(log().find(({ code, level }) => code === 'NotReady' && level === 50)!['error']).toContain(cause.message)
})

test('/readyz does not wait for what never answers', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const response = setup({ checks: { store: () => new Promise(() => undefined) } }).app.request('/readyz')
    await vi.advanceTimersByTimeAsync(2_000)
    expect((await response).status).toBe(503)
  } finally {
    vi.useRealTimers()
  }
})

const metricsText = () => Promise.resolve({ contentType: 'text/plain; version=0.0.4', body: 'up 1\n' })
const metricsToken = new Secret('one')
const metrics = async (options: Partial<HttpAdapterOptions>, authorization?: string) =>
  setup(options).app.request('/metrics', authorization === undefined ? {} : { headers: { authorization } })

test('/metrics is text for a request with its token', async () => {
  const response = await metrics({ metricsText, metricsToken }, 'Bearer one')
  expect([response.status, await response.text()]).toEqual([200, 'up 1\n'])
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4')
})

test.each([undefined, 'Bearer', 'Bearer on', 'Bearer oneone', 'Basic b25l', 'one'])(
  '/metrics is a 401 that says what to do for %j',
  async (authorization) => {
    const response = await metrics({ metricsText, metricsToken }, authorization)
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="Dealbridge"'])
    expect(await bodyOf(response)).toMatchObject({
      code: 'MetricsTokenRefused',
      message: expect.stringContaining('DEALBRIDGE_METRICS_TOKEN') as string,
    })
  },
)

test('/metrics says when there is no token for it, and is not there when nothing is collected', async () => {
  expect(await bodyOf(await metrics({ metricsText }, 'Bearer one'))).toMatchObject({
    message: expect.stringContaining('has no token') as string,
  })
  expect((await metrics({ metricsToken }, 'Bearer one')).status).toBe(404)
})
