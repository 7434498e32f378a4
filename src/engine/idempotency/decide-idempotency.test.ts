import { expect, test } from 'vitest'
import { decideIdempotency, type IdempotencyDecision } from './decide-idempotency.ts'
import type { IdempotencyRecord } from './journal.ts'

const now = 1_000_000
const record: IdempotencyRecord = {
  id: 'i',
  fingerprint: 'f',
  state: 'running',
  answer: undefined,
  requestId: 'r',
  leaseUntilMs: now + 1,
  expiresAtMs: now + 1,
}

test.each<[string, Partial<IdempotencyRecord> | undefined, IdempotencyDecision['do']]>([
  ['no record: starts', undefined, 'start'],
  ['running: waits', {}, 'wait'],
  ['running with an expired lease: resumes', { leaseUntilMs: now }, 'resume'],
  ['undecided: resumes', { state: 'undecided' }, 'resume'],
  ['done: replays the answer', { state: 'done' }, 'replay'],
  ['done with other values: mismatch', { state: 'done', fingerprint: 'g' }, 'mismatch'],
  ['running with other values: mismatch', { fingerprint: 'g' }, 'mismatch'],
  ['expired: starts', { state: 'done', expiresAtMs: now }, 'start'],
  ['expired, with other values: starts', { fingerprint: 'g', expiresAtMs: now }, 'start'],
])('%s', (_, facts, expected) => {
  expect(decideIdempotency(facts && { ...record, ...facts }, 'f', now).do).toBe(expected)
})

test('an expired record releases its key', () => {
  expect(decideIdempotency({ ...record, expiresAtMs: now }, 'f', now)).toEqual({ do: 'start', expired: 'i' })
})
