import { expect, test } from 'vitest'
import { paceMs, POLL_EVERY_MS } from './pace.ts'

const DAY_MS = 24 * 3_600_000
const idle = { mode: 'webhook' as const, lists: 1, missed: false }
/** What a day of rounds costs, with the daily look at the webhook. */
const tokens = (lists: number, perDay: number, random: number) =>
  10 + Math.round(DAY_MS / paceMs({ ...idle, lists }, perDay, random)) * lists * 10

test.each([1, 2, 3])('an idle source with %i lists costs no more than it may, and not much less', (lists) => {
  expect(tokens(lists, 300, 0)).toBeLessThanOrEqual(300)
  expect(tokens(lists, 300, 0)).toBeGreaterThan(300 - lists * 10)
  expect(tokens(lists, 300, 1)).toBeLessThanOrEqual(300)
})

test('one list is compared every fifty minutes for 300 tokens a day', () => {
  expect(Math.round(paceMs(idle, 300, 0) / 60_000)).toBe(50)
})

test('without webhooks, or while they are seen to fail, lists are compared every two minutes', () => {
  expect(paceMs({ ...idle, mode: 'polling' }, 300, 1)).toBe(POLL_EVERY_MS)
  expect(paceMs({ ...idle, missed: true }, 300, 1)).toBe(POLL_EVERY_MS)
})

test('however little is allowed, lists are compared once a day; however much, not more often than every two minutes', () => {
  expect(paceMs({ ...idle, lists: 3 }, 0, 0)).toBe(DAY_MS)
  expect(paceMs(idle, 1_000_000, 0)).toBe(POLL_EVERY_MS)
})
