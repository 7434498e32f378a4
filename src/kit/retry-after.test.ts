import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readRetryAfter, RETRY_AFTER_MAX_MS } from './retry-after.ts'

const NOW = Date.parse('2026-11-22T10:00:00Z')

test.each([
  ['120', 120_000],
  [' 0 ', 0],
  ['Sun, 22 Nov 2026 10:02:00 GMT', 120_000],
  ['Sun, 22 Nov 2026 09:00:00 GMT', 0],
])('Retry-After: %s', (text, ms) => expect(readRetryAfter(text, NOW)).toBe(ms))

test.each(['86401', '9999999999', '99999999999', '9'.repeat(400), 'Fri, 31 Dec 9999 23:59:59 GMT'])(
  'Retry-After: %s is shortened to a day',
  (text) => expect(readRetryAfter(text, NOW)).toBe(RETRY_AFTER_MAX_MS),
)

test.each([undefined, '', '-1', '1.5', '2 minutes', 'soon', '1e3', '0x10'])('Retry-After: %s is ignored', (text) =>
  expect(readRetryAfter(text, NOW)).toBeUndefined(),
)

test('any Retry-After is between zero and a day, or ignored', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.date().map(String), fc.integer().map(String), fc.stringMatching(/^\d{1,400}$/)), (text) => {
      expect(readRetryAfter(text, NOW) ?? 0).toSatisfy((ms: number) => ms >= 0 && ms <= RETRY_AFTER_MAX_MS)
    }),
  )
})
