import { expect, test } from 'vitest'
import { normalisedValue, showsValue } from './found-by.ts'

const CODE = 'a'.repeat(40)

test.each([
  ['an e-mail address is trimmed and case-folded', 'email', ' Ada@Example.COM ', 'ada@example.com'],
  ['a phone number is its digits', 'phone', ' (030) 12-34 56 ', '030123456'],
  ['and its leading plus', 'phone', ' +49 (30) 123.456', '+4930123456'],
  ['a name is NFC, trimmed, case-folded, its spaces are one', 'name', '  ZOE\u0308 \u00a0 de  Vries ', 'zo\u00eb de vries'],
  ['a value of a custom field is NFC and trimmed; its case counts', CODE, ' E\u0301-7a ', '\u00c9-7a'],
  ['nothing is left of a phone number without digits', 'phone', 'unknown', ''],
])('%s', (_, findBy, text, value) => {
  expect(normalisedValue(findBy, text)).toBe(value)
})

test.each([
  ['one of several e-mail addresses', 'email', { emails: [{ value: 'b@x.de' }, { value: 'ADA@x.de', primary: false }] }],
  ['a phone number in another notation', 'phone', { phones: [{ value: '+49 30 123' }] }],
  ['the name', 'name', { name: 'Ada  Lovelace' }],
  ['the title of a deal', 'name', { title: 'ada lovelace' }],
  ['a custom field', CODE, { custom_fields: { [CODE]: 4711 } }],
  ['a custom field that is an object', CODE, { custom_fields: { [CODE]: { value: '4711' } } }],
])('a record shows a value as %s', (_, findBy, row) => {
  const value = { email: 'Ada@x.de', phone: '+4930123', name: 'Ada Lovelace' }[findBy] ?? '4711'
  expect(showsValue(row, findBy, value)).toBe(true)
  expect(showsValue(row, findBy, `${value}1`)).toBe(false)
  expect(showsValue({ name: null, emails: null }, findBy, value)).toBe(false)
})
