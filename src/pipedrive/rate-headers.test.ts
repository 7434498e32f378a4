import { expect, test } from 'vitest'
import { readRateHeaders } from './rate-headers.ts'

const now = Date.parse('2026-11-22T10:00:00Z')

test('the usual headers are read, the reset in seconds', () => {
  const headers = {
    'x-ratelimit-limit': '80',
    'x-ratelimit-remaining': '79',
    'x-ratelimit-reset': '2',
    'x-daily-ratelimit-token-remaining': '148051',
  }
  expect(readRateHeaders(headers, now)).toEqual({ limit: 80, remaining: 79, resetMs: 2_000, dailyRemaining: 148_051 })
})

test('missing, empty and meaningless headers are unknown, never zero', () => {
  const nothing = { limit: undefined, remaining: undefined, resetMs: undefined, dailyRemaining: undefined }
  expect(readRateHeaders({}, now)).toEqual(nothing)
  expect(readRateHeaders({ 'x-ratelimit-remaining': '', 'x-ratelimit-limit': 'many', 'x-ratelimit-reset': '-1' }, now)).toEqual(nothing)
})

test.each([
  ['an epoch in seconds', String(now / 1000 + 3), 3_000],
  ['an epoch in milliseconds', String(now + 3_000), 3_000],
  ['an epoch that has passed', String(now / 1000 - 3), 0],
])('%s is understood as a time of day', (_, reset, ms) => {
  expect(readRateHeaders({ 'x-ratelimit-reset': reset }, now).resetMs).toBe(ms)
})

test.each(['90000', '99999999', String(now + 90_000_000), '9'.repeat(30)])('a reset of %s is shortened to a day', (reset) => {
  expect(readRateHeaders({ 'x-ratelimit-reset': reset }, now).resetMs).toBe(24 * 3_600_000)
})
