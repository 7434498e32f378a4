import { expect, test } from 'vitest'
import type { TriggerRow } from '../../catalog/contract/records/record-kind.ts'
import { afterId, isLowerId, type RecordId } from '../../kit/record-id.ts'
import { hasTextIds, readChangeCursor, SEEN_BYTES, writeChangeCursor } from './change-cursor-bytes.ts'
import { hasMoreChanges, type ChangeCursor, type ChangeReader } from './decide-changes.ts'
import { scanForChanges, type ChangeList } from './scan-for-changes.ts'
import { readState } from './state-bytes.ts'

const NOW = 1_790_000_000
const uuid = (n: number) => `${(n * 2_654_435_761).toString(16).padStart(8, '0').slice(-8)}-5717-4562-b3fc-2c963f66afa6`
const stamp = (seconds: number) => new Date(seconds * 1_000).toISOString().replace('.000', '')

type Lead = TriggerRow<RecordId>
const lead = (n: number, addedAt: number, updatedAt = addedAt): Lead => ({
  id: uuid(n),
  add_time: stamp(addedAt),
  update_time: stamp(updatedAt),
  owner_id: 1,
  is_deleted: false,
})

/** UUIDs do not grow: a new record is one whose add_time is later than the cursor. */
const added: ChangeReader<Lead> = { at: (row) => Date.parse(row.add_time) / 1_000 }

const listOf =
  (rows: () => readonly Lead[], pageRows = 500): ChangeList<Lead> =>
  (query) => {
    if ('latest' in query) return Promise.resolve({ rows: [...rows()], nextCursor: null })
    const from = Number(query.cursor ?? 0)
    const found = rows().filter((row) => row.update_time! >= query.since)
    const page = found.slice(from, from + pageRows)
    return Promise.resolve({ rows: page, nextCursor: found.length > from + pageRows ? String(from + pageRows) : null })
  }

const stored = (cursor: ChangeCursor): ChangeCursor =>
  readChangeCursor(readState(Uint8Array.from(writeChangeCursor(cursor))), hasMoreChanges(cursor), hasTextIds(cursor))

test('numbers are compared as numbers, texts as texts, and a number is lower than any text', () => {
  expect([isLowerId(9, 10), isLowerId(10, 9), isLowerId('a', 'b'), isLowerId(99, 'a'), isLowerId('a', 99)]).toEqual([
    true,
    false,
    true,
    true,
    false,
  ])
  expect(isLowerId(uuid(1), afterId(uuid(1)))).toBe(true)
})

test('each record with a UUID is returned once when it is added, in any order of ids, also within one second', async () => {
  let rows = [lead(1, NOW), lead(2, NOW)]
  const list = listOf(() => rows)
  let { cursor } = await scanForChanges(list, undefined, added, NOW)
  const told = async () => {
    const { items, cursor: next } = await scanForChanges(list, stored(cursor), added, NOW)
    cursor = next
    return items.map(({ id }) => id)
  }
  expect(await told()).toEqual([])
  rows = [...rows, lead(3, NOW), lead(4, NOW), lead(5, NOW + 60)]
  expect(await told()).toEqual([...[uuid(3), uuid(4)].toSorted((a, b) => (a < b ? -1 : 1)), uuid(5)])
  // A change of an old record is no addition.
  rows = [...rows.slice(1), lead(1, NOW, NOW + 90)]
  expect(await told()).toEqual([])
})

test('hundreds of records with UUIDs in one second arrive once each, over several answers', async () => {
  const rows: Lead[] = []
  const list = listOf(() => rows, 50)
  let { cursor } = await scanForChanges(list, undefined, added, NOW)
  rows.push(...Array.from({ length: 320 }, (_, n) => lead(n, NOW)).toSorted((a, b) => (a.id < b.id ? -1 : 1)))
  const told: RecordId[] = []
  do {
    const { items, cursor: next } = await scanForChanges(list, stored(cursor), added, NOW)
    told.push(...items.map(({ id }) => id))
    cursor = next
  } while (hasMoreChanges(cursor))
  // Within one second they come in the order of their ids, which is that of `rows`.
  expect(told).toEqual(rows.map(({ id }) => id))
})

test('a state holds UUIDs in 16 bytes, keeps their other spellings, and stays below its limit', () => {
  const position = { at: NOW, id: 0 }
  const cursor = (ids: readonly RecordId[]): ChangeCursor => ({
    closed: position,
    closing: position,
    from: undefined,
    seen: new Map(ids.map((id, n) => [id, { at: NOW + n }])),
  })
  const some = cursor([uuid(1), uuid(2).toUpperCase()])
  expect(stored(some)).toEqual(some)
  const continued: ChangeCursor = { ...some, from: { at: NOW, id: afterId(uuid(3)) } }
  expect(stored(continued)).toEqual(continued)
  expect(writeChangeCursor(cursor(Array.from({ length: 1_000 }, (_, n) => uuid(n)))).length).toBeLessThan(SEEN_BYTES + 100)
})
