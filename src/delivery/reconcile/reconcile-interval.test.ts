import { expect, test } from 'vitest'
import { reconcileIntervalMs, POLL_EVERY_MS } from './reconcile-interval.ts'

const DAY_MS = 24 * 3_600_000
const idle = { mode: 'webhook' as const, lists: 1, missed: false }
/** The tokens of a day, with the daily check of the webhook. */
const tokens = (lists: number, perDay: number, random: number) =>
  10 + Math.round(DAY_MS / reconcileIntervalMs({ ...idle, lists }, perDay, random)) * lists * 10

test.each([1, 2, 3])('an idle source with %i lists costs no more than it may, and not much less', (lists) => {
  expect(tokens(lists, 300, 0)).toBeLessThanOrEqual(300)
  expect(tokens(lists, 300, 0)).toBeGreaterThan(300 - lists * 10)
  expect(tokens(lists, 300, 1)).toBeLessThanOrEqual(300)
})

test('one list is compared every fifty minutes for 300 tokens a day', () => {
  expect(Math.round(reconcileIntervalMs(idle, 300, 0) / 60_000)).toBe(50)
})

test('without webhooks, or while they are known to be missing, lists are compared every two minutes', () => {
  expect(reconcileIntervalMs({ ...idle, mode: 'polling' }, 300, 1)).toBe(POLL_EVERY_MS)
  expect(reconcileIntervalMs({ ...idle, missed: true }, 300, 1)).toBe(POLL_EVERY_MS)
})

test('lists are compared at least once a day, and at most every two minutes', () => {
  expect(reconcileIntervalMs({ ...idle, lists: 3 }, 0, 0)).toBe(DAY_MS)
  expect(reconcileIntervalMs(idle, 1_000_000, 0)).toBe(POLL_EVERY_MS)
})
