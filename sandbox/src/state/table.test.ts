import { expect, test } from 'vitest'
import type { Row } from './records.ts'
import { Table } from './table.ts'

interface Thing extends Row {
  size: number | null
}
const thing = (size: number | null) => ({ size, add_time: '', update_time: null, is_deleted: false, readable_from: 0, deleted_at: null })
const sizes = (table: Table<Thing>, ...walk: Parameters<Table<Thing>['walk']>) =>
  [...table.walk(...walk)].map(({ id, size }) => `${id}:${size}`)

test('ids go up, also after a row that brought its own', () => {
  const table = new Table<Thing>()
  expect([table.insert(thing(1)).id, table.insert({ ...thing(1), id: 10 }).id, table.insert(thing(1)).id]).toEqual([1, 10, 11])
  expect(table.size).toBe(3)
})

test('a sort order is maintained after its first use; null sorts first', () => {
  const table = new Table<Thing>()
  for (const size of [5, 3, null]) table.insert(thing(size))
  expect(sizes(table, 'size')).toEqual(['3:null', '2:3', '1:5'])
  table.insert(thing(3))
  table.change(table.get(1)!, { size: 1 })
  expect(sizes(table, 'size')).toEqual(['3:null', '1:1', '2:3', '4:3'])
  expect(sizes(table, 'size', 'desc')).toEqual(['4:3', '2:3', '1:1', '3:null'])
})

test('a walk continues after a position, even if its row has moved', () => {
  const table = new Table<Thing>()
  for (const size of [1, 2, 2, 3]) table.insert(thing(size))
  expect(sizes(table, 'size', 'asc', { key: 2, id: 2 })).toEqual(['3:2', '4:3'])
  expect(sizes(table, 'size', 'desc', { key: 2, id: 3 })).toEqual(['2:2', '1:1'])
  table.change(table.get(2)!, { size: 9 })
  expect(sizes(table, 'size', 'asc', { key: 2, id: 2 })).toEqual(['3:2', '4:3', '2:9'])
})

test('an index is updated with its column', () => {
  const table = new Table<Thing>(['size'])
  const [a, b] = [table.insert(thing(1)), table.insert(thing(1))]
  table.change(a, { size: 2 })
  expect([...table.where('size', 1)]).toEqual([b])
  expect([...table.where('size', 2)]).toEqual([a])
  expect([...table.where('size', 3)]).toEqual([])
})

test('a walk is lazy: the caller decides how many rows are touched', () => {
  const table = new Table<Thing>()
  for (let at = 0; at < 100_000; at++) table.insert(thing(at % 7))
  const walk = table.walk('id', 'desc', { key: 50_000, id: 50_000 })
  expect([walk.next().value?.id, walk.next().value?.id]).toEqual([49_999, 49_998])
})

test('observers get each change synchronously: the row after it, and the previous values of its changed columns', () => {
  const table = new Table<Thing>(['size'], 'things')
  const visible: unknown[] = []
  const end = table.observe((change) => visible.push(structuredClone(change)))
  const row = table.insert(thing(1))
  table.change(row, { size: 2, add_time: '' })
  table.change(row, { size: 2 })
  table.remove(row)
  end()
  table.insert(thing(9))
  expect(visible).toEqual([
    { table: 'things', kind: 'insert', row: { ...thing(1), id: 1 } },
    { table: 'things', kind: 'change', row: { ...thing(2), id: 1 }, before: { size: 1 } },
    { table: 'things', kind: 'remove', row: { ...thing(2), id: 1 } },
  ])
})

test('a removed row is in no sort order and no index, and its id is not reused', () => {
  const table = new Table<Thing>(['size'])
  const [, second] = [table.insert(thing(1)), table.insert(thing(1))]
  expect(sizes(table, 'size')).toEqual(['1:1', '2:1'])
  table.remove(second)
  expect([sizes(table), sizes(table, 'size'), [...table.where('size', 1)].length, table.get(2)]).toEqual([['1:1'], ['1:1'], 1, undefined])
  expect(table.insert(thing(1)).id).toBe(3)
})
