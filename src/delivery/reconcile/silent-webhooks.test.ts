import { expect, test } from 'vitest'
import { manualClock } from '../../kit/clock.ts'
import { createSilentWebhooks } from './silent-webhooks.ts'

const begin = () => {
  const clock = manualClock(Date.parse('2026-11-22T10:00:00Z'))
  const suspicions = createSilentWebhooks(clock)
  const source = (last: string | null) => ({ id: 's', last_webhook_at: last === null ? null : new Date(last) })
  suspicions.raise('s', clock.now())
  return { clock, suspicions, source }
}

test('a webhook that says nothing for four minutes, although something has happened, is silent', () => {
  const { clock, suspicions, source } = begin()
  expect(suspicions.judgedAt('s')).toEqual(new Date('2026-11-22T10:04:00Z'))
  clock.advance(239_000)
  expect(suspicions.isSilent(source(null))).toBe(false)
  clock.advance(1_000)
  expect(suspicions.isSilent(source('2026-11-22T09:59:59Z'))).toBe(true)
  expect(suspicions.isSilent(source(null))).toBe(false)
  expect(suspicions.judgedAt('s')).toBeUndefined()
})

test('one that has come meanwhile was only late', () => {
  const { clock, suspicions, source } = begin()
  clock.advance(240_000)
  expect(suspicions.isSilent(source('2026-11-22T10:00:00Z'))).toBe(false)
})

test('another round does not put the answer off', () => {
  const { clock, suspicions, source } = begin()
  clock.advance(120_000)
  suspicions.raise('s', clock.now())
  clock.advance(120_000)
  expect(suspicions.isSilent(source(null))).toBe(true)
})

test('of a source that nobody suspects nothing is asked', () => {
  const { suspicions } = begin()
  expect(suspicions.isSilent({ id: 'other', last_webhook_at: null })).toBe(false)
})
