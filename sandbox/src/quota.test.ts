import { expect, test } from 'vitest'
import { sandboxClient } from './sandbox-client.fixture.ts'
import { type Behaviour, createBehaviour } from './behaviour.ts'
import { type Charge, createMeter, dailyTokens } from './quota.ts'
import { loadWorld } from './seed/load-world.ts'
import type { ApiKey } from './state/company.ts'

const rate = (headers: Headers) => ['limit', 'remaining', 'reset'].map((name) => headers.get(`x-ratelimit-${name}`))
const day = (headers: Headers) => ['limit', 'remaining'].map((name) => headers.get(`x-daily-ratelimit-token-${name}`))

test('every answer counts the calls of the key and the tokens of the company', async () => {
  const { ask, clock } = sandboxClient({ limits: 'on' })
  await ask('GET', '/api/v2/deals')
  clock.advance(500)
  const second = await ask('GET', '/api/v2/deals/999')
  expect([rate(second.headers), day(second.headers)]).toEqual([
    ['40', '38', '2'],
    ['360000', '359989'],
  ])
  clock.advance(600)
  expect(rate((await ask('GET', '/api/v2/deals/1')).headers)).toEqual(['40', '37', '1'])
  const bob = await ask('GET', '/api/v2/deals/1', undefined, 'sandbox-bob')
  expect([rate(bob.headers), day(bob.headers)]).toEqual([
    ['40', '39', '2'],
    ['360000', '359987'],
  ])
  clock.advance(2_000)
  expect(rate((await ask('GET', '/api/v2/deals/1')).headers)).toEqual(['40', '39', '2'])
})

test('limits off: more than the window is served, and what is left is shown as after a first call, so that clients do not pace themselves', async () => {
  const { ask } = sandboxClient()
  for (let call = 0; call < 45; call++) await ask('GET', '/api/v2/deals/1')
  const reply = await ask('GET', '/api/v2/deals/1')
  expect([reply.status, reply.headers.get('x-ratelimit-remaining')]).toEqual([200, '39'])
})

test('limits on: the call after the window is a 429 that costs nothing, and the next window is free', async () => {
  const { ask, clock } = sandboxClient({ limits: 'on' })
  for (let call = 0; call < 40; call++) expect((await ask('GET', '/api/v2/deals/1')).status).toBe(200)
  const refused = await ask('GET', '/api/v2/deals/1')
  expect([refused.status, refused.body, refused.headers.get('x-ratelimit-remaining')]).toEqual([
    429,
    { success: false, error: 'Rate limit exceeded', errorCode: 429 },
    '0',
  ])
  expect(refused.headers.get('x-daily-ratelimit-token-remaining')).toBe('359960')
  clock.advance(2_000)
  expect((await ask('GET', '/api/v2/deals/1')).status).toBe(200)
})

test('limits on: when the tokens of the day are spent the whole company waits for midnight UTC', () => {
  const world = loadWorld(0)
  const [alice, bob, carol] = ['sandbox-alice', 'sandbox-bob', 'sandbox-carol'].map((key) => world.get(key)!)
  const meter = createMeter()
  const noon = 43_200_000
  const charge = (account: ApiKey | undefined, tokens: number, atMs = noon) => {
    const { refused, headers } = meter.charge(account!, tokens, '/api/v2/deals', atMs, createBehaviour({ limits: 'on' }))
    return [refused === 'limit', headers['x-daily-ratelimit-token-remaining'], headers['x-ratelimit-remaining']]
  }
  expect(charge(alice, 359_995)).toEqual([false, '5', '39'])
  expect(charge(bob, 10)).toEqual([true, '0', '40'])
  expect(charge(alice, 1)).toEqual([true, '0', '39'])
  expect(charge(carol, 10)).toEqual([false, '449990', '99'])
  expect(charge(bob, 10, 2 * noon)).toEqual([false, '359990', '39'])
})

test('a day has 30,000 tokens per active user, times the multiplier of the plan', () => {
  const world = loadWorld(0)
  const { company } = world.get('sandbox-carol')!
  expect([company.plan.multiplier, dailyTokens(company)]).toEqual([5, 450_000])
  const [first] = company.users.values()
  first!.active_flag = false
  expect(dailyTokens(company)).toBe(300_000)
})

test('limits on: the burst rolls, each call leaves the window 2 s after it was made', async () => {
  const { ask, clock } = sandboxClient({ limits: 'on' })
  for (let call = 0; call < 20; call++) await ask('GET', '/api/v2/deals/1')
  clock.advance(1_000)
  for (let call = 0; call < 20; call++) await ask('GET', '/api/v2/deals/1')
  clock.advance(1_000)
  expect(rate((await ask('GET', '/api/v2/deals/1')).headers)).toEqual(['40', '19', '1'])
})

const search = (charge: (path: string) => Charge, calls: number) => Array.from({ length: calls }, () => charge('/api/v2/deals/search'))
const counted = (behaviour: Partial<Behaviour>) => {
  const meter = createMeter()
  const alice = loadWorld(0).get('sandbox-alice')!
  const switches = createBehaviour({ limits: 'on', ...behaviour })
  return (path: string, atMs = 0) => meter.charge(alice, 1, path, atMs, switches)
}

test('limits on: searches have a window of their own, 10 in 2 s', () => {
  const charge = counted({})
  expect(search(charge, 10).map(({ refused }) => refused)).not.toContain('limit')
  const eleventh = charge('/api/v2/itemSearch')
  expect([eleventh.refused, eleventh.headers['x-ratelimit-limit'], eleventh.headers['x-ratelimit-remaining']]).toEqual(['limit', '10', '0'])
  expect(charge('/api/v2/deals/1').headers['x-ratelimit-remaining']).toBe('39')
  expect(charge('/v1/users/find', 2_000).refused).toBeUndefined()
})

test("leads answer with their own backend's headers: another limit, an epoch, no word on the day", () => {
  for (const limits of ['on', 'off'] as const) {
    const charge = counted({ limits })
    const first = charge('/v1/leads', 1_500)
    expect(first.headers).toEqual({ 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '4999', 'x-ratelimit-reset': '4' })
    expect(charge('/api/v1/leads/5f0c', 1_500).headers['x-daily-ratelimit-token-limit']).toBeUndefined()
    expect(charge('/api/v1/leadLabels', 1_500).headers['x-ratelimit-limit']).toBe('40')
  }
})

test('the budget is new at midnight UTC', () => {
  const hour = (text: string) => Date.parse(`2026-11-${text}:00:00Z`)
  const left = (charge: ReturnType<typeof counted>, at: string) =>
    charge('/api/v2/deals', hour(at)).headers['x-daily-ratelimit-token-remaining']
  const utc = counted({})
  expect([left(utc, '22T23'), left(utc, '22T23'), left(utc, '23T00')]).toEqual(['359999', '359998', '359999'])
})

test('limits on: too many 429s (firewallAfter) trigger the firewall for a minute, a 403 with a page and without rate limit headers', async () => {
  const { ask, clock } = sandboxClient({ limits: 'on', firewallAfter: 5 })
  const status = async (key?: string) => (await ask('GET', '/api/v2/deals/1', undefined, key)).status
  for (let call = 0; call < 40; call++) expect(await status()).toBe(200)
  for (let call = 0; call < 5; call++) expect(await status()).toBe(429)
  const blocked = await ask('GET', '/api/v2/deals/1')
  expect([blocked.status, blocked.headers.get('content-type'), rate(blocked.headers)]).toEqual([
    403,
    'text/html; charset=utf-8',
    [null, null, null],
  ])
  expect(blocked.text).toContain('<!DOCTYPE html>')
  expect(await status('sandbox-bob')).toBe(200)
  clock.advance(59_999)
  expect(await status()).toBe(403)
  clock.advance(1)
  expect(await status()).toBe(200)
})

test('refusals that lie apart are no hammering, and firewallAfter never means never', () => {
  const full = (behaviour: Partial<Behaviour>) => {
    const charge = counted({ firewallAfter: 5, ...behaviour })
    const refusedAt = (atMs: number) => {
      let last: Charge['refused']
      for (let call = 0; call < 41; call++) last = charge('/api/v2/deals', atMs).refused
      return last
    }
    return { charge, refusedAt }
  }
  const patient = full({})
  for (let round = 0; round < 8; round++) expect(patient.refusedAt(round * 11_000)).toBe('limit')
  const open = full({ firewallAfter: 'never' })
  for (let call = 0; call < 200; call++) expect(open.charge('/api/v2/deals').refused).not.toBe('firewall')
})

test('limits off: no call is refused, even over the budget', async () => {
  const { ask, sandbox } = sandboxClient()
  sandbox.leaveTokens(0)
  for (let call = 0; call < 60; call++) expect((await ask('GET', '/api/v2/deals/1')).status).toBe(200)
})

test('leaveTokens: what is left of the day is spent, and then there is a 429 until midnight', async () => {
  const { ask, sandbox } = sandboxClient({ limits: 'on' })
  sandbox.leaveTokens(2)
  expect((await ask('GET', '/api/v2/deals/1')).headers.get('x-daily-ratelimit-token-remaining')).toBe('1')
  const over = await ask('GET', '/api/v2/deals')
  expect([over.status, over.headers.get('x-daily-ratelimit-token-remaining')]).toEqual([429, '0'])
  await sandbox.clock.set('2026-11-23T00:00:00Z')
  expect((await ask('GET', '/api/v2/deals')).status).toBe(200)
})

test('the headers stand on errors, too, but not on the 401 of the gateway', async () => {
  const { ask } = sandboxClient()
  for (const path of ['/api/v2/deals/999', '/api/v2/deals?limit=x', '/api/v2/boards'])
    expect((await ask('GET', path)).headers.get('x-ratelimit-limit'), path).toBe('40')
  expect((await ask('GET', '/api/v2/deals', undefined, 'nobody')).headers.get('x-ratelimit-limit')).toBeNull()
})
