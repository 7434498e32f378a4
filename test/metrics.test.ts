import { afterAll, beforeAll, expect, test } from 'vitest'
import { silentLogger } from '../src/kit/logger.ts'
import { Secret } from '../src/kit/secret.ts'
import { openStore } from '../src/store/open-store.ts'
import type { Store } from '../src/store/store.ts'
import { ALICE, CAROL, createWorld, type Reply, type World, type WorldOptions } from './contract/world.ts'

const TOKEN = 'the-metrics-token-of-this-test'
/** Not the address of a test's guesses, which is throttled. */
const COLLECTOR = '198.51.100.9'
const ADMIN = 'the-admin-token-of-this-test'
/** Companies of the sandbox. */
const BRIGHTWATER = 13204417
const KRANICH = 14590832

let store: Store
beforeAll(async () => void (store = await openStore({ place: { kind: 'memory' }, logger: silentLogger })))
afterAll(() => store.close())

const openWorld = (options: WorldOptions = {}) =>
  createWorld({ ...options, config: { metricsToken: new Secret(TOKEN), ...options.config } })

/** The numbers of our own metrics, by name with labels; buckets aside. */
async function numbers(world: World): Promise<Record<string, number>> {
  const { status, text } = await world.http('/metrics', { headers: { authorization: `Bearer ${TOKEN}` } }, COLLECTOR)
  expect(status).toBe(200)
  const lines = text.split('\n').filter((line) => line.startsWith('dealbridge_') && !line.includes('_bucket{'))
  return Object.fromEntries(lines.map((line) => [line.slice('dealbridge_'.length, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]))
}
const only = (all: Record<string, number>, name: string) =>
  Object.fromEntries(Object.entries(all).flatMap(([key, value]) => (key.startsWith(`${name}{`) ? [[key.slice(name.length), value]] : [])))
const sum = (of: Record<string, number>) => Object.values(of).reduce((total, one) => total + one, 0)

/** Adds up what the answers say of their price. */
function purse() {
  const paid = { calls: 0, tokens: 0 }
  const pay = <B>(reply: Reply<B>): Reply<B> => {
    paid.calls += Number(reply.headers.get('x-dealbridge-upstream-calls'))
    paid.tokens += Number(reply.headers.get('x-dealbridge-token-cost'))
    return reply
  }
  return { paid, pay }
}

test('requests are counted by operation and status, for any path or method that a caller makes up', async () => {
  const world = await openWorld()
  await world.call('GetDeal', { dealId: 1 })
  await world.call('GetDeal', { dealId: 2 })
  await world.call('GetDeal', { dealId: 'x' })
  await world.call('AddDealV2', { title: 'One' })
  await world.call('GetDeal', { dealId: 1 }, { key: 'nobody' })
  for (const path of ['/wp-admin', '/.env', '/v1/unknown/7']) await world.http(path)
  await world.http('/v1/deals/1', { method: 'PURGE' })
  const all = await numbers(world)
  expect(only(all, 'requests_total')).toEqual({
    '{operation="GetDeal",status="200"}': 2,
    '{operation="GetDeal",status="400"}': 1,
    '{operation="GetDeal",status="401"}': 1,
    '{operation="AddDealV2",status="200"}': 1,
    '{operation="none",status="404"}': 3,
    '{operation="none",status="405"}': 1,
  })
  expect(only(all, 'request_duration_seconds_count')).toEqual({
    '{operation="GetDeal"}': 4,
    '{operation="AddDealV2"}': 1,
    '{operation="none"}': 4,
  })
})

test('what answers say they cost is what the metrics add up to: in requests, and in tokens by company', async () => {
  const world = await openWorld()
  const { paid, pay } = purse()
  for (const key of [ALICE, CAROL]) {
    pay(await world.call('TrigNewDealV2', {}, { key }))
    for (const dealId of [1, 2, 3]) pay(await world.call('GetDeal', { dealId }, { key }))
    pay(await world.call('AddDealV2', { title: 'One' }, { key }))
    pay(await world.call('GetStage', { stageId: 999 }, { key }))
  }
  pay(await world.call('GetDeal', { dealId: 1 }, { key: 'nobody' }))
  const all = await numbers(world)
  expect(paid.calls).toBeGreaterThan(20)
  expect(sum(only(all, 'upstream_requests_total'))).toBe(paid.calls)
  expect(sum(only(all, 'upstream_request_duration_seconds_count'))).toBe(paid.calls)
  const spent = only(all, 'tokens_spent_total')
  expect(sum(spent)).toBe(paid.tokens)
  // users/me says whose key it is, for 2 tokens each.
  expect(Object.keys(spent).toSorted()).toEqual([`{company="${BRIGHTWATER}"}`, `{company="${KRANICH}"}`, '{company="unknown"}'])
  expect(spent['{company="unknown"}']).toBe(4)
  const left = only(all, 'tokens_left')
  const meters = world.sandbox.meters().map(({ company, budget, spent }) => [`{company="${company}"}`, budget - spent])
  expect(left).toEqual(Object.fromEntries(meters))
  expect(Object.keys(all).filter((name) => /api\/v[12]\/\w+\/\d/.test(name))).toEqual([])
})

test("what a named connection spends is its company's from the first call on", async () => {
  const world = await openWorld({ store, config: { adminToken: new Secret(ADMIN) } })
  const manage = async <B>(path: string, body: object) => {
    const headers = { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' }
    return (await world.http<B>(path, { method: 'POST', headers, body: JSON.stringify(body) })).body
  }
  const { id } = await manage<{ id: string }>('/api/connections', { name: 'Kranich', apiKey: CAROL })
  const { key } = await manage<{ key: string }>('/api/keys', { connectionId: id, name: 'flows' })
  await world.restart()
  const { headers } = await world.call('GetStage', { stageId: 1 }, { key })
  const tokens = Number(headers.get('x-dealbridge-token-cost'))
  expect(only(await numbers(world), 'tokens_spent_total')).toEqual({ [`{company="${KRANICH}"}`]: tokens })
})

test('repeats, and requests without an answer, are counted by what they met', async () => {
  const world = await openWorld()
  world.sandbox.faults.add({ kind: 'status', status: 503, times: 2, path: '/api/v2/deals/1' })
  expect((await world.call('GetDeal', { dealId: 1 })).status).toBe(200)
  world.sandbox.faults.add({ kind: 'reset', when: 'after', times: 1, path: '/api/v2/deals/2' })
  expect((await world.call('GetDeal', { dealId: 2 })).status).toBe(200)
  const all = await numbers(world)
  expect(only(all, 'retries_total')).toEqual({ '{why="503"}': 2, '{why="no-answer"}': 1 })
  expect(all['upstream_requests_total{method="GET",path="/api/v2/deals/{id}",status="503"}']).toBe(2)
  expect(all['upstream_requests_total{method="GET",path="/api/v2/deals/{id}",status="failed"}']).toBe(1)
  expect(all['upstream_requests_total{method="GET",path="/api/v2/deals/{id}",status="200"}']).toBe(2)
})

test('each of our own limits counts whom it turned away', async () => {
  const world = await openWorld({ config: { callsPerMinute: 3 } })
  for (let call = 0; call < 5; call++) await world.call('GetDeal', { dealId: 1 })
  const poll = async (url: string) => (await world.http(url, { headers: { 'x-api-key': CAROL } })).headers.get('location')!
  const second = await poll(await poll('/connector-v2/trigger/v1/deals'))
  await poll(second)
  for (let guess = 0; guess < 22; guess++) await world.call('GetDeal', { dealId: 1 }, { key: `guess-${guess}` })
  expect(only(await numbers(world), 'limits_hit_total')).toEqual({
    '{limit="calls"}': 2,
    '{limit="refused-keys"}': 2,
    '{limit="polls"}': 1,
  })
})

test('a firewall opens a circuit, and the first call that comes through closes it', async () => {
  const world = await openWorld()
  world.intercept(() => new Response('<html>Access denied</html>', { status: 403 }))
  expect((await world.call('GetDeal', { dealId: 1 })).status).toBe(503)
  world.intercept()
  expect(await numbers(world)).toMatchObject({ circuits_open: 1, circuits_opened_total: 1 })
  world.clock.advance(60_000)
  expect((await world.call('GetDeal', { dealId: 1 })).status).toBe(200)
  expect(await numbers(world)).toMatchObject({ circuits_open: 0, circuits_opened_total: 1 })
})

test('a write that is repeated by its host is one that ran and one that was replayed', async () => {
  const world = await openWorld({ store })
  const write = (title: string) => world.call('AddDealV2', { title }, { headers: { 'idempotency-key': 'one' } })
  expect([(await write('One')).status, (await write('One')).status, (await write('Other')).status]).toEqual([200, 200, 422])
  expect(only(await numbers(world), 'intents_total')).toEqual({ '{event="run"}': 1, '{event="replayed"}': 1, '{event="mismatch"}': 1 })
})

test('no label tells a key, a name, a mail address or a title', async () => {
  const world = await openWorld()
  await world.call('AddDealV2', { title: 'Secret merger' })
  await world.call('GetDeal', { dealId: 1 }, { key: 'mistyped-key' })
  await world.http('/v1/deals/1?api_token=somebody')
  const text = Object.keys(await numbers(world)).join('\n')
  for (const private_ of [ALICE, 'mistyped-key', 'somebody', 'Secret merger', '@', 'Alice']) expect(text).not.toContain(private_)
})
