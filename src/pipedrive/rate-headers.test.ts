import { expect, test } from 'vitest'
import { readRateHeaders, retryAfterMs } from './rate-headers.ts'

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

test('Retry-After is read as seconds or as a date', () => {
  expect(retryAfterMs({ 'retry-after': '7' }, now)).toBe(7_000)
  expect(retryAfterMs({ 'retry-after': 'Sun, 22 Nov 2026 10:00:09 GMT' }, now)).toBe(9_000)
  expect(retryAfterMs({ 'retry-after': 'soon' }, now)).toBeUndefined()
  expect(retryAfterMs({}, now)).toBeUndefined()
})
