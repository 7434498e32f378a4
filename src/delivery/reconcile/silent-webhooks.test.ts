import { expect, test } from 'vitest'
import { manualClock } from '../../kit/clock.ts'
import { createSilentWebhooks } from './silent-webhooks.ts'

const begin = () => {
  const clock = manualClock(Date.parse('2026-11-22T10:00:00Z'))
  const silentWebhooks = createSilentWebhooks(clock)
  const source = (last: string | null) => ({ id: 's', last_webhook_at: last === null ? null : new Date(last) })
  silentWebhooks.suspect('s', clock.now())
  return { clock, silentWebhooks, source }
}

test('a webhook without a delivery four minutes after an event is silent', () => {
  const { clock, silentWebhooks, source } = begin()
  expect(silentWebhooks.checkAt('s')).toEqual(new Date('2026-11-22T10:04:00Z'))
  clock.advance(239_000)
  expect(silentWebhooks.isSilent(source(null))).toBe(false)
  clock.advance(1_000)
  expect(silentWebhooks.isSilent(source('2026-11-22T09:59:59Z'))).toBe(true)
  expect(silentWebhooks.isSilent(source(null))).toBe(false)
  expect(silentWebhooks.checkAt('s')).toBeUndefined()
})

test('a webhook that arrived meanwhile was only late', () => {
  const { clock, silentWebhooks, source } = begin()
  clock.advance(240_000)
  expect(silentWebhooks.isSilent(source('2026-11-22T10:00:00Z'))).toBe(false)
})

test('another comparison does not postpone the check', () => {
  const { clock, silentWebhooks, source } = begin()
  clock.advance(120_000)
  silentWebhooks.suspect('s', clock.now())
  clock.advance(120_000)
  expect(silentWebhooks.isSilent(source(null))).toBe(true)
})

test('a source that is not suspected is not silent', () => {
  const { silentWebhooks } = begin()
  expect(silentWebhooks.isSilent({ id: 'other', last_webhook_at: null })).toBe(false)
})
