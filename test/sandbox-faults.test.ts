import { afterEach, describe, expect, test } from 'vitest'
import { manualClock } from '../src/kit/clock.ts'
import type { DealbridgeError } from '../src/kit/errors/dealbridge-error.ts'
import { silentLogger } from '../src/kit/logger.ts'
import { Secret } from '../src/kit/secret.ts'
import { createPipedriveClient, type OpenOptions } from '../src/pipedrive/client.ts'
import { createFetchTransport } from '../src/pipedrive/fetch-transport.ts'
import { createLedger } from '../src/pipedrive/ledger.ts'
import { createUndiciTransport } from '../src/pipedrive/undici-transport.ts'
import { type Behaviour, createSandbox, type FaultRule, serveSandbox } from '../sandbox/src/index.ts'
import { createWorld, type WireError } from './contract/world.ts'

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

const WRITES = { method: 'POST', path: '/api/v2/deals' } as const

/** A client before a sandbox with faults, in this process or over sockets, on one manual clock. */
async function before(how: 'in process' | 'over sockets', behaviour: Partial<Behaviour> = {}) {
  const clock = manualClock()
  const sandbox = createSandbox({ clock, behaviour })
  let transport = createFetchTransport(sandbox.fetch)
  let upstream = 'https://pipedrive.test'
  if (how === 'over sockets') {
    const served = await serveSandbox({ sandbox, port: 0 })
    const sockets = createUndiciTransport()
    cleanUp.push(() => served.close(), sockets.close)
    ;({ transport } = sockets)
    upstream = served.url
  }
  const client = createPipedriveClient({ transport, upstream, clock, logger: silentLogger })
  const open = (options: Partial<OpenOptions> = {}) =>
    client.open(new Secret('sandbox-alice'), { ledger: createLedger(), ...options }).pipedrive
  const create = (options?: Partial<OpenOptions>) => open(options).deals.create({ title: 'Once' })
  const errorOf = async (attempt: Promise<unknown>) => {
    const caught = await attempt.then(
      () => expect.unreachable(),
      (error: unknown) => error,
    )
    return caught as DealbridgeError
  }
  /** How many deals came into being, and how many requests asked for one. */
  const made = async () => {
    const asked = sandbox.requests().filter(({ method }) => method === 'POST').length
    sandbox.faults.clear()
    const headers = { 'x-api-token': 'sandbox-alice' }
    const list = await sandbox.fetch(new Request('https://pipedrive.test/api/v2/deals?sort_direction=desc', { headers }))
    const { data } = (await list.json()) as { data: { title: string }[] }
    return { asked, deals: data.filter(({ title }) => title === 'Once').length }
  }
  return { sandbox, clock, open, create, errorOf, made, fault: (rule: FaultRule) => sandbox.faults.add(rule) }
}

describe.each(['in process', 'over sockets'] as const)('the client, %s', (how) => {
  test.each([
    ['a connection that is reset before the commit', { kind: 'reset' }, 0],
    ['a connection that is reset after the commit', { kind: 'reset', when: 'after' }, 1],
    ['a truncated answer', { kind: 'truncated' }, 1],
    ['an answer of which only the head arrives', { kind: 'truncated', bytes: 0 }, 1],
    ['malformed JSON', { kind: 'malformed' }, 1],
    ['a 500 with JSON', { kind: 'status', status: 500 }, 0],
    ['a 502 with a page', { kind: 'status', status: 502, body: 'html' }, 0],
    ['a 503 without a body', { kind: 'status', status: 503, body: 'empty' }, 0],
    ['a 504 after the commit', { kind: 'status', status: 504, body: 'html', when: 'after' }, 1],
  ] as const satisfies [string, FaultRule, number][])(
    '%s leaves a create in doubt: it is sent once and never again',
    async (_, rule, deals) => {
      const { fault, create, errorOf, made } = await before(how)
      fault({ ...rule, ...WRITES })
      expect(await errorOf(create())).toMatchObject({ status: 409, code: 'OutcomeUnknown' })
      expect(await made()).toEqual({ asked: 1, deals })
    },
  )

  test.each([
    ['reset', { kind: 'reset' }],
    ['truncated', { kind: 'truncated' }],
    ['a 500', { kind: 'status', status: 500 }],
    ['a 502 with a page', { kind: 'status', status: 502, body: 'html' }],
    ['a 503 without a body', { kind: 'status', status: 503, body: 'empty' }],
    ['a 429', { kind: 'rate-limit' }],
  ] as const satisfies [string, FaultRule][])('a read is repeated after: %s', async (_, rule) => {
    const { fault, open, sandbox } = await before(how)
    fault({ ...rule, method: 'GET', times: 2 })
    expect((await open().deals.get(1)).id).toBe(1)
    expect(sandbox.requests().map(({ fault: name }) => name)).toEqual([rule.kind, rule.kind, undefined])
  })

  test('a read that fails again and again is a 503 after four attempts', async () => {
    const { fault, open, errorOf, sandbox } = await before(how)
    fault({ kind: 'reset' })
    expect((await errorOf(open().deals.get(1))).status).toBe(503)
    expect(sandbox.requests()).toHaveLength(4)
  })

  test('a 429 was not worked on: the create is repeated, and happens once', async () => {
    const { fault, create, made } = await before(how)
    fault({ kind: 'rate-limit', times: 2, ...WRITES })
    expect((await create()).title).toBe('Once')
    expect(await made()).toEqual({ asked: 3, deals: 1 })
  })

  test('a 429 with chosen headers says how long to wait', async () => {
    const { fault, open, clock } = await before(how)
    const start = clock.now()
    fault({ kind: 'rate-limit', headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '7' }, times: 1 })
    await open().deals.get(1)
    expect(clock.now() - start).toBeGreaterThanOrEqual(7_000)
  })

  test('a 429 that stays is a BurstExhausted; one that says that the day is spent a BudgetExhausted at once', async () => {
    const { fault, create, errorOf, made, sandbox } = await before(how)
    const day = { 'x-daily-ratelimit-token-limit': '60000', 'x-daily-ratelimit-token-remaining': '0' }
    fault({ kind: 'rate-limit', headers: day })
    expect(await errorOf(create())).toMatchObject({ status: 429, code: 'BudgetExhausted' })
    expect(sandbox.requests()).toHaveLength(1)
    sandbox.faults.clear()
    fault({ kind: 'rate-limit' })
    expect(await errorOf(create())).toMatchObject({ status: 429, code: 'BurstExhausted' })
    expect((await made()).deals).toBe(0)
  })

  test('an answer that comes after the caller gave up: the create is in doubt, and done', async () => {
    const { fault, create, errorOf, made, clock } = await before(how)
    fault({ kind: 'silent', ...WRITES })
    // The shortest time that a write is sent with is 3 s of real time.
    expect(await errorOf(create({ deadlineAt: clock.now() + 3_050 }))).toMatchObject({ status: 409, code: 'OutcomeUnknown' })
    expect(await made()).toEqual({ asked: 1, deals: 1 })
  })

  test('an answer that is late, but in time, is an answer', async () => {
    const { fault, create, made } = await before(how)
    fault({ kind: 'latency', delay: '4s' })
    expect((await create()).title).toBe('Once')
    expect(await made()).toEqual({ asked: 1, deals: 1 })
  })

  test('a record that is committed late has its id at once and is found later', async () => {
    const { fault, create, open, errorOf, clock } = await before(how)
    fault({ kind: 'late-commit', seconds: 60, ...WRITES })
    const { id } = await create()
    expect(await errorOf(open().deals.get(id))).toMatchObject({ status: 404 })
    clock.advance(60_000)
    expect((await open().deals.get(id)).title).toBe('Once')
  })

  test('when the day is spent, everything waits for midnight', async () => {
    const { sandbox, open, errorOf } = await before(how, { limits: 'on' })
    sandbox.leaveTokens(0)
    expect(await errorOf(open().deals.get(1))).toMatchObject({ code: 'BudgetExhausted' })
    await sandbox.clock.set('2026-11-23T00:00:01Z')
    expect((await open().deals.get(1)).id).toBe(1)
  })

  test('another program spends the burst with the same key: the client waits, and the firewall never answers', async () => {
    const { sandbox, open, clock } = await before(how, { limits: 'on', firewallAfter: 5 })
    const headers = { 'x-api-token': 'sandbox-alice' }
    for (let round = 0; round < 10; round++) {
      for (let call = 0; call < 40; call++) await sandbox.fetch(new Request('https://pipedrive.test/api/v2/deals/1', { headers }))
      expect((await open({ deadlineAt: clock.now() + 60_000 }).deals.get(1)).id).toBe(1)
      clock.advance(20_000)
    }
    expect(sandbox.requests().filter(({ status }) => status === 403)).toEqual([])
  })
})

test('a refused connection took nothing: the create is repeated, and happens once', async () => {
  const { fault, create, made } = await before('in process')
  fault({ kind: 'refused', times: 2, ...WRITES })
  expect((await create()).title).toBe('Once')
  expect(await made()).toEqual({ asked: 3, deals: 1 })
})

describe('the connector', () => {
  test('a connection that breaks after the commit is a 409 OutcomeUnknown that says how to check, and there is one deal', async () => {
    const world = await createWorld()
    world.sandbox.faults.add({ kind: 'reset', when: 'after', ...WRITES, times: 1 })
    const { status, body } = await world.call<WireError>('AddDeal', { title: 'Once' })
    expect([status, body.code]).toEqual([409, 'OutcomeUnknown'])
    expect(body.message).toContain('a new deal "Once"')
    expect(world.takeWrites()).toHaveLength(1)
    const deals = (await world.pipedrive('GET', '/api/v2/deals?sort_direction=desc&limit=5')) as unknown as { title: string }[]
    expect(deals.filter(({ title }) => title === 'Once')).toHaveLength(1)
  })

  test("Pipedrive's outage is a 409 for a create and, after repeats, a 503 for a read", async () => {
    const world = await createWorld()
    world.sandbox.faults.add({ kind: 'status', status: 500 })
    expect((await world.call<WireError>('AddDeal', { title: 'Once' })).body.code).toBe('OutcomeUnknown')
    expect(world.takeWrites()).toHaveLength(1)
    const read = await world.call<WireError>('GetDeal', { dealId: 1 })
    expect([read.status, read.body.source]).toEqual([503, 'pipedrive'])
  })

  test('a day on a bad line: no deal is ever made twice, and no answer says what is not so', async () => {
    const world = await createWorld()
    const { faults } = world.sandbox
    faults.add({ kind: 'reset', when: 'before', probability: 0.1, seed: 1 })
    faults.add({ kind: 'reset', when: 'after', probability: 0.1, seed: 2 })
    faults.add({ kind: 'truncated', probability: 0.1, seed: 3 })
    faults.add({ kind: 'status', status: 502, body: 'html', probability: 0.1, seed: 4 })
    faults.add({ kind: 'rate-limit', probability: 0.1, seed: 5 })
    faults.add({ kind: 'refused', probability: 0.1, seed: 6 })
    const told = new Map<string, number>()
    for (let run = 0; run < 100; run++) {
      const title = `Run ${run}`
      told.set(title, (await world.call('AddDeal', { title })).status)
      world.clock.advance(10_000)
    }
    faults.clear()
    const deals = (await world.pipedrive('GET', '/api/v2/deals?sort_direction=desc&limit=200')) as unknown as { title: string }[]
    const made = (title: string) => deals.filter((deal) => deal.title === title).length
    for (const [title, status] of told) {
      if (status === 409) expect([0, 1], title).toContain(made(title))
      else expect([status, made(title)], title).toEqual([status, status === 200 ? 1 : 0])
    }
    expect(new Set(told.values())).toEqual(new Set([200, 409]))
  })
})
