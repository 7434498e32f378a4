import { expect, test } from 'vitest'
import type { RecordKind } from '../../catalog/contract/records/record-kind.ts'
import { decideChanges, hasMoreChanges, changeReaderOf, initChangeCursor, type ChangeCursor } from './decide-changes.ts'
import { newTestRecord, stamp, testRecordKind, type TestRecord } from './test-record.fixture.ts'

const NOW = 1_790_000_000
const NEVER = { at: 0, id: 0 }
const everybodys = () => true
const updates = changeReaderOf(testRecordKind, 'updated')
const doings = changeReaderOf(testRecordKind, 'done')
const cursor = (changes: Partial<ChangeCursor> = {}): ChangeCursor => ({
  closed: { at: NOW - 600, id: 0 },
  closing: { at: NOW - 600, id: 0 },
  from: undefined,
  seen: new Map(),
  ...changes,
})
/** Changed so many seconds from now, long after it was added. */
const changed = (id: number, seconds = 0, more: Partial<TestRecord> = {}) =>
  newTestRecord(id, (NOW - 86_400) * 1_000, { update_time: stamp((NOW + seconds) * 1_000), ...more })
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)
const idsOf = (rows: readonly TestRecord[]) => rows.map(({ id }) => id)

test('a returned change is stored with its time and, for a minute, with its fingerprint', () => {
  const { items, cursor: after } = decideChanges(
    cursor(),
    { rows: [changed(1, -61), changed(2)], complete: true },
    updates,
    NOW,
    everybodys,
  )
  expect(idsOf(items)).toEqual([1, 2])
  expect(after.seen.get(1)).toEqual({ at: NOW - 61 })
  expect(after.seen.get(2)).toEqual({ at: NOW, fingerprint: expect.any(Number) as number })
})

test('changes closed meanwhile are removed', () => {
  const before = cursor({ seen: new Map([[1, { at: NOW - 599 }]]) })
  const { cursor: after } = decideChanges(before, { rows: [changed(2, 30)], complete: true }, updates, NOW, everybodys)
  expect([...after.seen.keys()]).toEqual([2])
  expect(after.closed).toEqual({ at: NOW + 30 - 600, id: 0 })
})

test('changes are returned in the order in which they happened, not in the order of the update times', () => {
  const done = (id: number, seconds: number, touched: number) => changed(id, touched, { done_time: stamp((NOW + seconds) * 1_000) })
  const rows = [done(1, -5, -5), done(2, -8, -4), done(3, -2, -1), done(4, -8, 0)]
  expect(idsOf(decideChanges(cursor(), { rows, complete: true }, doings, NOW, everybodys).items)).toEqual([2, 4, 1, 3])
})

test('an incomplete list is continued after the last row, and nothing is closed', () => {
  const before = cursor()
  const { items, cursor: after } = decideChanges(
    before,
    { rows: [changed(7, -3), changed(9, -2)], complete: false },
    updates,
    NOW,
    everybodys,
  )
  expect(idsOf(items)).toEqual([7, 9])
  expect(after).toMatchObject({ from: { at: NOW - 2, id: 10 }, closed: before.closed })
  expect([...after.seen.keys()]).toEqual([7, 9])
})

test('rows before the position where a scan continues are decided, even if they were dropped', () => {
  const before = cursor({ from: { at: NOW, id: 50 } })
  const { items } = decideChanges(before, { rows: [changed(49), changed(50)], complete: true }, updates, NOW, everybodys)
  expect(idsOf(items)).toEqual([50])
})

test('a complete scan closes what was old when it began, because later changes can still arrive late', () => {
  const began = decideChanges(
    cursor({ closed: NEVER }),
    { rows: range(1, 101).map((id) => changed(id, -10)), complete: true },
    updates,
    NOW,
    everybodys,
  )
  expect([began.items.length, hasMoreChanges(began.cursor), began.cursor.from]).toEqual([100, true, { at: NOW - 10, id: 101 }])
  const ended = decideChanges(
    began.cursor,
    { rows: [changed(101, -10), changed(102, 500)], complete: true },
    updates,
    NOW + 500,
    everybodys,
  )
  expect([idsOf(ended.items), hasMoreChanges(ended.cursor), ended.cursor.closed]).toEqual([[101, 102], false, { at: NOW - 610, id: 0 }])
})

test('a full first page closes the second of its oldest row, because more rows of that second may follow', () => {
  const rows = range(101, 600).map((id) => changed(id))
  const started = initChangeCursor(rows, true, updates, NOW)
  expect(started.closed).toEqual({ at: NOW + 1, id: 0 })
  const { items } = decideChanges(started, { rows: [changed(5), changed(601, 1)], complete: true }, updates, NOW, everybodys)
  expect(idsOf(items)).toEqual([601])
})

test('a company without any change is scanned from a day ago', () => {
  expect(initChangeCursor([], false, updates, NOW)).toMatchObject({ closed: { at: NOW - 87_000, id: 0 }, from: undefined })
})

test('an unreadable time is no time', () => {
  const rows = [changed(1, 0, { done_time: 'yesterday' }), changed(2, 0, { done_time: null })]
  expect(decideChanges(cursor({ closed: NEVER }), { rows, complete: true }, doings, NOW, everybodys).items).toEqual([])
})

test('an event type that a kind of record does not have cannot be read', () => {
  expect(() => changeReaderOf(testRecordKind as unknown as RecordKind, 'lost')).toThrow('a deal does not show when it was lost')
})
