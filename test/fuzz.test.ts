import fc from 'fast-check'
import { expect, test } from 'vitest'
import { catalog } from '../src/catalog/index.ts'
import { ALICE, createWorld } from './contract/world.ts'

/** Whatever an outsider sends, through the whole system: every answer is in the wire form, none is a 5xx, none shows our inside. */
const RUNS = Number(process.env['DEALBRIDGE_FUZZ_RUNS'] ?? 1_500)

const names = [...new Set(catalog.flatMap(({ input }) => Object.keys(input.shape)))]
const routes = catalog.map(({ method, path }) => ({ method, path }))

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
    'label',
    'custom_fields',
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
      printable.map((text) => `Basic ${Buffer.from(text).toString('base64')}`),
    ),
    'x-api-token': printable,
    accept: printable,
  },
  { requiredKeys: [] },
)
const request = fc.record({
  route: fc.constantFrom(...routes),
  inPath,
  query: fc.oneof(
    fc.constant(''),
    fc.string({ maxLength: 40 }).map((text) => `?triggerstate=${encodeURIComponent(text)}`),
    fc.string({ maxLength: 40 }).map((text) => `?${encodeURI(text)}`),
  ),
  body,
  headers,
  withKey: fc.boolean(),
})

test('no input makes a 5xx, an answer out of the wire form, or a look at the inside', { timeout: 120_000 }, async () => {
  const world = await createWorld({ config: { callsPerMinute: 1_000_000_000 } })
  const statuses = new Map<number, number>()
  await fc.assert(
    fc.asyncProperty(request, async ({ route, inPath: id, query, body: text, headers: sent, withKey }) => {
      const init: RequestInit = {
        method: route.method,
        headers: { 'content-type': 'application/json', ...sent, ...(withKey && { 'x-api-key': ALICE }) },
      }
      if (route.method !== 'GET') init.body = text
      const reply = await world.http(route.path.replace(/\{\w+\}/, id) + query, init).catch((error: unknown) => {
        // What no client can send is no request.
        if (error instanceof TypeError && /Invalid URL|ByteString|Headers/.test(error.message)) return undefined
        throw error
      })
      fc.pre(reply !== undefined)
      const { status, text: answer } = reply
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      expect(status).toBeLessThan(500)
      expect(answer).not.toMatch(/node_modules|file:\/\/|\n\s+at |\.ts:\d|sandbox-alice/)
      if (status >= 400)
        expect(JSON.parse(answer)).toEqual({
          statusCode: status,
          code: expect.stringMatching(/^[A-Z]\w+$/),
          message: expect.any(String),
          source: expect.stringMatching(/^(connector|pipedrive)$/),
          requestId: expect.any(String),
          details: expect.any(Array),
        })
    }),
    { numRuns: RUNS },
  )
  // The fuzzer reaches what it is meant to reach.
  expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 400, 401, 415]))
})
