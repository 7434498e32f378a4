import fc from 'fast-check'
import { expect, test } from 'vitest'
import { losesDigits } from './loses-digits.ts'

test.each([
  ['9007199254740993', true],
  ['-9007199254740993', true],
  ['9007199254740993.0', true],
  ['9007199254740992', false],
  ['12345678901234567.89', true],
  ['0.30000000000000004', false],
  ['0.123456789012345678901', true],
  ['1250.50', false],
  ['007', false],
  ['+7.5', false],
  ['-0.50', false],
  ['0.00000012', false],
  ['1e300', false],
  ['x', false],
])('%s: %s', (text, loses) => {
  expect(losesDigits(text, Number(text))).toBe(loses)
})

test('no number that JSON.stringify has written loses digits', () => {
  fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (n) => !losesDigits(JSON.stringify(n), n)))
})
