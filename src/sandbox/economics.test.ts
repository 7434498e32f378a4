import { expect, test } from 'vitest'
import { tester } from './ask.fixture.ts'
import { createMeter } from './economics.ts'
import { plantWorld } from './seed/plant-world.ts'
import type { Key } from './state/company.ts'

const rate = (headers: Headers) => ['limit', 'remaining', 'reset'].map((name) => headers.get(`x-ratelimit-${name}`))
const day = (headers: Headers) => ['limit', 'remaining'].map((name) => headers.get(`x-daily-ratelimit-token-${name}`))

test('every answer counts the calls of the key and the tokens of the company', async () => {
  const { ask, clock } = tester({ limits: 'on' })
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
  const { ask } = tester()
  for (let call = 0; call < 45; call++) await ask('GET', '/api/v2/deals/1')
  const reply = await ask('GET', '/api/v2/deals/1')
  expect([reply.status, reply.headers.get('x-ratelimit-remaining')]).toEqual([200, '39'])
})

test('limits on: the call after the window is a 429 that costs nothing, and the next window is free', async () => {
  const { ask, clock, sandbox } = tester({ limits: 'on' })
  for (let call = 0; call < 40; call++) expect((await ask('GET', '/api/v2/deals/1')).status).toBe(200)
  const refused = await ask('GET', '/api/v2/deals/1')
  expect([refused.status, refused.body, refused.headers.get('x-ratelimit-remaining')]).toEqual([
    429,
    { success: false, error: 'Rate limit exceeded', errorCode: 429 },
    '0',
  ])
  expect(refused.headers.get('x-daily-ratelimit-token-remaining')).toBe('359960')
  sandbox.behaviour.tooManyRequestsBody = 'empty'
  expect((await ask('GET', '/api/v2/deals/1')).text).toBe('')
  clock.advance(2_000)
  expect((await ask('GET', '/api/v2/deals/1')).status).toBe(200)
})

test('limits on: when the tokens of the day are spent the whole company waits for midnight UTC', () => {
  const world = plantWorld(0)
  const [alice, bob, carol] = ['sandbox-alice', 'sandbox-bob', 'sandbox-carol'].map((key) => world.get(key)!)
  const meter = createMeter()
  const noon = 43_200_000
  const charge = (account: Key | undefined, tokens: number, atMs = noon) => {
    const { refused, headers } = meter.charge(account!, tokens, atMs, 'on')
    return [refused, headers['x-daily-ratelimit-token-remaining'], headers['x-ratelimit-remaining']]
  }
  expect(charge(alice, 359_995)).toEqual([false, '5', '39'])
  expect(charge(bob, 10)).toEqual([true, '0', '40'])
  expect(charge(alice, 1)).toEqual([true, '0', '39'])
  expect(charge(carol, 10)).toEqual([false, '449990', '99'])
  expect(charge(bob, 10, 2 * noon)).toEqual([false, '359990', '39'])
})
