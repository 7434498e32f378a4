import { request } from 'node:http'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp, type App } from '../src/app.ts'
import { COMPRESSED_FROM_CHARACTERS } from '../src/adapters/http/compress.ts'
import { serveHttp, type RunningServer } from '../src/adapters/http/serve-http.ts'
import { silentLogger } from '../src/kit/logger.ts'
import { Secret } from '../src/kit/secret.ts'
import { createFetchTransport } from '../src/pipedrive/fetch-transport.ts'
import { openStore } from '../src/store/open-store.ts'
import type { Store } from '../src/store/store.ts'
import { createSandbox } from '../sandbox/src/index.ts'
import { ALICE, testConfig, type Row } from './contract/world.ts'

const ADMIN = 'the-admin-token-of-this-test'
const METRICS_TOKEN = 'the-metrics-token-of-this-test'
const BOTH = 'gzip, deflate, br'
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

let store: Store
let app: App
let server: RunningServer
beforeAll(async () => {
  const sandbox = createSandbox({ seed: { generate: { deals: 200 } } })
  store = await openStore({ place: { kind: 'memory' }, logger: silentLogger })
  const config = { ...testConfig, adminToken: new Secret(ADMIN), metricsToken: new Secret(METRICS_TOKEN), callsPerMinute: 10_000 }
  app = await createApp(config, { store, logger: silentLogger, transport: createFetchTransport((asked) => sandbox.fetch(asked)) })
  server = await serveHttp({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await server.close()
  await app.close()
  await store.close()
})

/** The bytes as they are on the wire; `fetch` would decode them. */
const ask = (path: string, headers: Record<string, string> = {}, method = 'GET', body?: string) =>
  new Promise<{ status: number | undefined; bytes: Buffer; header(name: string): string | undefined }>((resolve, reject) => {
    const sent = { 'x-api-key': ALICE, 'content-type': 'application/json', ...headers }
    const asked = request({ host: '127.0.0.1', port: server.port, method, path, headers: sent }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      const header = (name: string) => response.headers[name]?.toString()
      response.on('end', () => resolve({ status: response.statusCode, bytes: Buffer.concat(chunks), header }))
    })
    asked.on('error', reject).end(body)
  })

const large: [string, Record<string, string>][] = [
  ['/swagger.json', {}],
  ['/metrics', bearer(METRICS_TOKEN)],
  ['/v1/deals', {}],
]

test.each(large)('%s is compressed for a client that asks for it, and varies by that', async (path, headers) => {
  const plain = await ask(path, headers)
  expect([plain.status, plain.header('content-encoding'), plain.header('vary')]).toEqual([200, undefined, 'accept-encoding'])
  expect(plain.bytes.length).toBeGreaterThan(COMPRESSED_FROM_CHARACTERS)
  for (const [accepted, encoding, decode] of [
    ['gzip', 'gzip', gunzipSync],
    [BOTH, 'br', brotliDecompressSync],
  ] as const) {
    const { status, header, bytes } = await ask(path, { ...headers, 'accept-encoding': accepted })
    expect([status, header('content-encoding'), header('vary')]).toEqual([200, encoding, 'accept-encoding'])
    expect(header('content-type')).toBe(plain.header('content-type'))
    expect(header('content-length')).toBe(String(bytes.length))
    expect(bytes.length).toBeLessThan(plain.bytes.length / 2)
    // The metrics count the requests of this test.
    if (path !== '/metrics') expect(decode(bytes).toString()).toBe(plain.bytes.toString())
  }
})

test.each(['/', '/healthz', '/v1/stages/1', '/v1/deals/999999', '/nothing'])('%s is too short to compress', async (path) => {
  const { bytes, header } = await ask(path, { 'accept-encoding': BOTH })
  expect([header('content-encoding'), header('vary')]).toEqual([undefined, undefined])
  expect(header('content-length')).toBe(String(bytes.length))
  expect(JSON.parse(bytes.toString())).toBeTypeOf('object')
})

test('HEAD has the headers of the compressed answer and no body', async () => {
  const { status, bytes, header } = await ask('/swagger.json', { 'accept-encoding': 'gzip' }, 'HEAD')
  expect([status, bytes.length, header('content-encoding')]).toEqual([200, 0, 'gzip'])
})

test('an answer that holds a secret, or whose path is one, is never compressed', async () => {
  const post = (path: string, body: Row, headers: Record<string, string> = {}) =>
    ask(path, { 'accept-encoding': BOTH, ...headers }, 'POST', JSON.stringify(body))
  const answers: Awaited<ReturnType<typeof ask>>[] = []
  const connection = await post('/api/connections', { name: 'Sales', apiKey: ALICE }, bearer(ADMIN))
  const { id } = JSON.parse(connection.bytes.toString()) as Row
  answers.push(connection, await post('/api/keys', { connectionId: id, name: 'flows' }, bearer(ADMIN)))
  const owner = await post('/api/owners', { name: 'Bob' }, bearer(ADMIN))
  answers.push(owner, await post(`/api/owners/${String((JSON.parse(owner.bytes.toString()) as Row)['id'])}/token`, {}, bearer(ADMIN)))
  const subscription = await post('/subscriptions/TrigNewDealV2', { pull: true, format: 'standard-webhooks' })
  const { id: subscriptionId, signingKey } = JSON.parse(subscription.bytes.toString()) as Row
  expect(signingKey).toBeTypeOf('string')
  for (let tests = 0; tests < 3; tests++) await post(`/api/subscriptions/${String(subscriptionId)}/test`, {}, bearer(ADMIN))
  const events = await ask(`${new URL(subscription.header('location')!).pathname}/events`, { 'accept-encoding': BOTH })
  // Long enough for the others to be compressed.
  expect(events.bytes.length).toBeGreaterThan(COMPRESSED_FROM_CHARACTERS)
  answers.push(subscription, events, await post(`/hooks/${'x'.repeat(43)}`, {}))
  for (const { status, bytes, header } of answers) {
    expect([header('content-encoding'), header('vary')], `${status} ${bytes.toString('utf8', 0, 80)}`).toEqual([undefined, undefined])
    expect(JSON.parse(bytes.toString())).toBeTypeOf('object')
  }
})
