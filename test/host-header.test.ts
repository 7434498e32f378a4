import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp, type App } from '../src/app.ts'
import { serveHttp, type RunningServer } from '../src/adapters/http/serve-http.ts'
import { createFetchTransport } from '../src/pipedrive/fetch-transport.ts'
import { silentLogger } from '../src/kit/logger.ts'
import { openStore } from '../src/store/open-store.ts'
import type { Store } from '../src/store/store.ts'
import { createSandbox } from '../sandbox/src/index.ts'
import { ALICE, testConfig } from './contract/world.ts'

let store: Store
let app: App
let server: RunningServer
const sandbox = createSandbox()
beforeAll(async () => {
  store = await openStore({ place: { kind: 'memory' }, logger: silentLogger })
  const config = { ...testConfig, publicUrl: 'https://flows.example.com/bridge', allowHosts: ['inner.example'] }
  app = await createApp(config, { store, transport: createFetchTransport((asked) => sandbox.fetch(asked)), logger: silentLogger })
  server = await serveHttp({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await server.close()
  await app.close()
  await store.close()
})

/** `fetch` sets no Host header. */
const ask = (
  host: string,
  method: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number | undefined; text: string }> =>
  new Promise((resolve, reject) => {
    const sent = { host, 'x-api-key': ALICE, 'content-type': 'application/json', ...headers }
    const asked = request({ host: '127.0.0.1', port: server.port, method, path, headers: sent }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode, text }))
    })
    asked.on('error', reject).end(method === 'POST' ? '{}' : undefined)
  })

const routes = [
  ['GET', '/'],
  ['GET', '/swagger.json'],
  ['GET', '/healthz'],
  ['GET', '/v1/deals/1'],
  ['POST', '/v1/deals'],
  ['GET', '/connector-v2/trigger/v1/deals'],
  ['GET', '/apim/pipedrive/x/v1/deals/1'],
  ['POST', '/subscriptions/TrigNewDealV2'],
  ['DELETE', '/subscriptions/TrigNewDealV2/x'],
  ['POST', '/hooks/x'],
  ['GET', '/api/connections'],
  ['OPTIONS', '/v1/deals/1'],
  ['GET', '/nothing'],
] as const

test.each(routes)('%s %s of a page whose name was rebound to this address is a 421 that names the option', async (method, path) => {
  const forwarded = { 'x-forwarded-host': 'localhost', 'x-forwarded-for': '127.0.0.1' }
  for (const host of ['rebound.example', `rebound.example:${server.port}`, '203.0.113.9', 'localhost.rebound.example']) {
    const { status, text } = await ask(host, method, path, forwarded)
    expect([status, JSON.parse(text)]).toEqual([
      421,
      expect.objectContaining({ code: 'HostRefused', message: expect.stringMatching(/--allow-host.*DEALBRIDGE_ALLOW_HOST/) as string }),
    ])
  }
  expect(sandbox.requests()).toEqual([])
})

test.each(['localhost', 'LOCALHOST:8080', '127.0.0.1', '[::1]:8080', 'flows.example.com', 'flows.example.com:443', 'Inner.Example:8080'])(
  'the host %s is served',
  async (host) => {
    expect((await ask(host, 'GET', '/healthz')).status).toBe(200)
    expect((await ask(host, 'GET', '/nothing')).status).toBe(404)
  },
)
