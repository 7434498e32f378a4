import { beforeEach, describe, expect, test } from 'vitest'
import { intents, key, replayed, store, world } from './safe-writes-world.ts'

describe('a change without an answer', () => {
  const win = (headers = {}) => world.call('PUT', '/update_status_deal/v1/deals/1', { status: 'won' }, headers)
  const statusNow = async () => (await world.pipedrive('GET', '/api/v2/deals/1'))['status']
  beforeEach(() => world.pipedrive('PATCH', '/api/v2/deals/1', { status: 'open' }))
  /** The first PATCH is lost, and another user changes the deal during the search for it. */
  const lost = (commit: 'committed' | 'not committed', theirs: object) =>
    world.intercept(async (request, pass) => {
      if (request.method !== 'PATCH') return pass()
      world.intercept()
      world.clock.advance(1_000)
      if (commit === 'committed') await pass()
      world.clock.advance(1_000)
      await world.pipedrive('PATCH', '/api/v2/deals/1', { ...theirs })
      throw new Error('connection lost')
    })

  test.each(['committed', 'not committed'] as const)('that was %s does not overwrite the newer change of another user', async (commit) => {
    lost(commit, { status: 'lost' })
    const reply = await win(key('a'))
    expect([reply.body['code'], reply.body['details'] ?? [], world.writes()]).toEqual(['OutcomeUnknown', [], 1])
    expect(await statusNow()).toBe('lost')
    expect((await win(key('a'))).body['code']).toBe('OutcomeUnknown')
    expect(await statusNow()).toBe('lost')
  })

  test('counts as executed although another user changed another value', async () => {
    lost('committed', { title: 'Theirs' })
    const reply = await win(key('a'))
    expect([reply.status, reply.body['status'], reply.body['title'], world.writes()]).toEqual([200, 'won', 'Theirs', 1])
  })
})

describe('the result of the process that took over a run', () => {
  test('is returned, not the error of the process that lost the lease', async () => {
    const other = await world.open()
    let second: Promise<unknown> | undefined
    world.intercept(async (request, pass) => {
      if (request.method !== 'DELETE' || second) return pass()
      // As long as a process that was stopped for a minute.
      world.clock.advance(60_000)
      await (second = world.addDeal({ title: 'Gone', status: 'deleted' }, key('a'), other))
      return Response.json({ success: false, error: 'forbidden' }, { status: 403 })
    })
    const reply = await world.addDeal({ title: 'Gone', status: 'deleted' }, key('a'))
    expect([reply.status, replayed(reply), reply.body]).toEqual([200, 'true', ((await second) as typeof reply).body])
  })

  test('is stored as long as a new one, so that no second run starts', async () => {
    const ending = await world.open()
    world.intercept(async (request, pass) => {
      if (request.method !== 'POST') return pass()
      world.intercept()
      await pass()
      ending.drain()
      throw new Error('connection lost')
    })
    expect((await world.addDeal({ title: 'Late' }, key('a'), ending)).body['code']).toBe('WriteUndecided')
    world.clock.advance(23 * 3_600_000)
    expect((await world.addDeal({ title: 'Late' }, key('a'))).status).toBe(200)
    world.clock.advance(2 * 3_600_000)
    expect(replayed(await world.addDeal({ title: 'Late' }, key('a')))).toBe('true')
    expect(await world.deals('Late')).toHaveLength(1)
  })
})

describe('a call without an idempotency key', () => {
  test('stores no response', async () => {
    await world.addDeal({ title: 'Private' })
    expect(await intents()).toMatchObject([{ state: 'done', answer: null }])
    await world.addDeal({ title: 'Kept' }, key('a'))
    expect((await store.db.selectFrom('intents').select('answer').where('answer', 'is not', null).execute()).length).toBe(1)
  })

  test.each([
    ['--settle-seconds 60', 60, []],
    ['a Pipedrive that cannot be read', 10, [{ kind: 'status', status: 500, method: 'GET', path: '/api/v2/deals' }]],
  ] as const)('is answered within the 120 s of a host with %s, and nothing is sent after that', async (_, settleSeconds, faults) => {
    await world.addDeal({ title: 'Warm' })
    world.writes()
    const app = await world.open({ settleSeconds })
    for (const rule of faults) world.fault({ ...rule })
    world.intercept(async (request, pass) => {
      if (request.method !== 'POST') return pass()
      world.clock.advance(24_000)
      throw new Error('no answer in time')
    })
    const startedAt = world.clock.now()
    const reply = await world.addDeal({ title: 'Slow' }, {}, app)
    expect(reply.body['code']).toBe('OutcomeUnknown')
    expect(world.clock.now() - startedAt).toBeLessThan(120_000)
    expect(world.writes()).toBe(1)
  })
})

describe('a clock that jumps', () => {
  const HOUR_MS = 3_600_000
  test('forward does not end the settle time', async () => {
    await world.addDeal({ title: 'Warm' })
    world.asked()
    let [lost, jumped] = [false, false]
    world.intercept(async (request, pass) => {
      if (request.method === 'POST' && !lost) {
        lost = true
        throw new Error('connection lost')
      }
      if (lost && !jumped) {
        jumped = true
        world.clock.advance(HOUR_MS)
      }
      return pass()
    })
    // Its caller's time is over by that clock; the decision goes on.
    expect((await world.addDeal({ title: 'Ahead' }, key('a'))).body['code']).toBe('WriteUndecided')
    expect((await world.addDeal({ title: 'Ahead' }, key('a'))).status).toBe(200)
    const [post, get] = ['POST /api/v2/deals', 'GET /api/v2/deals']
    expect(world.asked()).toEqual([post, get, get, get, post])
  })

  test('back does not prolong a wait by the jump', async () => {
    await world.addDeal({ title: 'Warm' })
    let lost = false
    let sleptFrom = 0
    world.intercept(async (request, pass) => {
      if (request.method === 'POST' && !lost) {
        lost = true
        throw new Error('connection lost')
      }
      if (lost && sleptFrom === 0) {
        world.clock.advance(-HOUR_MS)
        sleptFrom = world.clock.now()
      }
      return pass()
    })
    expect((await world.addDeal({ title: 'Back' }, key('a'))).status).toBe(200)
    expect(world.clock.now() - sleptFrom).toBeLessThan(60_000)
  })
})
