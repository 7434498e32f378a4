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
