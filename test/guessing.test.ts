import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { BODY_METHODS } from '../src/catalog/define.ts'
import { catalog } from '../src/catalog/index.ts'
import { silentLogger } from '../src/kit/logger.ts'
import { Secret } from '../src/kit/secret.ts'
import { openStore } from '../src/store/open-store.ts'
import type { Store } from '../src/store/store.ts'
import { ALICE, BOB, CONNECTOR, createWorld, type Reply, type Row, type World } from './contract/world.ts'

const METRICS_TOKEN = 'the-metrics-token-of-this-test'
const ADMIN = 'the-admin-token-of-this-test'
/** The documented limit of a minute. */
const LIMIT = 20
const GUESSER = '203.0.113.66'

let store: Store
let world: World
beforeAll(async () => void (store = await openStore({ place: { kind: 'memory' }, logger: silentLogger })))
afterAll(() => store.close())
/** A new process for each test remembers no earlier guesses. */
beforeEach(async () => {
  const config = { metricsToken: new Secret(METRICS_TOKEN), adminToken: new Secret(ADMIN), callsPerMinute: 10_000, publicUrl: CONNECTOR }
  world = await createWorld({ store, config })
})

type Ask = (guess: number, address?: string) => Promise<Reply>
const request =
  (
    method: string,
    path: (guess: number) => string,
    headers: (guess: number) => Record<string, string>,
    body?: (guess: number) => Row,
  ): Ask =>
  (guess, address = GUESSER) =>
    world.http(
      path(guess),
      { method, headers: { 'content-type': 'application/json', ...headers(guess) }, ...(body && { body: JSON.stringify(body(guess)) }) },
      address,
    )
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
/** The form of secrets that this server generates. */
const generated = (guess: number) => `guess-${guess}-`.padEnd(43, 'x')
const hex = (guess: number) => guess.toString(16).padStart(40, '0')
const same = (path: string) => () => path

const places: Record<string, Ask> = {
  'the metrics token': request('GET', same('/metrics'), (guess) => bearer(`guess-${guess}`)),
  'the admin token': request('GET', same('/api/me'), (guess) => bearer(`guess-${guess}`)),
  'an owner token': request('GET', same('/api/me'), (guess) => bearer(`dbo_${generated(guess)}`)),
  'a connection key': request('GET', same('/v1/pipelines'), (guess) => ({ 'x-api-key': `dbk_${generated(guess)}` })),
  'a Pipedrive key': request('GET', same('/v1/pipelines'), (guess) => ({ 'x-api-key': hex(guess) })),
  'a Pipedrive key of a subscriber': request(
    'POST',
    same('/subscriptions/TrigNewDealV2'),
    (guess) => ({ 'x-api-key': hex(guess) }),
    () => ({ pull: true }),
  ),
  'the address of a webhook': request(
    'POST',
    (guess) => `/hooks/${generated(guess)}`,
    () => ({}),
    () => ({}),
  ),
  'the Location of a subscription': request(
    'GET',
    (guess) => `/subscriptions/TrigNewDealV2/${generated(guess)}/events`,
    () => ({}),
  ),
  'the Location of a delivery': request(
    'POST',
    (guess) => `/subscriptions/TrigNewDealV2/${generated(guess)}/events/d-1`,
    () => ({}),
    () => ({ status: 200 }),
  ),
}

test.each(Object.keys(places))('guesses of %s get a 429 after 20 a minute, from that address alone', async (place) => {
  const ask = places[place]!
  const statuses: number[] = []
  for (let guess = 0; guess < 30; guess++) statuses.push((await ask(guess)).status)
  expect(statuses.slice(0, LIMIT)).not.toContain(429)
  expect(statuses.slice(LIMIT)).toEqual(Array(10).fill(429))
  const reply = await ask(99)
  expect(reply.body).toMatchObject({ code: 'TooManyRefusedKeys' })
  expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await ask(100, '203.0.113.5')).status).not.toBe(429)
  world.clock.advance(61_000)
  expect((await ask(101)).status).not.toBe(429)
})

test('all kinds of secrets share one limit', async () => {
  const asks = Object.values(places)
  for (let guess = 0; guess < LIMIT; guess++) expect((await asks[guess % asks.length]!(guess)).status).not.toBe(429)
  for (const [place, ask] of Object.entries(places)) expect((await ask(1_000)).status, place).toBe(429)
})

test('a secret that is repeated counts once, and an accepted one passes after any number of guesses from its address', async () => {
  const scrape = (token: string) => world.http('/metrics', { headers: bearer(token) }, GUESSER)
  expect((await scrape(METRICS_TOKEN)).status).toBe(200)
  for (let i = 0; i < 50; i++) expect((await scrape('mistyped')).status).toBe(401)
  for (let guess = 1; guess < LIMIT + 10; guess++) await scrape(`guess-${guess}`)
  expect((await scrape('another-guess')).status).toBe(429)
  expect((await scrape(METRICS_TOKEN)).status).toBe(200)
})

test('a webhook and a Location that are right pass after any number of guesses from their address', async () => {
  const made = await world.http('/subscriptions/TrigNewDealV2', {
    method: 'POST',
    headers: { 'x-api-key': ALICE, 'content-type': 'application/json' },
    body: JSON.stringify({ pull: true }),
  })
  expect(made.status, made.text).toBe(201)
  for (let guess = 0; guess < LIMIT + 1; guess++) await places['the address of a webhook']!(guess, '203.0.113.7')
  await world.pipedrive('POST', '/api/v2/deals', { title: 'A deal' })
  await world.sandbox.clock.settle()
  const hook = world.hooks[0]!
  expect((await world.http(hook.url, { method: 'POST', headers: hook.headers, body: hook.body }, '203.0.113.7')).status).toBe(200)
  expect((await world.http(`${made.headers.get('location')}/events`, {}, '203.0.113.7')).status).toBe(200)
})

test('the admin token does not open /metrics: collectors store their token in plain text', async () => {
  const reply = await world.http('/metrics', { headers: bearer(ADMIN) })
  expect(reply).toMatchObject({ status: 401, body: { code: 'MetricsTokenRefused' } })
  expect((await world.http('/api/me', { headers: bearer(ADMIN) })).status).toBe(200)
})

test.each(['the metrics token', 'the admin token'])('300 parallel guesses of %s are compared 20 times', async (place) => {
  const statuses = (await Promise.all(Array.from({ length: 300 }, (_, guess) => places[place]!(guess)))).map(({ status }) => status)
  expect(statuses.filter((status) => status === 401)).toHaveLength(LIMIT)
  expect(statuses.filter((status) => status === 429)).toHaveLength(300 - LIMIT)
})

const fields: Row = {
  merge_with_id: 2,
  name: 'x',
  term: 'xy',
  value: 'x',
  title: 'x',
  subject: 'x',
  stage_id: 1,
  pipeline_id: '1',
  status: 'won',
  type: 'call',
}
/** Of the operations that tables yield, those of one table: the others differ in their fields alone. */
const tried = catalog.filter((operation) => operation.kind !== 'action' || (operation.derivedFrom?.object ?? 'person') === 'person')
const operations = tried.map(({ id, method, path, input }) => {
  const given = Object.fromEntries(Object.entries(fields).filter(([field]) => field in input.shape))
  const { term, value } = path.startsWith('/v2/') ? given : {}
  if (!path.startsWith('/v2/')) delete given['value']
  const query = new URLSearchParams({ ...(term !== undefined && { term }), ...(value !== undefined && { value }) } as Record<
    string,
    string
  >)
  const at = path.replaceAll(/\{\w+\}/g, '1')
  return [id, method, method === 'GET' ? `${at}?${query}` : at, BODY_METHODS.has(method) ? given : undefined] as const
})
test.each(operations)(
  '300 parallel guesses of Pipedrive keys at %s reach Pipedrive with 20 keys, once each',
  async (_id, method, path, body) => {
    const ask = request(method, same(path), (guess) => ({ 'x-api-key': hex(guess) }), body && (() => body))
    const replies = await Promise.all(Array.from({ length: 300 }, (_, guess) => ask(guess)))
    expect(world.takeRequests().length).toBeLessThanOrEqual(LIMIT)
    expect(replies.filter(({ status }) => status === 429)).toHaveLength(300 - LIMIT)
  },
)

test('an owner who sends guesses as the key of a connection reaches Pipedrive 20 times a minute', async () => {
  const add = (apiKey: string) =>
    world.http('/api/connections', {
      method: 'POST',
      headers: { ...bearer(ADMIN), 'content-type': 'application/json' },
      body: JSON.stringify({ name: `connection of ${apiKey}`, apiKey }),
    })
  const statuses = (await Promise.all(Array.from({ length: 100 }, (_, guess) => add(hex(guess))))).map(({ status }) => status)
  expect(world.takeRequests().length).toBeLessThanOrEqual(LIMIT)
  expect(statuses.filter((status) => status === 429)).toHaveLength(100 - LIMIT)
})

test('calls of valid keys beside parallel guesses from their address wait for no more than those', async () => {
  const read = (key: string) => world.http('/v1/pipelines', { headers: { 'x-api-key': key } }, GUESSER)
  expect((await read(ALICE)).status).toBe(200)
  const guesses = Array.from({ length: 100 }, (_, guess) => places['a Pipedrive key']!(guess))
  expect((await Promise.all([read(ALICE), read(ALICE)])).map(({ status }) => status)).toEqual([200, 200])
  await Promise.all(guesses)
  // A key that this process has not seen yet has to wait for the end of the minute.
  expect((await read(BOB)).status).toBe(429)
})
