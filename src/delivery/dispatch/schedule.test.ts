import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ATTEMPTS, CIRCUIT_OPENS_AFTER, quietTime, retryDelay } from './schedule.ts'

const HOUR_MS = 3_600_000
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
