import fc from 'fast-check'
import { expect, test } from 'vitest'
import { headerText } from './header-text.ts'

test('plain English stays readable', () => {
  expect(headerText('pipeline_id 2 was ignored: stage 7 lies in pipeline 1.')).toBe(
    'pipeline_id 2 was ignored: stage 7 lies in pipeline 1.',
  )
})

test('any text is safe in a header and comes back by decodeURIComponent', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 100 }), (text) => {
      const header = headerText(text)
      expect(header).toMatch(/^[\x20-\x7e]*$/)
      expect(decodeURIComponent(header)).toBe(text)
      expect(() => new Headers({ 'x-dealbridge-warning': header })).not.toThrow()
    }),
  )
})

test('a line break cannot begin another header', () => {
  expect(headerText('a\r\nset-cookie: b')).toBe('a%0D%0Aset-cookie: b')
})

test('a long text is cut, even in the middle of a character, and stays decodable', () => {
  const header = headerText('💥'.repeat(1000))
  expect(header.length).toBeLessThan(5000)
  expect(decodeURIComponent(header)).toMatch(/^💥+.?…$/u)
})
