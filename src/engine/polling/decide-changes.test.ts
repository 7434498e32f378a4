import { expect, test } from 'vitest'
import type { RecordKind } from '../../catalog/contract/records/record-kind.ts'
import { decideChanges, hasMoreChanges, changeReaderOf, initChangeCursor, type ChangeCursor } from './decide-changes.ts'
import { newTestRecord, stamp, testRecordKind, type TestRecord } from './test-record.fixture.ts'

const NOW = 1_790_000_000
const NEVER = { at: 0, id: 0 }
const everybodys = () => true
const updates = changeReaderOf(testRecordKind, 'updated')
const doings = changeReaderOf(testRecordKind, 'done')
const watch = (changes: Partial<ChangeCursor> = {}): ChangeCursor => ({
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

test('what is answered is remembered with its moment and, for a minute, with what it looked like', () => {
  const { items, cursor: after } = decideChanges(watch(), { rows: [changed(1, -61), changed(2)], complete: true }, updates, NOW, everybodys)
  expect(idsOf(items)).toEqual([1, 2])
  expect(after.seen.get(1)).toEqual({ at: NOW - 61 })
  expect(after.seen.get(2)).toEqual({ at: NOW, print: expect.any(Number) as number })
})

test('what was closed meanwhile is forgotten', () => {
  const before = watch({ seen: new Map([[1, { at: NOW - 599 }]]) })
  const { cursor: after } = decideChanges(before, { rows: [changed(2, 30)], complete: true }, updates, NOW, everybodys)
  expect([...after.seen.keys()]).toEqual([2])
  expect(after.closed).toEqual({ at: NOW + 30 - 600, id: 0 })
})

test('changes are answered in the order in which they happened, not in that in which the rows were touched', () => {
  const done = (id: number, seconds: number, touched: number) => changed(id, touched, { done_time: stamp((NOW + seconds) * 1_000) })
  const rows = [done(1, -5, -5), done(2, -8, -4), done(3, -2, -1), done(4, -8, 0)]
  expect(idsOf(decideChanges(watch(), { rows, complete: true }, doings, NOW, everybodys).items)).toEqual([2, 4, 1, 3])
})

test('a list that was not read to its end is gone on with right behind the last row, and nothing is closed', () => {
  const before = watch()
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

test('what lies before the place where a look goes on was decided, even where it was forgotten', () => {
  const before = watch({ from: { at: NOW, id: 50 } })
  const { items } = decideChanges(before, { rows: [changed(49), changed(50)], complete: true }, updates, NOW, everybodys)
  expect(idsOf(items)).toEqual([50])
})

test('at its end a look closes what was old when it began, for what was read then could come late since', () => {
  const began = decideChanges(
    watch({ closed: NEVER }),
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

test('of a full first page the second of its oldest row is closed, for others of that second may lie behind it', () => {
  const rows = range(101, 600).map((id) => changed(id))
  const started = initChangeCursor(rows, true, updates, NOW)
  expect(started.closed).toEqual({ at: NOW, id: Number.MAX_SAFE_INTEGER })
  const { items } = decideChanges(started, { rows: [changed(5), changed(601, 1)], complete: true }, updates, NOW, everybodys)
  expect(idsOf(items)).toEqual([601])
})

test('a company where nothing was ever changed is watched from a day ago on', () => {
  expect(initChangeCursor([], false, updates, NOW)).toMatchObject({ closed: { at: NOW - 87_000, id: 0 }, from: undefined })
})

test('a moment that cannot be read is none', () => {
  const rows = [changed(1, 0, { done_time: 'yesterday' }), changed(2, 0, { done_time: null })]
  expect(decideChanges(watch({ closed: NEVER }), { rows, complete: true }, doings, NOW, everybodys).items).toEqual([])
})

test('what cannot happen to a kind of record cannot be looked for', () => {
  expect(() => changeReaderOf(testRecordKind as unknown as RecordKind, 'lost')).toThrow('it cannot be read from a deal that it was lost')
})
