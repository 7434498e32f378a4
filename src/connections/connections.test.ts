import { expect, test } from 'vitest'
import { manualClock } from '../kit/clock.ts'
import { RateLimitExceeded } from '../kit/errors/rate-limit-exceeded.ts'
import { noMetrics } from '../kit/metrics.ts'
import { Secret } from '../kit/secret.ts'
import type { Principal } from './principal.ts'
import { createConnections } from './connections.ts'
import { KeyRefused } from '../pipedrive/errors/key-refused.ts'
import { CompanyNotAllowed } from './errors/company-not-allowed.ts'
import { KeyRefusedEarlier } from './errors/key-refused-earlier.ts'
import { TooManyRefusedKeys } from './errors/too-many-refused-keys.ts'

const upstream = 'https://api.pipedrive.com'
const key = (text: string): Principal => ({ key: new Secret(text), principal: text })
const setup = (options: { callsPerMinute?: number; allowCompanies?: number[] } = {}) => {
  const clock = manualClock()
  return { clock, connections: createConnections({ clock, upstream, ...options }) }
}
const failure = async (run: () => unknown): Promise<unknown> => {
  try {
    await run()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

test('100 calls in a minute pass and the 101st is refused with the seconds that are left', async () => {
  const { clock, connections } = setup()
  for (let i = 0; i < 100; i++) await connections.count(key('a'))
  clock.advance(12_300)
  const error = (await failure(() => connections.count(key('a')))) as RateLimitExceeded
  expect(error).toBeInstanceOf(RateLimitExceeded)
  expect(error).toMatchObject({
    status: 429,
    code: 'RateLimitExceeded',
    source: 'connector',
    retryAfterSeconds: 48,
    message: 'Rate limit is exceeded. Try again in 48 seconds.',
  })
  await connections.count(key('b'))
  clock.advance(48_000)
  await connections.count(key('a'))
})

test('a call that was given back does not count', async () => {
  const { connections } = setup({ callsPerMinute: 1 })
  const call = await connections.count(key('a'))
  await call.refund()
  await connections.count(key('a'))
  await expect(connections.count(key('a'))).rejects.toBeInstanceOf(RateLimitExceeded)
})

test('a key that Pipedrive refused is answered locally for 5 minutes, and no longer', async () => {
  const { clock, connections } = setup()
  connections.checkAdmission(key('dead'), '203.0.113.1')
  await connections.recordFailure(new KeyRefused(), key('dead'), '203.0.113.1')
  clock.advance(299_999)
  const error = await failure(() => connections.checkAdmission(key('dead'), '203.0.113.9'))
  expect(error).toBeInstanceOf(KeyRefusedEarlier)
  expect(error).toMatchObject({ status: 401, code: 'ApiKeyRefused' })
  connections.checkAdmission(key('other'), '203.0.113.1')
  clock.advance(2)
  connections.checkAdmission(key('dead'), '203.0.113.1')
})

test('after 20 refused keys within a minute their address gets a 429 until the minute is over, other addresses do not', async () => {
  const { clock, connections } = setup()
  for (let i = 0; i < 20; i++) {
    connections.checkAdmission(key(`guess ${i}`), '203.0.113.1')
    await connections.recordFailure(new KeyRefused(), key(`guess ${i}`), '203.0.113.1')
  }
  clock.advance(10_000)
  const error = await failure(() => connections.checkAdmission(key('guess 21'), '203.0.113.1'))
  expect(error).toBeInstanceOf(TooManyRefusedKeys)
  expect(error).toMatchObject({ status: 429, retryAfterSeconds: 50 })
  expect((error as Error).message).toMatch(/^Rate limit is exceeded\. Try again in 50 seconds\./)
  connections.checkAdmission(key('guess 21'), '203.0.113.2')
  clock.advance(50_000)
  connections.checkAdmission(key('guess 21'), '203.0.113.1')
})

test('guesses from many addresses of one IPv6 network count together', async () => {
  const { connections } = setup()
  for (let i = 0; i < 20; i++) await connections.recordFailure(new KeyRefused(), key(`guess ${i}`), `2001:db8::${i}`)
  expect(await failure(() => connections.checkAdmission(key('guess 21'), '2001:db8::abcd'))).toBeInstanceOf(TooManyRefusedKeys)
})

test('one dead key that is refused again and again is no guesser', async () => {
  const { connections } = setup()
  for (let i = 0; i < 50; i++) await connections.recordFailure(new KeyRefused(), key('dead'), '203.0.113.1')
  connections.checkAdmission(key('good'), '203.0.113.1')
})

test('a key that Pipedrive serves passes while others behind its address are guessing, until it is refused itself', async () => {
  const { connections } = setup()
  await connections.recordSuccess(key('good'))
  for (let i = 0; i < 20; i++) await connections.recordFailure(new KeyRefused(), key(`guess ${i}`), '203.0.113.1')
  connections.checkAdmission(key('good'), '203.0.113.1')
  await connections.recordFailure(new KeyRefused(), key('good'), '203.0.113.1')
  expect(await failure(() => connections.checkAdmission(key('good'), '203.0.113.1'))).toBeInstanceOf(TooManyRefusedKeys)
  expect(await failure(() => connections.checkAdmission(key('good'), '203.0.113.2'))).toBeInstanceOf(KeyRefusedEarlier)
})

test('only allowed companies pass, and without a list all do', async () => {
  const limited = setup({ allowCompanies: [7] }).connections
  expect(limited.limitsCompanies).toBe(true)
  limited.checkCompany(7)
  const error = await failure(() => limited.checkCompany(8))
  expect(error).toBeInstanceOf(CompanyNotAllowed)
  expect(error).toMatchObject({ status: 403, code: 'CompanyNotAllowed' })
  const open = setup().connections
  expect(open.limitsCompanies).toBe(false)
  open.checkCompany(8)
})

test('each limit that rejects a caller is counted, a remembered refusal is not', async () => {
  const hits: string[] = []
  const metrics = { ...noMetrics, limitHit: (limit: string) => void hits.push(limit) }
  const connections = createConnections({ clock: manualClock(), upstream, callsPerMinute: 1, metrics })
  await connections.count(key('a'))
  await failure(() => connections.count(key('a')))
  for (let i = 0; i < 20; i++) await connections.recordFailure(new KeyRefused(), key(`guess ${i}`), '203.0.113.1')
  await failure(() => connections.checkAdmission(key('guess 21'), '203.0.113.1'))
  await failure(() => connections.checkAdmission(key('guess 1'), '203.0.113.2'))
  expect(hits).toEqual(['calls', 'refused-keys'])
})
