import { expect, test } from 'vitest'
import { decideIdempotency, type IdempotencyDecision } from './decide-idempotency.ts'
import type { IdempotencyRecord } from './journal.ts'

const now = 1_000_000
const standing: IdempotencyRecord = {
  id: 'i',
  fingerprint: 'f',
  state: 'running',
  answer: undefined,
  requestId: 'r',
  leaseUntilMs: now + 1,
  expiresAtMs: now + 1,
}

test.each<[string, Partial<IdempotencyRecord> | undefined, IdempotencyDecision['do']]>([
  ['nothing is known: it starts', undefined, 'start'],
  ['somebody is at work: it waits', {}, 'wait'],
  ['whoever was at work is dead: it goes on with it', { leaseUntilMs: now }, 'pick-up'],
  ['it was left undecided: it goes on with it', { state: 'undecided' }, 'pick-up'],
  ['it was done: its answer', { state: 'done' }, 'replay'],
  ['it was done with other values: a mistake', { state: 'done', fingerprint: 'g' }, 'refuse'],
  ['other values are at work: a mistake', { fingerprint: 'g' }, 'refuse'],
  ['its time is over: it starts anew', { state: 'done', expiresAtMs: now }, 'start'],
  ['its time is over, with other values', { fingerprint: 'g', expiresAtMs: now }, 'start'],
])('%s', (_, facts, expected) => {
  expect(decideIdempotency(facts && { ...standing, ...facts }, 'f', now).do).toBe(expected)
})

test('an intent whose time is over gives its name away', () => {
  expect(decideIdempotency({ ...standing, expiresAtMs: now }, 'f', now)).toEqual({ do: 'start', expired: 'i' })
})
