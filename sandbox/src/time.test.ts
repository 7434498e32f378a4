import { expect, test } from 'vitest'
import { isDate, localDate, readClockTime, readMoment, readRfc3339, v1Time, zoneOffset } from './time.ts'

test('RFC 3339 is read in whole seconds only, and leaves in UTC', () => {
  expect(readRfc3339('2026-11-22T10:00:00Z')).toBe('2026-11-22T10:00:00Z')
  expect(readRfc3339('2026-11-22T10:00:00+02:00')).toBe('2026-11-22T08:00:00Z')
  for (const refused of ['2026-11-22T10:00:00.000Z', '2026-11-22', '2026-11-22T10:00:00', '2026-02-30T10:00:00Z', ''])
    expect(readRfc3339(refused), refused).toBeUndefined()
})

test('times in deal bodies may be written with a blank', () => {
  expect(readMoment('2026-11-22 10:00:00')).toBe('2026-11-22T10:00:00Z')
  expect(readMoment('2026-11-22')).toBeUndefined()
})

test('a date must exist in the calendar', () => {
  expect(isDate('2028-02-29')).toBe(true)
  expect(isDate('2026-02-29')).toBe(false)
  expect(isDate('2026-11-22T00:00:00Z')).toBe(false)
})

test('times of day are stored with seconds', () => {
  expect(readClockTime('09:30')).toBe('09:30:00')
  expect(readClockTime('09:30:15')).toBe('09:30:15')
  expect(readClockTime('9:30')).toBeUndefined()
  expect(readClockTime('24:00')).toBeUndefined()
})

test('the local date and the offset follow the time zone', () => {
  expect(localDate('2026-11-22T23:30:00Z', 'Europe/Stockholm')).toBe('2026-11-23')
  expect(localDate('2026-11-22T23:30:00Z', 'America/New_York')).toBe('2026-11-22')
  expect(zoneOffset('2026-11-22T23:30:00Z', 'America/New_York')).toBe('-05:00')
  expect(zoneOffset('2026-11-22T23:30:00Z', 'Etc/UTC')).toBe('+00:00')
})

test('v1 writes times with a blank', () => {
  expect(v1Time('2026-11-22T10:00:00Z')).toBe('2026-11-22 10:00:00')
})
