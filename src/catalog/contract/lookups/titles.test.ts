import fc from 'fast-check'
import { expect, test } from 'vitest'
import { uniqueTitles, withHint } from './titles.ts'

test('equal titles get their ids, others stay as they are', () => {
  const rows = [
    { id: 1, title: 'Acme' },
    { id: 2, title: 'Baker' },
    { id: 3, title: 'Acme' },
  ]
  expect(uniqueTitles(rows).map((row) => row.title)).toEqual(['Acme (#1)', 'Baker', 'Acme (#3)'])
})

test('a record that is named like another one with its id is told apart too', () => {
  const rows = [
    { id: 1, title: 'Acme' },
    { id: 2, title: 'Acme' },
    { id: 3, title: 'Acme (#2)' },
  ]
  expect(new Set(uniqueTitles(rows).map((row) => row.title)).size).toBe(3)
})

test('a key tells apart where ids are words', () => {
  const rows = [
    { id: 'call', title: 'Call' },
    { id: 'call_2', title: 'Call' },
  ]
  expect(uniqueTitles(rows).map((row) => row.title)).toEqual(['Call (call)', 'Call (call_2)'])
})

test('a name stands alone where there is nothing beside it', () => {
  expect([withHint('Ann', 'ann@example.com'), withHint('Ann', null), withHint('Ann', '')]).toEqual(['Ann (ann@example.com)', 'Ann', 'Ann'])
})

test('names that differ in blanks and line breaks alone look alike, and one of nothing else is no name', () => {
  const rows = ['Acme', ' Acme', 'Ac\nme', 'Ac  me', '', '\t ', '👩‍👩‍👧'].map((title, at) => ({ id: at + 1, title }))
  expect(uniqueTitles(rows).map((row) => row.title)).toEqual(['Acme (#1)', 'Acme (#2)', 'Ac me (#3)', 'Ac me (#4)', '#5', '#6', '👩‍👩‍👧'])
})

test('each record appears once, under a title that no other has, with any names', () => {
  const name = fc.oneof(
    fc.constantFrom('Acme', ' Acme ', '', 'Acme (#1)', 'Acme (#1) (#2)', '#1', 'Acme (x)'),
    fc.string({ unit: 'binary' }),
  )
  const id = fc.oneof(fc.nat(5), fc.constantFrom('x', 'X', 'x '))
  fc.assert(
    fc.property(fc.array(fc.record({ id, title: name }), { maxLength: 20 }), (rows) => {
      const shown = uniqueTitles(rows)
      expect(shown.map((row) => row.id)).toEqual([...new Set(rows.map((row) => row.id))])
      expect(new Set(shown.map((row) => row.title)).size).toBe(shown.length)
      expect(shown.every(({ title }) => title.trim() !== '')).toBe(true)
    }),
  )
})
