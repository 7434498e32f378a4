import { expect, test } from 'vitest'
import { isLostDatabase } from './lost-database.ts'

const coded = (code: string, message = 'x') => Object.assign(new Error(message), { code })

test.each([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  '08006',
  '57P01',
  '57P03',
  '53300',
  '28P01',
  '3D000',
  '57014',
  '25006',
  'SQLITE_FULL',
  'SQLITE_IOERR',
])('an error with the code %s is a database that cannot serve', (code) => expect(isLostDatabase(coded(code))).toBe(true))

test.each(['23505', '23503', '42P01', '42601', '40001', '40P01', '25P02', '22001', 'SQLITE_ERROR'])(
  'one with %s is about its statement',
  (code) => expect(isLostDatabase(coded(code))).toBe(false),
)

test('driver errors without a code are recognised by their messages', () => {
  for (const message of ['Connection terminated unexpectedly', 'timeout exceeded when trying to connect', 'Query read timeout'])
    expect(isLostDatabase(new Error(message)), message).toBe(true)
  expect(isLostDatabase(new Error('changed its mind'))).toBe(false)
  expect(isLostDatabase('Connection terminated')).toBe(false)
})
