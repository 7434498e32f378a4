import { expect, test } from 'vitest'
import { dateOnly, hoursMinutes, hoursMinutesSeconds, isoMillis } from './convert.ts'

test('times of v2 and of v1 both become ISO with milliseconds, in UTC', () => {
  expect(isoMillis('2026-05-15T09:55:02Z')).toBe('2026-05-15T09:55:02.000Z')
  expect(isoMillis('2026-05-15 09:55:02')).toBe('2026-05-15T09:55:02.000Z')
  expect(isoMillis('')).toBeNull()
})

test('an emptied date is null', () => {
  expect([dateOnly('2026-05-15'), dateOnly('0000-00-00'), dateOnly('')]).toEqual(['2026-05-15', null, null])
})

test('what is no text is no time and no date, and never a failure', () => {
  for (const odd of [5, true, {}] as unknown as string[])
    expect([isoMillis(odd), dateOnly(odd), hoursMinutes(odd)]).toEqual([null, null, null])
})

test('every documented form of an activity time leaves as HH:MM, and as HH:MM:SS on the deal', () => {
  const forms = ['10:00', '10:00:00', { value: '10:00', timezone_id: null }]
  expect(forms.map(hoursMinutes)).toEqual(['10:00', '10:00', '10:00'])
  expect(forms.map(hoursMinutesSeconds)).toEqual(['10:00:00', '10:00:00', '10:00:00'])
  expect(['', null, { value: '' }, { value: null }].map(hoursMinutes)).toEqual([null, null, null, null])
})
