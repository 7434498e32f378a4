import { expect, test } from 'vitest'
import { columns } from './columns.ts'

test.each([
  ['Latin', 'Sales', 5],
  ['Japanese', '営業部', 6],
  ['half-width Katakana', 'ｶﾅ', 2],
  ['a letter with a combining mark', 'e\u0301t', 2],
  ['a family of four joined emoji', '👨‍👩‍👧‍👦', 2],
  ['a flag', '🇩🇪', 2],
])('a cell in %s takes the columns that a terminal gives it', (_, text, width) => {
  const [line, other] = columns([
    [text, 'x'],
    ['-'.repeat(10), 'x'],
  ])
  expect(line).toBe(`${text}${' '.repeat(10 - width)}  x`)
  expect(other).toBe('----------  x')
})

test('rows may have different lengths, and no line ends in blanks', () => {
  expect(columns([['a', 'bb', ''], ['ccc']])).toEqual(['a    bb', 'ccc'])
  expect(columns([])).toEqual([])
})
