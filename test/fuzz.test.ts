import fc from 'fast-check'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { eventually, PATIENCE_MS } from '../src/kit/eventually.fixture.ts'
import { catalog } from '../src/catalog/index.ts'
import { QUARANTINED } from '../src/delivery/process/process-inbox.ts'
import { HOOK_ROUTE } from '../src/adapters/http/hook-handler.ts'
import { managementRoutes } from '../src/adapters/http/management.ts'
import { serveHttp } from '../src/adapters/http/serve-http.ts'
import { subscriptionRoutes } from '../src/adapters/http/subscription-handler.ts'
import { useManagedConnector } from './connections/managed-connector.ts'
import { ALICE } from './contract/world.ts'
import { fittingBody, HOOK_HEADERS, HOOK_SECRET, subscribe } from './fuzz-subscription.ts'

const connector = useManagedConnector({ config: { callsPerMinute: 1_000_000_000, trustedProxies: ['192.0.2.0/24'] } })

/** Any input of an outsider, through the whole system: every answer is in the wire form, none is a 5xx, none shows internals. */
const RUNS = Number(process.env['DEALBRIDGE_FUZZ_RUNS'] ?? 1_500)

const names = [...new Set(catalog.flatMap(({ input }) => Object.keys(input.shape)))]
const paths = catalog.map(({ method, path }) => ({ method: method as string, path }))
const pages = [
  '/',
  '/healthz',
  '/readyz',
  '/metrics',
  '/swagger.json',
  '/nowhere',
  '/apim/pipedrive/{id}',
  '/apim/pipedrive/{connectionId}/x',
]
const routes = {
  plain: paths,
  runtime: paths.map(({ method, path }) => ({ method, path: `/apim/pipedrive/{connectionId}${path}` })),
  management: managementRoutes.map(({ method, path }) => ({ method: method as string, path })),
  subscriptions: subscriptionRoutes.flatMap(({ method, path }) => [
    { method, path },
    { method, path: `/apim/pipedrive/{connectionId}${path}` },
  ]),
  hooks: [{ method: 'POST', path: HOOK_ROUTE }],
  pages: pages.map((path) => ({ method: 'GET', path })),
}

const odd = fc.oneof(
  fc.constantFrom<unknown>(
    '',
    ' ',
    '0',
    '-1',
    '1.5',
    '12abc',
    'null',
    '\u0000',
    '\ud800',
    '2026-02-30',
    '99:99',
    '9'.repeat(400),
    null,
    true,
    1e308,
    -0,
    [],
    {},
    [[]],
  ),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.double(),
  fc.integer(),
  fc.bigInt().map(String),
)
const json = fc.oneof({ depthSize: 'small' }, odd, fc.jsonValue({ maxDepth: 6 }))
const field = fc.oneof(
  fc.constantFrom(
    ...names,
    'user_id',
    'name',
    'apiKey',
    'connectionId',
    'label',
    'custom_fields',
    'callbackUrl',
    'format',
    'sign',
    'pull',
    'delivery',
    'since',
    'dead',
    'status',
    'reason',
    'retryAfter',
    'ms',
    'meta',
    'data',
    'previous',
    '__proto__',
    'constructor',
    'toString',
    `${'a'.repeat(40)}`,
    `${'a'.repeat(40)}_currency`,
  ),
  fc.string({ maxLength: 20 }),
)
const fields = fc.array(fc.tuple(field, json), { maxLength: 8 })
const body = fc.oneof(
  {
    weight: 6,
    arbitrary: fields.map((pairs) => `{${pairs.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join()}}`),
  },
  { weight: 1, arbitrary: json.map((value) => JSON.stringify(value) ?? '') },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 20_000 }).map((depth) => '['.repeat(depth)) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 5_000 }).map((depth) => `{"title":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`) },
)
const inPath = fc.oneof(
  fc.constantFrom('1', '7', '0', '-1', '%00', '%ff', '..', '%2e%2e', 'a'.repeat(5_000), '1;2', '１'),
  fc.string({ maxLength: 20 }).map(encodeURIComponent),
)
const printable = fc.string({ maxLength: 40 }).map((text) => text.replace(/[^\x20-\x7e]/g, '').trim())
const headers = fc.record(
  {
    'content-type': fc.oneof(
      fc.constantFrom(
        'application/json',
        'application/json; charset=utf-16',
        'application/vnd.api+json',
        'text/plain',
        'multipart/form-data',
      ),
      printable,
    ),
    'x-forwarded-host': printable,
    'x-forwarded-proto': printable,
    'x-forwarded-for': printable,
    authorization: fc.oneof(
      printable,
      printable.map((text) => `Bearer ${text}`),
      fc.constantFrom(
        'Bearer',
        'Bearer dbk_',
        'Bearer dbo_x',
        `Bearer ${'x'.repeat(5_000)}`,
        'Bearer a b',
        'Bearer\tdbk_1',
        'bEaReR dbk_ÿ',
      ),
      printable.map((text) => `Basic ${Buffer.from(text).toString('base64')}`),
    ),
    'x-api-token': printable,
    cookie: printable,
    'idempotency-key': fc.oneof(printable, fc.constantFrom('', 'same', 'x'.repeat(256), 'a, b', 'ÿ')),
    'x-ms-action-tracking-id': fc.oneof(printable, fc.constantFrom('', 'same', 'x'.repeat(5_000), 'a\tb', 'ÿ')),
    'content-length': fc.constantFrom('0', '5', '-1', '99999999999', 'x'),
    'content-encoding': fc.constantFrom('gzip', 'identity', 'br, gzip'),
    'transfer-encoding': fc.constant('chunked'),
    expect: fc.constant('100-continue'),
    'x-http-method-override': fc.constant('DELETE'),
    accept: printable,
  },
  { requiredKeys: [] },
)
/** Enough that the rest of a request counts. */
const few = headers.map((all) => Object.fromEntries(Object.entries(all).filter(([name]) => /^(idempotency|x-ms|x-forwarded)/.test(name))))
const rarely = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 7, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })
const methods = fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'PROPFIND')
const request = fc.record({
  route: fc.oneof(...Object.values(routes).map((some) => fc.constantFrom(...some))),
  otherMethod: rarely(methods),
  inPath,
  /** Whether an id in the path is one that there is. */
  known: fc.boolean(),
  query: fc.oneof(
    fc.constant(''),
    fc.string({ maxLength: 40 }).map((text) => `?triggerstate=${encodeURIComponent(text)}`),
    fc.constantFrom(
      '?connectionId=1',
      '?limit=5&before=9999999999999999',
      '?limit=-1',
      '?connectionId=%00',
      '?a=1&a=2',
      '?connectionId[]=1',
    ),
    fc.string({ maxLength: 40 }).map((text) => `?${encodeURI(text)}`),
  ),
  body,
  headers: fc.oneof(headers, few),
  shown: fc.constantFrom('what fits', 'what fits', 'what fits', 'nothing', 'Pipedrive key', 'connection key', 'token'),
  /** A body that the route takes, in the place of `body`. */
  fitting: fc.constantFrom(undefined, undefined, 'One', 'Other'),
  /** Else a few guesses would shut out all others. */
  address: fc.ipV4(),
})

test('no input makes a 5xx, an answer out of the wire form, or a look at the inside', async () => {
  const { world, newOwner } = connector
  let connection = await connector.connect()
  const token = await newOwner()
  let mine = await connector.connect({ token })
  let subscribed = await subscribe(connector, mine, token)
  const statuses = new Map<number, number>()
  const kinds = new Set<string>()
  await fc.assert(
    fc.asyncProperty(
      request,
      async ({ route, otherMethod, inPath: id, known, query, body: text, headers: sent, shown, fitting, address }) => {
        const shownHeaders: Record<Exclude<typeof shown, 'what fits'>, Record<string, string>> = {
          nothing: {},
          'Pipedrive key': { 'x-api-key': ALICE },
          'connection key': { authorization: `Bearer ${connection.key}` },
          token: { authorization: `Bearer ${token}` },
        }
        const fits = route.path.startsWith('/api/') ? 'token' : 'connection key'
        const fitsHeaders = route.path === HOOK_ROUTE ? HOOK_HEADERS : shownHeaders[fits]
        const method = otherMethod ?? route.method
        const init: RequestInit = {
          method,
          headers: { 'content-type': 'application/json', ...sent, ...(shown === 'what fits' ? fitsHeaders : shownHeaders[shown]) },
        }
        if (method !== 'GET' && method !== 'HEAD')
          init.body = fitting === undefined ? text : fittingBody(route.path, fitting, mine.id, text, subscribed)
        const ids: Record<string, string> = known
          ? {
              connectionId: connection.id,
              id: route.path.includes('keys') ? mine.keyId : route.path.includes('subscriptions') ? subscribed.id : mine.id,
              trigger: 'TrigDealUpdated',
              location: subscribed.location,
              delivery: subscribed.delivery,
              token: HOOK_SECRET,
            }
          : {}
        const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? id)
        const reply = await world.http(path + query, init, address).catch((error: unknown) => {
          // What no client can send is no request.
          if (error instanceof TypeError && /Invalid URL|ByteString|Headers|invalid/i.test(error.message)) return undefined
          throw error
        })
        fc.pre(reply !== undefined)
        const { status, text: answer } = reply
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
        kinds.add(`${kindOf(route.path)} ${status}`)
        if (status === 204 && method === 'DELETE' && (known || path.startsWith('/api/'))) {
          mine = await connector.connect({ token })
          subscribed = await subscribe(connector, mine, token)
        }
        expect(status, answer).toBeLessThan(500)
        expect(answer).not.toMatch(/node_modules|file:\/\/|\n\s+at |\.ts:\d|sandbox-(alice|bob)/)
        expect(answer).not.toContain(token)
        expect(answer).not.toContain(connection.key)
        expect(answer.includes(HOOK_SECRET) && !path.includes(HOOK_SECRET)).toBe(false)
        if (status >= 400 && method !== 'HEAD')
          expect(JSON.parse(answer)).toEqual({
            statusCode: status,
            code: expect.stringMatching(/^[A-Z]\w+$/),
            message: expect.any(String),
            source: expect.stringMatching(/^(connector|pipedrive)$/),
            requestId: expect.any(String),
            details: expect.any(Array),
          })
      },
    ),
    { numRuns: RUNS },
  )
  // The fuzzer reaches what it is meant to reach.
  expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 400, 401, 415]))
  expect([...kinds]).toEqual(
    expect.arrayContaining([
      'management 200',
      'management 400',
      'management 401',
      'management 404',
      'runtime 200',
      'runtime 401',
      'runtime 405',
      'subscriptions 200',
      'subscriptions 201',
      'subscriptions 204',
      'subscriptions 400',
      'subscriptions 404',
      'hooks 200',
      'hooks 400',
      'hooks 401',
    ]),
  )
  // What was taken in can be worked with.
  const { store } = connector
  const inbox = () => store.db.selectFrom('inbox').select('tries').execute()
  expect((await inbox()).length).toBeGreaterThan(5)
  await world.listening()
  await eventually(async () => expect((await inbox()).filter(({ tries }) => tries !== QUARANTINED)).toEqual([]))
  expect(await inbox()).toEqual([])
})

const kindOf = (path: string): string =>
  path.startsWith('/api/')
    ? 'management'
    : path.includes('/subscriptions/')
      ? 'subscriptions'
      : path === HOOK_ROUTE
        ? 'hooks'
        : path.startsWith('/apim/')
          ? 'runtime'
          : 'plain'

const line = fc.constantFrom(
  'GET /v1/deals/1 HTTP/1.1',
  'POST /v1/deals HTTP/1.1',
  'GET http://evil.example/v1/deals/1 HTTP/1.1',
  'GET //evil.example/readyz HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'CONNECT evil.example:443 HTTP/1.1',
  'GET /api/me HTTP/1.0',
  'GET /api/me HTTP/9.9',
  'get /api/me HTTP/1.1',
  'GET /%zz/%00 HTTP/1.1',
  `GET /${'x'.repeat(20_000)} HTTP/1.1`,
  'PRI * HTTP/2.0',
  '',
)
const header = fc.constantFrom(
  'Host: localhost',
  'Host: b',
  'Host: "><script>',
  'Authorization: Bearer x',
  'Authorization: Basic eDp5',
  'X-Api-Key: k',
  'Idempotency-Key: a',
  'Idempotency-Key: b',
  'Content-Length: 4',
  'Content-Length: 4, 4',
  'Content-Length: -1',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding : chunked',
  'Expect: 100-continue',
  'Expect: something',
  'Upgrade: websocket',
  'Connection: upgrade',
  'Connection: close',
  'Content-Type: application/json',
  ' folded: yes',
  'no colon',
  'Nul: \0',
  `X: ${'y'.repeat(20_000)}`,
)
const raw = fc
  .record({
    line,
    fields: fc.oneof(
      fc.array(header, { maxLength: 6 }),
      fc.array(header, { maxLength: 1 }).map((some) => ['Host: localhost', ...some]),
    ),
    end: fc.constantFrom('\r\n', '\r\n', '\r\n', '\n', '\r'),
    body: fc.constantFrom('', '{}', '5\r\n{"a":\r\n0\r\n\r\n', 'zz\r\n', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n', '\0\u00ff'),
    cut: rarely(fc.nat(60)),
  })
  .map(({ line: first, fields: some, end, body: text, cut }) => [first, ...some, '', text].join(end).slice(0, cut))

test('what is no HTTP, or hardly, is answered or hung up on, and the next caller is served', async () => {
  const { fetch } = connector.world
  const statuses = new Set<number>()
  const server = await serveHttp({ fetch: (asked, peer) => fetch(asked, peer), hostname: '127.0.0.1', port: 0 })
  try {
    await fc.assert(
      fc.asyncProperty(raw, async (text) => {
        const answer = await sendRaw(server.port, text)
        for (const [, status] of answer.matchAll(/HTTP\/1\.1 (\d{3})/g)) {
          statuses.add(Number(status))
          expect(Number(status)).toBeLessThan(500)
        }
        expect(answer).not.toMatch(/node_modules|file:\/\/|\n\s+at |\.ts:\d/)
      }),
      { numRuns: Math.ceil(RUNS / 3) },
    )
    expect([...statuses]).toEqual(expect.arrayContaining([400]))
    expect(statuses.size).toBeGreaterThan(1)
    expect((await globalThis.fetch(`${server.url}/healthz`)).status).toBe(200)
  } finally {
    await server.close()
  }
})

/** Everything that comes back until the server hangs up; rejects when it neither answers nor does. */
function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.end(text, 'latin1'))
    socket.setTimeout(PATIENCE_MS, () => {
      socket.destroy()
      reject(new Error(`no end of ${JSON.stringify(text.slice(0, 500))}`))
    })
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => (answer += chunk))
    // A reset is a way of hanging up.
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(answer))
  })
}
