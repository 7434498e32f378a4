import type { KyselyPlugin } from 'kysely'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { createApp } from '../src/app.ts'
import { silentLogger } from '../src/kit/logger.ts'
import { StoreUnavailable } from '../src/store/errors/store-unavailable.ts'
import type { Store } from '../src/store/store.ts'
import { ALICE, testConfig } from './contract/world.ts'
import { key, POST, replayed, run, store, world } from './safe-writes-world.ts'

describe('a change', () => {
  const PATCH = { method: 'PATCH', path: '/api/v2/deals/1', times: 1 } as const
  const win = (headers = {}) => world.call('PUT', '/update_status_deal/v1/deals/1', { status: 'won' }, headers)
  beforeEach(() => world.pipedrive('PATCH', '/api/v2/deals/1', { status: 'open' }))

  test('that was lost after the commit is not sent again', async () => {
    world.fault({ kind: 'reset', when: 'after', ...PATCH })
    expect((await win()).body['status']).toBe('won')
    expect(world.writes()).toBe(1)
  })

  test('that was lost before the commit is sent again', async () => {
    world.fault({ kind: 'reset', ...PATCH })
    expect((await win()).body['status']).toBe('won')
    expect(world.writes()).toBe(2)
  })

  test('is replayed, and does not undo a later change', async () => {
    await win(key('a'))
    await world.pipedrive('PATCH', '/api/v2/deals/1', { status: 'open' })
    const again = await win(key('a'))
    expect([again.body['status'], replayed(again)]).toEqual(['won', 'true'])
    expect((await world.pipedrive('GET', '/api/v2/deals/1'))['status']).toBe('open')
  })

  test.each([
    ['before', 2],
    ['after', 1],
  ] as const)('to "deleted" that was lost %s the commit ends deleted', async (when, writes) => {
    world.fault({ kind: 'reset', when, method: 'DELETE', path: '/api/v2/deals/1', times: 1 })
    const reply = await world.call('PUT', '/update_status_deal/v1/deals/1', { status: 'deleted' }, key('a'))
    expect([reply.status, reply.body['status'], world.writes()]).toEqual([200, 'deleted', writes])
  })
})

describe('a new deal that is deleted at once', () => {
  const add = (headers = {}) => world.addDeal({ title: 'Gone', status: 'deleted' }, headers)

  test.each([
    ['POST', 'before', 3],
    ['POST', 'after', 2],
    ['DELETE', 'before', 3],
    ['DELETE', 'after', 2],
  ] as const)('whose %s was lost %s the commit leaves nothing', async (method, when, writes) => {
    world.fault({ kind: 'reset', when, method, times: 1 })
    expect((await add(key('a'))).body['status']).toBe('deleted')
    expect(world.writes()).toBe(writes)
    expect(await world.deals('Gone')).toEqual([])
    expect(replayed(await add(key('a')))).toBe('true')
  })

  test('and cannot be deleted is the same 409 for every repeat', async () => {
    world.fault({ kind: 'status', status: 403, method: 'DELETE' })
    const first = await add(key('a'))
    const again = await add(key('a'))
    expect([first.body['code'], again.body['code'], replayed(again)]).toEqual(['DealNotDeleted', 'DealNotDeleted', 'true'])
    expect(again.body['details']).toEqual(first.body['details'])
    expect(await world.deals('Gone')).toHaveLength(1)
  })
})

describe('a caller that runs out of time', () => {
  /** The connection stands still for as long as a write may take. */
  const slow = (lost: number) => {
    world.intercept(async (request, pass) => {
      if (request.method !== 'POST' || lost-- <= 0) return pass()
      world.clock.advance(22_000)
      throw new Error('no answer in time')
    })
  }

  test('receives a 409 with Retry-After; the decision continues, and the repeat receives its result', async () => {
    await world.addDeal({ title: 'Warm' })
    slow(2)
    const reply = await world.addDeal({ title: 'Slow' }, key('a'))
    expect([reply.body['code'], reply.headers.get('retry-after')]).toEqual(['WriteUndecided', '15'])
    const again = await world.addDeal({ title: 'Slow' }, key('a'))
    expect(again.body['code']).toBe('OutcomeUnknown')
    expect(world.writes()).toBe(3)
  })

  test('waits twice as long if a host named the run: within 100 s even a repeat is decided', async () => {
    await world.addDeal({ title: 'Warm' })
    slow(2)
    expect((await world.addDeal({ title: 'Slow' }, run('a'))).body['code']).toBe('OutcomeUnknown')
    slow(2)
    const patient = await world.open({ settleSeconds: 60 })
    expect((await world.addDeal({ title: 'Slower' }, run('b'), patient)).body['code']).toBe('WriteUndecided')
    await patient.close()
  })

  test('waits for the outcome if the call has no idempotency key', async () => {
    await world.addDeal({ title: 'Warm' })
    slow(1)
    expect((await world.addDeal({ title: 'Slow' })).status).toBe(200)
    expect(await world.deals('Slow')).toHaveLength(1)
  })
})

describe('a process that is killed', () => {
  /** The request reaches Pipedrive or not, and the process never hears of it. */
  const die = (when: 'before' | 'after') =>
    new Promise<void>((dead) => {
      world.intercept(async (request, pass) => {
        if (request.method !== 'POST') return pass()
        world.intercept()
        if (when === 'after') await pass()
        dead()
        return new Promise<Response>(() => undefined)
      })
      void world.addDeal({ title: 'Orphan' }, key('a'))
    })

  test.each([
    ['before', 2],
    ['after', 1],
  ] as const)('%s the commit leaves an intent that the next process ends with one record', async (when, writes) => {
    await world.addDeal({ title: 'Warm' })
    world.writes()
    await die(when)
    const next = await world.open()
    const reply = await world.addDeal({ title: 'Orphan' }, key('a'), next)
    expect([reply.status, replayed(reply), world.writes()]).toEqual([200, 'true', writes])
    expect((await world.deals('Orphan')).map((deal) => deal['id'])).toEqual([reply.body['id']])
  })

  test('with a lease longer than a caller waits is a 409 with Retry-After', async () => {
    await die('after')
    await store.db
      .updateTable('intents')
      .set({ lease_until: new Date(world.clock.now() + 3_600_000) })
      .execute()
    const other: Store = { ...store, isShared: true }
    const reply = await world.addDeal({ title: 'Orphan' }, key('a'), await world.open({}, other))
    expect([reply.body['code'], reply.headers.get('retry-after')]).toEqual(['WriteRunning', '5'])
  })

  test('while another continues is waited for until its lease expires', async () => {
    await world.addDeal({ title: 'Warm' })
    world.writes()
    const other = await world.open()
    await die('after')
    const reply = await world.addDeal({ title: 'Orphan' }, key('a'), other)
    expect([reply.status, world.writes(), (await world.deals('Orphan')).length]).toEqual([200, 1, 1])
  })
})

describe('a store that does not answer', () => {
  /** The same store, through which nothing about intents passes from the n-th look or note on. */
  const failing = (from: number): Store => {
    let passed = 0
    const count = () => {
      if (++passed >= from) throw new StoreUnavailable(new Error('gone'))
    }
    const check = (node: object) => {
      if (JSON.stringify(node).includes('intents')) count()
    }
    const { idempotency: intents } = store.engine
    const counted: Store['engine']['idempotency'] = {
      begin: async (_, items) => (count(), intents.begin(store.db, items)),
      move: async (_, moves) => (count(), intents.move(store.db, moves)),
    }
    const plugin: KyselyPlugin = {
      transformQuery: ({ node }) => (check(node), node),
      transformResult: ({ result }) => Promise.resolve(result),
    }
    return { ...store, isShared: true, engine: { ...store.engine, idempotency: counted }, db: store.db.withPlugin(plugin) }
  }

  test('before anything was sent is a 503 for a call with an idempotency key', async () => {
    for (const from of [1, 2]) {
      const reply = await world.addDeal({ title: 'Once' }, key('a'), await world.open({}, failing(from)))
      expect([reply.status, reply.body['code'], world.writes()]).toEqual([503, 'StoreUnavailable', 0])
    }
  })

  test('handles a call without an idempotency key as without a store', async () => {
    const reply = await world.addDeal({ title: 'Once' }, {}, await world.open({}, failing(1)))
    expect(reply.status).toBe(200)
    world.fault({ kind: 'reset', ...POST })
    const lost = await world.addDeal({ title: 'Once' }, {}, await world.open({}, failing(1)))
    expect(lost.body['code']).toBe('OutcomeUnknown')
  })

  test('after the write does not prevent the response, and the repeat finds the record', async () => {
    await world.addDeal({ title: 'Warm' })
    world.writes()
    const reply = await world.addDeal({ title: 'Once' }, key('a'), await world.open({}, failing(3)))
    expect(reply.status).toBe(200)
    const again = await world.addDeal({ title: 'Once' }, key('a'))
    expect([again.body['id'], world.writes()]).toEqual([reply.body['id'], 1])
  })

  test('during a read-back is a 409, and the repeat continues it', async () => {
    await world.addDeal({ title: 'Warm' })
    world.writes()
    world.fault({ kind: 'reset', ...POST, when: 'after' })
    const reply = await world.addDeal({ title: 'Once' }, key('a'), await world.open({}, failing(3)))
    expect(reply.body['code']).toBe('OutcomeUnknown')
    const again = await world.addDeal({ title: 'Once' }, key('a'))
    expect([again.status, world.writes(), (await world.deals('Once')).length]).toEqual([200, 1, 1])
  })
})

describe('a process that shuts down', () => {
  test('leaves an undecided write to the repeat', async () => {
    await world.addDeal({ title: 'Warm' })
    world.writes()
    const ending = await world.open()
    world.intercept(async (request, pass) => {
      if (request.method !== 'POST') return pass()
      world.intercept()
      await pass()
      ending.drain()
      throw new Error('connection lost')
    })
    const reply = await world.addDeal({ title: 'Left' }, key('a'), ending)
    expect([reply.status, reply.body['code']]).toEqual([409, 'WriteUndecided'])
    await ending.close()
    const again = await world.addDeal({ title: 'Left' }, key('a'))
    expect([again.status, world.writes(), (await world.deals('Left')).length]).toEqual([200, 1, 1])
  })

  test('does not wait for a silent Pipedrive, and answers its callers before it exits', async () => {
    let asked = () => {}
    const isAsked = new Promise<void>((resolve) => (asked = resolve))
    const silent = createServer(() => asked())
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const upstream = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
    const app = await createApp({ ...testConfig, upstream }, { logger: silentLogger })
    const headers = { 'x-api-key': ALICE, 'content-type': 'application/json' }
    const body = JSON.stringify({ title: 'Silent' })
    const answer = app.fetch(new Request('http://dealbridge.test/v1/deals', { method: 'POST', headers, body }))
    await isAsked
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      app.drain()
      vi.advanceTimersByTime(9_000)
    } finally {
      vi.useRealTimers()
    }
    expect(await (await answer).json()).toMatchObject({ statusCode: 409, code: 'OutcomeUnknown' })
    await app.close()
    silent.close()
  })
})

test('a warm create is one call of 5 tokens', async () => {
  await world.addDeal({ title: 'Cold' }, key('a'))
  const warm = await world.addDeal({ title: 'Warm' }, key('b'))
  expect([warm.headers.get('x-dealbridge-upstream-calls'), warm.headers.get('x-dealbridge-token-cost')]).toEqual(['1', '5'])
})
