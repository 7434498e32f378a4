import { describe, expect, test } from 'vitest'
import {
  decideRetry,
  MAX_REPEATS,
  type AttemptResult,
  type RetryDecision,
  type RetrySituation,
  type UpstreamEffect,
} from './decide-retry.ts'
import type { RateHeaders } from './rate-headers.ts'
import type { AnswerBody } from './read-answer.ts'

const nowMs = Date.parse('2026-11-22T10:00:00Z')
const minute = 60_000
const answered = (status: number, body: AnswerBody['kind'] = 'error', rate: RateHeaders = {}, retryAfterMs?: number): AttemptResult => ({
  answered: true,
  status,
  body,
  rate,
  retryAfterMs,
})
const refused: AttemptResult = { answered: false, reached: 'no' }
const lost: AttemptResult = { answered: false, reached: 'maybe' }
const decide = (effect: UpstreamEffect, result: AttemptResult, rest: Partial<RetrySituation> = {}) =>
  decideRetry({ effect, result, attempt: 1, timeLeftMs: 25_000, tokens: 5, jitter: 0.5, nowMs, ...rest })

const fail = (why: string, retryAfterMs?: number) =>
  ({ do: 'fail', why, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }) as RetryDecision
const retry = (afterMs: number): RetryDecision => ({ do: 'retry', afterMs })
const answer: RetryDecision = { do: 'answer' }

const table: [what: string, AttemptResult, read: RetryDecision, write: RetryDecision][] = [
  ['a 200 with data', answered(200, 'data'), answer, answer],
  ['a 201 with data', answered(201, 'data'), answer, answer],
  ['a 200 with success false', answered(200, 'error'), fail('unreadable'), fail('outcome-unknown')],
  ['a 200 that is empty or HTML', answered(200, 'unreadable'), fail('unreadable'), fail('outcome-unknown')],
  ['a 204', answered(204, 'unreadable'), fail('unreadable'), fail('outcome-unknown')],
  ['a redirect', answered(302, 'unreadable'), fail('unreadable'), fail('outcome-unknown')],
  ['a redirect with JSON', answered(307, 'error'), fail('unreadable'), fail('outcome-unknown')],
  ['a 400 of Pipedrive', answered(400), fail('rejected'), fail('rejected')],
  ['a 422 of Pipedrive', answered(422), fail('rejected'), fail('rejected')],
  ['a 400 page of a proxy', answered(400, 'unreadable'), fail('unreadable'), fail('outcome-unknown')],
  ['a 401', answered(401), fail('key-refused'), fail('key-refused')],
  ['a 401 without a body', answered(401, 'unreadable'), fail('key-refused'), fail('key-refused')],
  ['a 402', answered(402, 'unreadable'), fail('account-blocked'), fail('account-blocked')],
  ['a 403 with JSON', answered(403), fail('forbidden'), fail('forbidden')],
  ['a 403 with HTML', answered(403, 'unreadable'), fail('firewall'), fail('firewall')],
  ['a 404 with JSON', answered(404), fail('not-found'), fail('not-found')],
  ['a 404 page', answered(404, 'unreadable'), fail('unreadable'), fail('outcome-unknown')],
  ['a 408', answered(408), retry(250), fail('outcome-unknown')],
  ['a 409 with JSON', answered(409), fail('conflict'), fail('conflict')],
  ['a 410 with JSON', answered(410, 'data'), fail('gone'), fail('gone')],
  ['a 500 with JSON', answered(500), retry(250), fail('outcome-unknown')],
  ['an empty 502', answered(502, 'unreadable'), retry(250), fail('outcome-unknown')],
  ['a 503', answered(503, 'unreadable'), retry(250), fail('outcome-unknown')],
  ['a 503 with Retry-After of 4 s', answered(503, 'unreadable', {}, 4_000), retry(4_000), fail('outcome-unknown')],
  [
    'a 503 with Retry-After of 2 min',
    answered(503, 'unreadable', {}, 2 * minute),
    fail('unavailable', 2 * minute),
    fail('outcome-unknown'),
  ],
  ['a 429 with a reset in 2 s', answered(429, 'error', { resetMs: 2_000 }), retry(2_125), retry(2_125)],
  ['a 429 without headers', answered(429), retry(2_125), retry(2_125)],
  ['a 429 page with Retry-After only', answered(429, 'unreadable', {}, 5_000), retry(5_125), retry(5_125)],
  ['a 429 with a reset beyond the deadline', answered(429, 'error', { resetMs: minute }), fail('burst', minute), fail('burst', minute)],
  [
    'a 429 with tokens left of the day',
    answered(429, 'error', { resetMs: 1_000, dailyRemaining: 29_000, remaining: 0 }),
    retry(1_125),
    retry(1_125),
  ],
  [
    'a 429 with an empty daily budget',
    answered(429, 'error', { resetMs: 2_000, dailyRemaining: 0 }),
    fail('budget', 14 * 60 * minute),
    fail('budget', 14 * 60 * minute),
  ],
  [
    'a 429 while the window has room but the day has fewer tokens than the call costs',
    answered(429, 'error', { resetMs: 1_000, dailyRemaining: 4, remaining: 19 }),
    fail('budget', 14 * 60 * minute),
    fail('budget', 14 * 60 * minute),
  ],
  [
    'a 429 with an empty window and few tokens left',
    answered(429, 'error', { resetMs: 1_000, dailyRemaining: 4, remaining: 0 }),
    retry(1_125),
    retry(1_125),
  ],
  ['a refused connection', refused, retry(250), retry(250)],
  ['a connection lost after sending', lost, retry(250), fail('outcome-unknown')],
]

describe.each(table)('%s', (_, result, read, write) => {
  test('after a read', () => expect(decide('read', result)).toEqual(read))
  test('after a write', () => expect(decide('write', result)).toEqual(write))
})

test('of all statuses, only a 429 lets a write be repeated', () => {
  for (let status = 100; status < 600; status++)
    for (const body of ['data', 'error', 'unreadable'] as const)
      if (status !== 429) expect(decide('write', answered(status, body)).do, `${status} ${body}`).not.toBe('retry')
})

test('every status has a decision for a read, and only 2xx with data is an answer', () => {
  for (let status = 100; status < 600; status++)
    for (const body of ['data', 'error', 'unreadable'] as const) {
      const good = status >= 200 && status < 300 && body === 'data'
      expect(decide('read', answered(status, body)).do === 'answer', `${status} ${body}`).toBe(good)
    }
})

test('a read is repeated three times and no more, each time after a longer wait', () => {
  const waits = Array.from({ length: MAX_REPEATS + 1 }, (_, i) => decide('read', lost, { attempt: i + 1 }))
  expect(waits).toEqual([retry(250), retry(500), retry(1_000), fail('unavailable', 10_000)])
})

test('a refused connection is repeated three times for a write, then told as unavailable: nothing was executed', () => {
  expect(decide('write', refused, { attempt: 3 })).toEqual(retry(1_000))
  expect(decide('write', refused, { attempt: 4 })).toEqual(fail('unavailable', 10_000))
})

test('jitter spreads the waits over half to one and a half of the base', () => {
  expect([0, 1].map((jitter) => decide('read', lost, { jitter }))).toEqual([retry(125), retry(375)])
  expect([0, 1].map((jitter) => decide('read', answered(429, 'error', { resetMs: 2_000 }), { jitter }))).toEqual([
    retry(2_000),
    retry(2_250),
  ])
})

test('nothing is repeated that would not fit the deadline; a write needs more room than a read', () => {
  expect(decide('read', lost, { timeLeftMs: 750 })).toEqual(retry(250))
  expect(decide('read', lost, { timeLeftMs: 749 })).toEqual(fail('unavailable', 10_000))
  expect(decide('write', refused, { timeLeftMs: 3_250 })).toEqual(retry(250))
  expect(decide('write', refused, { timeLeftMs: 3_249 })).toEqual(fail('unavailable', 10_000))
})

test('the caller receives the fourth 429 with the rest of the window', () => {
  expect(decide('read', answered(429, 'error', { resetMs: 2_000 }), { attempt: 4 })).toEqual(fail('burst', 2_000))
})
