import { expect, test } from 'vitest'
import { BurstExhausted } from '../../pipedrive/errors/burst-exhausted.ts'
import { retryDelayMs, isPoisonMessage, describeError } from './classify-error.ts'

const burst = (seconds: number) => new BurstExhausted(seconds, 0)

test('each failure doubles the pause before the next try, up to five minutes', () => {
  const pauses = [1, 2, 3, 20].map((tries) => retryDelayMs(new Error('x'), tries, 1))
  expect(pauses).toEqual([2_000, 4_000, 8_000, 300_000])
})

test('errors at the same time are not retried at the same time', () => {
  expect(retryDelayMs(new Error('x'), 3, 0)).toBe(4_000)
  expect(retryDelayMs(new Error('x'), 3, 0.5)).toBe(6_000)
})

test('a retry-after from Pipedrive is obeyed, an hour at most', () => {
  expect(retryDelayMs(burst(60), 1, 0)).toBeGreaterThanOrEqual(60_000)
  expect(retryDelayMs(burst(60), 1, 1)).toBeLessThan(70_000)
  expect(retryDelayMs(burst(80_000), 1, 1)).toBeLessThan(3_700_000)
})

test('of an error of another program only its kind is shown', () => {
  expect(describeError(Object.assign(new Error('password=secret'), { code: 'ECONNRESET' }))).toBe('Error (ECONNRESET)')
  expect(describeError(burst(1))).toMatch(/^BurstExhausted: /)
})

test('a statement that the database refuses is a poison message, an unavailable database is not', () => {
  const withCode = (code: string) => Object.assign(new Error('x'), { code })
  expect([withCode('22P05'), withCode('23514'), new TypeError('x')].map(isPoisonMessage)).toEqual([true, true, true])
  expect([withCode('57P01'), withCode('ECONNREFUSED'), burst(1), 'x'].map(isPoisonMessage)).toEqual([false, false, false, false])
})
