import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ATTEMPTS, CIRCUIT_OPENS_AFTER, readRetryAfter, quietTime, retryDelay } from './schedule.ts'

const HOUR_MS = 3_600_000
const NOW = Date.parse('2026-11-22T10:00:00Z')
const random = fc.double({ min: 0, max: 1, noNaN: true })

test('the retry delays are 5 s, 5 and 30 min, 2, 5, 10 and 10 h, then no more', () => {
  const waits = Array.from({ length: ATTEMPTS }, (_, n) => retryDelay(n + 1, 0))
  expect(waits.map((ms) => ms && ms / 1_000)).toEqual([5, 300, 1_800, 7_200, 18_000, 36_000, 36_000, undefined])
  expect(retryDelay(1_000, 0)).toBeUndefined()
})

test('no delay is shorter than its schedule, or longer by more than a tenth', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: ATTEMPTS - 1 }), random, (attempts, chance) => {
      const [wait, least] = [retryDelay(attempts, chance)!, retryDelay(attempts, 0)!]
      expect(wait).toBeGreaterThanOrEqual(least)
      expect(wait).toBeLessThanOrEqual(least * 1.1 + 1)
    }),
  )
})

test.each([
  ['120', 120_000],
  [' 0 ', 0],
  ['9999999999', 24 * HOUR_MS],
  ['Sun, 22 Nov 2026 10:02:00 GMT', 120_000],
  ['Sun, 22 Nov 2026 09:00:00 GMT', 0],
  ['Fri, 31 Dec 9999 23:59:59 GMT', 24 * HOUR_MS],
])('Retry-After: %s', (text, ms) => expect(readRetryAfter(text, NOW)).toBe(ms))

test.each(['', '-1', '1.5', '2 minutes', 'soon', '1e3', '99999999999', '0x10'])('Retry-After: %s is ignored', (text) =>
  expect(readRetryAfter(text, NOW)).toBeUndefined(),
)

test('any Retry-After is between zero and a day, or ignored', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.date().map(String), fc.integer().map(String)), (text) => {
      expect(readRetryAfter(text, NOW) ?? 0).toSatisfy((ms: number) => ms >= 0 && ms <= 24 * HOUR_MS)
    }),
  )
})

test('from the fifth consecutive failure an endpoint gets a pause, longer each time, at most half an hour', () => {
  for (let n = 0; n < CIRCUIT_OPENS_AFTER; n++) expect(quietTime(n, 1)).toBe(0)
  fc.assert(
    fc.property(fc.integer({ min: CIRCUIT_OPENS_AFTER, max: 1_000_000 }), random, (failures, chance) => {
      expect(quietTime(failures, chance)).toBeGreaterThanOrEqual(10_000)
      expect(quietTime(failures, chance)).toBeLessThanOrEqual(HOUR_MS / 2)
      expect(quietTime(failures + 1, chance)).toBeGreaterThanOrEqual(quietTime(failures, chance))
    }),
  )
})
