import { expect, test } from 'vitest'
import { tester } from './ask.fixture.ts'

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

test('limits on: when the tokens of the day are spent the company waits for midnight UTC', async () => {
  const { ask, clock } = tester({ limits: 'on' })
  const spend = async () => {
    clock.advance(100)
    return await ask('GET', '/v1/users')
  }
  let reply = await spend()
  for (let call = 1; call < 18_000; call++) reply = await spend()
  expect([reply.status, reply.headers.get('x-daily-ratelimit-token-remaining')]).toEqual([200, '0'])
  reply = await spend()
  expect([reply.status, reply.headers.get('x-daily-ratelimit-token-remaining'), reply.headers.get('x-ratelimit-remaining')]).toEqual([
    429,
    '0',
    '40',
  ])
  expect((await ask('GET', '/api/v2/deals/1', undefined, 'sandbox-bob')).status).toBe(429)
  expect((await ask('GET', '/api/v2/deals/1', undefined, 'sandbox-carol')).status).toBe(200)
  clock.set(Date.parse('2026-11-23T00:00:00Z'))
  expect((await spend()).status).toBe(200)
})
