import { expect, test } from 'vitest'
import { pick } from './pick.ts'
import { minute, table } from './table.ts'

test('columns are as wide as they need to be, also for characters of two columns', () => {
  expect(
    table(
      ['name', 'state'],
      [
        ['営業', 'ok'],
        ['Sales', ''],
      ],
    ),
  ).toBe('name   state\n営業   ok\nSales')
})

test('a name cannot command the terminal', () => {
  expect(table(['name'], [['\x1b[2J\u202eevil']])).toBe('name\n?[2J?evil')
})

test('times are to the minute', () => {
  expect([minute('2026-11-22T10:00:59.000Z'), minute(null)]).toEqual(['2026-11-22 10:00', 'never'])
})

const owners = [
  { id: 'a1', name: 'Sales' },
  { id: 'a2', name: 'Support' },
  { id: 'a3', name: 'Support' },
  { id: 'a4', name: 'a1' },
]

test('something is meant by its id, or else by a name that only one has', () => {
  expect(pick('owner', 'a2', owners).id).toBe('a2')
  expect(pick('owner', 'Sales', owners).id).toBe('a1')
  expect(pick('owner', 'a1', owners).id).toBe('a1')
  expect(() => pick('owner', 'Support', owners)).toThrow('2 owners are called "Support". Say which by its id: a2, a3')
  expect(() => pick('owner', 'sals', owners)).toThrow('There is no owner "sals", neither by id nor by name. Did you mean "Sales"?')
  expect(() => pick('owner', 'x', [])).toThrow('There is no owner "x", neither by id nor by name.')
})
