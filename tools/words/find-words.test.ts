import { expect, test } from 'vitest'
import type { BannedWord } from './banned-words.ts'
import { findWords } from './find-words.ts'
import { readSource } from './read-source.ts'

const words: readonly BannedWord[] = [
  { word: 'anew', use: 'again' },
  { word: 'at work', use: 'active' },
  { word: 'in plain', use: 'readable', exceptBefore: ['text'] },
]

test('a word is reported with its line and what to write, in any case, and only as a whole word', () => {
  expect(findWords('One\nAnew, two.\nRenewed\n', ['page'], words)).toEqual([{ line: 2, word: 'anew', use: 'again' }])
})

test('a phrase is found with any blanks between its words, unless an exception follows', () => {
  expect(findWords('It is at  work.\nIn plain view. In plain text.', ['page'], words).map(({ line }) => line)).toEqual([1, 2])
})

test('code, comments, quotations and block quotes of a page are not read', () => {
  const page = ['`anew`', '```sh', 'anew', '```', '> anew', 'He wrote "anew".', '<!-- anew', 'anew -->', 'anew'].join('\n')
  expect(findWords(page, ['page'], words).map(({ line }) => line)).toEqual([9])
})

const source = [
  "import { anew } from './anew.ts'",
  'const message = `begin ${run(`this ${anew} is sent anew`)} and the rest`',
  "const id = 'anew'",
  '// anew',
  '/** One line.',
  ' * It is at',
  ' * work. */',
  "const path = text.replace(/'anew'/g, '')",
  "test('a title, anew', () => throw new Error('it was read anew here'))",
  "test.each([['anew']])('%s is read anew', () => {})",
].join('\n')

test('of a source file, the sentences in strings are read, or the titles of tests, or the comments', () => {
  const lines = (part: 'strings' | 'titles' | 'comments') => findWords(source, [part], words).map(({ line }) => line)
  expect(lines('strings')).toEqual([2, 9, 9, 10])
  expect(lines('titles')).toEqual([9, 10])
  expect(lines('comments')).toEqual([4, 6])
})

test('placeholders of a template become an ellipsis, and strings inside them are read too', () => {
  const strings = readSource(source).filter(({ kind }) => kind === 'string')
  expect(strings.map(({ text }) => text)).toContain('begin … and the rest')
  expect(strings.map(({ text }) => text)).toContain('this … is sent anew')
  expect(strings.map(({ text }) => text)).not.toContain('anew/g, ')
})
