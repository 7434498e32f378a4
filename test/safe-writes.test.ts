import { afterAll, describe, expect, test } from 'vitest'
import type { FaultRule } from '../sandbox/src/index.ts'
import { ALICE } from './contract/world.ts'
import { recordQueryPlans } from '../src/store/query-plans.fixture.ts'
import { intents, key, POST, replayed, run, world, type Row } from './safe-writes-world.ts'

const plans = recordQueryPlans()
afterAll(() => plans.stop())

describe('an Idempotency-Key', () => {
  test('returns the first response again, and sends nothing', async () => {
    const first = await world.addDeal({ title: 'Once', visible_to: 'Entire company' }, key('a'))
    expect([first.status, replayed(first)]).toEqual([200, null])
    world.asked()
    const second = await world.addDeal({ title: 'Once', visible_to: 'Entire company' }, key('a'))
    expect([second.status, replayed(second), second.body]).toEqual([200, 'true', first.body])
    expect(world.asked()).toEqual([])
    expect(await world.deals('Once')).toHaveLength(1)
  })

  test('returns the warnings again too', async () => {
    const first = await world.addDeal({ title: 'Once', lost_reason: 'x' }, key('a'))
    const second = await world.addDeal({ title: 'Once', lost_reason: 'x' }, key('a'))
    expect(second.headers.get('x-dealbridge-warning')).toBe(first.headers.get('x-dealbridge-warning'))
    expect(first.headers.get('x-dealbridge-warning')).toMatch(/lost_reason/)
  })

  test('with another body is a 422, and with another operation too', async () => {
    await world.addDeal({ title: 'Once' }, key('a'))
    expect((await world.addDeal({ title: 'Twice' }, key('a'))).body).toMatchObject({ code: 'IdempotencyKeyReused', statusCode: 422 })
    expect((await world.call('POST', '/connector-v2/v1/deals', { title: 'Once' }, key('a'))).status).toBe(422)
  })

  test('expires after a day', async () => {
    await world.addDeal({ title: 'Once' }, key('a'))
    world.clock.advance(24 * 3_600_000)
    const second = await world.addDeal({ title: 'Other' }, key('a'))
    expect([second.status, replayed(second)]).toEqual([200, null])
  })

  test('that is empty, too long or no text is a 400', async () => {
    for (const wrong of [' ', 'x'.repeat(256), 'two words'])
      expect((await world.addDeal({ title: 'Once' }, key(wrong))).body['code']).toBe('InvalidIdempotencyKey')
    expect(world.writes()).toBe(0)
  })

  test('belongs to one account', async () => {
    await world.addDeal({ title: 'Once' }, key('a'))
    const other = await world.addDeal({ title: 'Once' }, { ...key('a'), 'x-api-key': 'sandbox-bob' })
    expect([other.status, replayed(other)]).toEqual([200, null])
    expect(await world.deals('Once')).toHaveLength(2)
  })

  test('of a call that wrote nothing is not recorded: the repeat runs', async () => {
    world.fault({ kind: 'rate-limit', ...POST, times: 10, headers: { 'x-daily-ratelimit-token-remaining': '0' } })
    expect((await world.addDeal({ title: 'Once' }, key('a'))).status).toBe(429)
    expect(await intents()).toEqual([])
    world.sandbox.faults.clear()
    const second = await world.addDeal({ title: 'Once' }, key('a'))
    expect([second.status, replayed(second)]).toEqual([200, null])
  })

  test('of a call with invalid input, or one that Pipedrive refuses, is not recorded', async () => {
    expect((await world.addDeal({ title: '' }, key('a'))).status).toBe(400)
    expect((await world.addDeal({ title: 'Once', person_id: 999_999 }, key('a'))).status).toBe(400)
    expect(await intents()).toEqual([])
    expect((await world.addDeal({ title: 'Once' }, key('a'))).status).toBe(200)
  })

  test('of two calls at once is one write, and both get the answer', async () => {
    const both = await Promise.all([world.addDeal({ title: 'Once' }, key('a')), world.addDeal({ title: 'Once' }, key('a'))])
    expect(both.map((reply) => [reply.status, reply.body['id']])).toEqual([1, 2].map(() => [200, both[0].body['id']]))
    expect(new Set(both.map(replayed))).toEqual(new Set(['true', null]))
    expect(await world.deals('Once')).toHaveLength(1)
  })

  test('of two calls at once in two processes is one write too', async () => {
    const other = await world.open()
    const both = await Promise.all([world.addDeal({ title: 'Once' }, key('a')), world.addDeal({ title: 'Once' }, key('a'), other)])
    expect(both.map((reply) => [reply.status, reply.body['id']])).toEqual([1, 2].map(() => [200, both[0].body['id']]))
    expect(await world.deals('Once')).toHaveLength(1)
  })

  test('of a read is ignored', async () => {
    const reply = await world
      .open()
      .then((app) => app.fetch(new Request('http://dealbridge.test/v1/deals/1', { headers: { 'x-api-key': ALICE, ...key('two words') } })))
    expect(reply.status).toBe(200)
    expect(await intents()).toEqual([])
  })
})

describe('the id of a host', () => {
  test('returns the first response again for half an hour', async () => {
    const first = await world.addDeal({ title: 'Once' }, run('r1'))
    world.clock.advance(29 * 60_000)
    const second = await world.addDeal({ title: 'Once' }, run('r1'))
    expect([replayed(second), second.body['id']]).toEqual(['true', first.body['id']])
    world.clock.advance(2 * 60_000)
    expect(replayed(await world.addDeal({ title: 'Once' }, run('r1')))).toBeNull()
  })

  test('with another body is another run', async () => {
    await world.addDeal({ title: 'One' }, run('r1'))
    const second = await world.addDeal({ title: 'Two' }, run('r1'))
    expect([second.status, replayed(second)]).toEqual([200, null])
  })

  test('that differs in each iteration of a loop creates as many equal records', async () => {
    for (let n = 0; n < 5; n++) await world.addDeal({ title: 'Five' }, run(`turn ${n}`))
    expect(await world.deals('Five')).toHaveLength(5)
  })

  test('is ignored with --host-intents off', async () => {
    const off = await world.open({ hostIntents: false })
    for (let n = 0; n < 2; n++) expect(replayed(await world.addDeal({ title: 'Once' }, run('r1'), off))).toBeNull()
    expect(await world.deals('Once')).toHaveLength(2)
  })
})

const losses: [string, FaultRule, number][] = [
  ['a connection that ends before the commit', { kind: 'reset', ...POST }, 2],
  ['a connection that ends after the commit', { kind: 'reset', when: 'after', ...POST }, 1],
  ['a truncated answer', { kind: 'truncated', ...POST }, 1],
]
describe.each([
  ['with a key', key('a')],
  ['with a run', run('r1')],
  ['without a name', {}],
])('a create %s', (_, headers) => {
  test.each(losses)('and %s ends as a success with one record', async (_, rule, writes) => {
    await world.addDeal({ title: 'Warm' })
    world.writes()
    world.fault(rule)
    const reply = await world.addDeal({ title: 'Lost', value: 12.5, person_id: 1 }, headers)
    expect(reply.status).toBe(200)
    expect(world.writes()).toBe(writes)
    const deals = await world.deals('Lost')
    expect(deals.map((deal) => deal['id'])).toEqual([reply.body['id']])
    expect(reply.body).toMatchObject({ title: 'Lost', value: 12.5, participants_count: 1 })
  })

  test('of a cold process is found as well', async () => {
    world.fault({ kind: 'reset', when: 'after', ...POST })
    const reply = await world.addDeal({ title: 'Lost' }, headers)
    expect([reply.status, world.writes(), (await world.deals('Lost')).length]).toEqual([200, 1, 1])
  })
})

describe('what is read back', () => {
  test('is repeated once, and a second loss is a 409 that stays', async () => {
    world.fault({ kind: 'reset', ...POST, times: 9 })
    const reply = await world.addDeal({ title: 'Lost' }, key('a'))
    expect(reply.body).toMatchObject({ code: 'OutcomeUnknown', statusCode: 409 })
    expect(world.writes()).toBe(2)
    const again = await world.addDeal({ title: 'Lost' }, key('a'))
    expect([again.body['code'], replayed(again), again.body['message']]).toEqual(['OutcomeUnknown', 'true', reply.body['message']])
    expect(world.writes()).toBe(0)
  })

  test('is not what another user made, what is older, or what differs', async () => {
    await world.pipedrive('POST', '/api/v2/deals', { title: 'Lost', value: 7 })
    await world.addDeal({ title: 'Lost', value: 7 })
    world.writes()
    world.fault({ kind: 'reset', ...POST })
    const reply = await world.addDeal({ title: 'Lost', value: 7 }, key('a'))
    expect([reply.status, world.writes(), (await world.deals('Lost')).length]).toEqual([200, 2, 3])
  })

  test('is not what was made by hand before Pipedrive was last asked, though no id so high had been seen', async () => {
    await world.addDeal({ title: 'Warm' })
    world.clock.advance(60_000)
    await world.pipedrive('POST', '/api/v2/deals', { title: 'Lost', value: 7 })
    world.clock.advance(60_000)
    await world.call('PUT', '/update_status_deal/v1/deals/1', { status: 'won' })
    world.writes()
    world.fault({ kind: 'reset', ...POST })
    const reply = await world.addDeal({ title: 'Lost', value: 7 }, key('a'))
    expect([reply.status, world.writes(), (await world.deals('Lost')).length]).toEqual([200, 2, 2])
  })

  test('and has the same title, but another value, is a 409 that names it, and nothing is repeated', async () => {
    await world.addDeal({ title: 'Warm' })
    world.writes()
    let id: unknown
    world.intercept(async (request, pass) => {
      if (request.method !== 'POST') return pass()
      world.intercept()
      await pass()
      id = (await world.deals('Lost'))[0]!['id']
      await world.pipedrive('PATCH', `/api/v2/deals/${String(id)}`, { value: 99 })
      throw new Error('connection lost')
    })
    const reply = await world.addDeal({ title: 'Lost', value: 7 }, key('a'))
    expect(reply.body).toMatchObject({ code: 'OutcomeUnknown', details: [{ field: 'id', message: String(id) }] })
    expect(reply.body['message']).toContain(`deal ${String(id)}`)
    expect(world.writes()).toBe(1)
  })

  test('and was made by hand at the same moment makes two candidates: a 409', async () => {
    await world.addDeal({ title: 'Warm' })
    world.intercept(async (request, pass) => {
      if (request.method !== 'POST') return pass()
      world.intercept()
      await pass()
      await world.pipedrive('POST', '/api/v2/deals', { title: 'Lost' })
      throw new Error('connection lost')
    })
    const reply = await world.addDeal({ title: 'Lost' }, key('a'))
    expect([reply.body['code'], (reply.body['details'] as Row[]).length]).toEqual(['OutcomeUnknown', 2])
    expect(reply.body['message']).toMatch(/resubmit the run, or send it with a new Idempotency-Key\.$/)
  })

  test('cannot be read for a while is read later', async () => {
    await world.addDeal({ title: 'Warm' })
    world.fault({ kind: 'reset', when: 'after', ...POST })
    world.fault({ kind: 'status', status: 500, method: 'GET', path: '/api/v2/deals', times: 6 })
    expect((await world.addDeal({ title: 'Lost' }, key('a'))).status).toBe(200)
    expect(await world.deals('Lost')).toHaveLength(1)
  })

  test('can never be read is a 409, and the repeat reads again', async () => {
    await world.addDeal({ title: 'Warm' })
    world.writes()
    world.fault({ kind: 'reset', when: 'after', ...POST })
    world.fault({ kind: 'status', status: 500, method: 'GET', path: '/api/v2/deals' })
    const reply = await world.addDeal({ title: 'Lost' })
    expect(reply.body).toMatchObject({ code: 'OutcomeUnknown' })
    world.sandbox.faults.clear()
    world.fault({ kind: 'reset', when: 'after', ...POST })
    world.fault({ kind: 'status', status: 500, method: 'GET', path: '/api/v2/deals' })
    expect((await world.addDeal({ title: 'Kept' }, key('a'))).status).toBe(409)
    world.sandbox.faults.clear()
    const again = await world.addDeal({ title: 'Kept' }, key('a'))
    expect([again.status, replayed(again), (await world.deals('Kept')).length]).toEqual([200, 'true', 1])
  })

  test('five equal ones in a loop, of which one is lost before the commit, are five', async () => {
    const ids = new Set<unknown>()
    for (let n = 0; n < 5; n++) {
      if (n === 2) world.fault({ kind: 'reset', ...POST })
      ids.add((await world.addDeal({ title: 'Five' }, run(`turn ${n}`))).body['id'])
    }
    expect([ids.size, (await world.deals('Five')).length]).toEqual([5, 5])
  })

  test('five equal ones at once, all lost, are five in the end, each with its own', async () => {
    await world.addDeal({ title: 'Warm' })
    for (const rule of [
      { kind: 'reset', ...POST, times: 2 },
      { kind: 'reset', when: 'after', ...POST, times: 3 },
    ] as FaultRule[])
      world.fault(rule)
    const replies = await Promise.all([1, 2, 3, 4, 5].map((n) => world.addDeal({ title: 'Five' }, run(`turn ${n}`))))
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    const made = (await world.deals('Five')).map((deal) => deal['id'])
    expect(made).toHaveLength(5)
    expect(new Set(replies.map(({ body }) => body['id']))).toEqual(new Set(made))
  })

  test('an activity is found by its subject and its people', async () => {
    await world.call('POST', '/v1/activities', { type: 'call', subject: 'Warm' })
    world.writes()
    world.fault({ kind: 'reset', when: 'after', method: 'POST', path: '/api/v2/activities', times: 1 })
    const body = { type: 'call', subject: 'Lost', note: 'a <b>bold</b> word & more', person_id: 1, due_time: '10:00' }
    const reply = await world.call('POST', '/v1/activities', body, key('a'))
    expect([reply.status, world.writes()]).toEqual([200, 1])
  })
})

test('no statement of a write or a read-back scans a growing table', async () => {
  await world.addDeal({ title: 'Once' }, key('a'))
  world.fault({ kind: 'reset', when: 'after', ...POST, times: 1 })
  await world.addDeal({ title: 'Lost' }, key('b'))
  expect(plans.scans(['delete from "intents"', 'select * from "intents"'])).toEqual([])
})
