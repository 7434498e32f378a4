import { expect, test } from 'vitest'
import type { DatedRow } from '../../catalog/contract/records/record-kind.ts'
import { coveredFrom, decideNew, pageSize, planWindows, initCursor, type Scan, type Cursor } from './decide-new.ts'

const NOW = 1_790_000_000
const MINUTE = 60
const at = (seconds: number) => new Date(seconds * 1_000).toISOString().replace('.000', '')
const row = (id: number, age = 0): DatedRow => ({ id, add_time: at(NOW - age) })
const range = (from: number, to: number) => Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i)
const rows = (from: number, to: number, age = 0) => range(from, to).map((id) => row(id, age))
const all = (rows: DatedRow[]): Scan<DatedRow> => ({ rows, knownUpTo: Infinity, lateScanned: true })
const everyone = () => true
const ids = (rows: readonly DatedRow[]) => rows.map(({ id }) => id)

const cursor: Cursor = { watermark: 100, floor: 0, seen: new Set(range(1, 100)), lookbackFrom: NOW - 12 * MINUTE, hasMore: false }
const without = (...gone: number[]): Cursor => ({ ...cursor, seen: new Set(range(1, 100).filter((id) => !gone.includes(id))) })

test('a record above the watermark is new, regardless of its add_time', () => {
  const { items } = decideNew(cursor, all([row(103, 90 * MINUTE), { id: 102, add_time: 'soon' }, row(101), row(100)]), NOW, everyone)
  expect(ids(items)).toEqual([101, 102, 103])
})

test('an unseen id below the watermark is new if it was created after ten minutes before the last scan', () => {
  const scan = all([row(96, 12 * MINUTE), row(97, 12 * MINUTE + 1), { id: 98, add_time: '' }, row(99)])
  expect(ids(decideNew(without(96, 97, 98), scan, NOW, everyone).items)).toEqual([96])
})

test('a late record is found after any pause of the host, because it was late when the state was made', () => {
  const before = without(96)
  expect(ids(decideNew(before, all([row(96, 9 * MINUTE)]), NOW + 86_400, everyone).items)).toEqual([96])
})

test('a seen record is never new: restored, un-archived or re-assigned', () => {
  const { cursor: after } = decideNew(cursor, all([row(101), row(102)]), NOW, ({ id }) => id === 101)
  const again = decideNew(after, all([row(101), row(102)]), NOW + 2 * MINUTE, everyone)
  expect(again.items).toEqual([])
})

test('an old record that becomes visible below the watermark is not new', () => {
  expect(decideNew(without(50), all([row(50, 3_600), row(100)]), NOW, everyone).items).toEqual([])
})

test('an answer holds at most 100, oldest first, and the watermark stops at the last of them', () => {
  const { items, cursor: after } = decideNew(cursor, all(rows(101, 250).toReversed()), NOW, everyone)
  expect(ids(items)).toEqual(range(101, 200))
  expect(after).toMatchObject({ watermark: 200, hasMore: true })
  const rest = decideNew(after, all(rows(101, 250)), NOW + 1, everyone)
  expect(ids(rest.items)).toEqual(range(201, 250))
  expect(rest.cursor).toMatchObject({ watermark: 250, hasMore: false })
})

test('late records that do not fit into the answer are in the next one, regardless of their age', () => {
  const before: Cursor = { watermark: 1_000, floor: 0, seen: new Set([1_000]), lookbackFrom: NOW - 15 * MINUTE, hasMore: false }
  const late = rows(500, 649, 14 * MINUTE)
  const first = decideNew(before, all([...late, row(1_001)]), NOW, everyone)
  expect(ids(first.items)).toEqual(range(500, 599))
  expect(first.cursor).toMatchObject({ watermark: 1_000, hasMore: true })
  const second = decideNew(first.cursor, all([...late, row(1_001)]), NOW + 3_600, everyone)
  expect(ids(second.items)).toEqual([...range(600, 649), 1_001])
  expect(second.cursor.hasMore).toBe(false)
})

test('above the watermark only records up to the first unread gap are returned', () => {
  const scan: Scan<DatedRow> = { rows: [...rows(101, 150), ...rows(900, 999)], knownUpTo: 600, lateScanned: true }
  const { items, cursor: after } = decideNew(cursor, scan, NOW, everyone)
  expect(ids(items)).toEqual(range(101, 150))
  expect(after).toMatchObject({ watermark: 600, hasMore: true })
})

test('a record older than ten minutes closes every id below it, a younger one does not', () => {
  const { cursor: after } = decideNew(cursor, all([row(101, 11 * MINUTE), row(103, 9 * MINUTE + 30)]), NOW, everyone)
  expect(after).toMatchObject({ watermark: 103, floor: 101 })
  expect([...after.seen]).toEqual([103])
})

test('an imported record with an add_time of last year does not close the young ids below it', () => {
  const { cursor: after } = decideNew(cursor, all([row(101), row(103, 365 * 86_400)]), NOW, everyone)
  expect(after.floor).toBeLessThan(101)
  expect(ids(decideNew(after, all([row(102, -30)]), NOW + 60, everyone).items)).toEqual([102])
})

test('the first scan returns nothing, closes everything below a full page and leaves young gaps open', () => {
  const page = rows(501, 1_000, 3_600).filter(({ id }) => id !== 700)
  const young = [...rows(1_001, 1_003), row(1_005)]
  const first = initCursor([...page, ...young], 501, NOW)
  expect(first).toMatchObject({ watermark: 1_005, floor: 1_000, hasMore: false })
  const later = decideNew(first, all([row(400), row(700), row(1_004, 5), ...young]), NOW + 60, everyone)
  expect(ids(later.items)).toEqual([1_004])
})

test('an empty account starts at id 0 and returns its first record', () => {
  const first = initCursor([], 0, NOW)
  expect(first).toMatchObject({ watermark: 0, floor: 0 })
  expect(ids(decideNew(first, all([row(1)]), NOW + 60, everyone).items)).toEqual([1])
})

test('a page covers every id unless it is full', () => {
  expect(coveredFrom({ rows: rows(5, 9), nextCursor: null }, 100)).toBe(0)
  expect(coveredFrom({ rows: rows(5, 104), nextCursor: null }, 100)).toBe(5)
  expect(coveredFrom({ rows: rows(5, 9), nextCursor: 'more' }, 100)).toBe(5)
  expect(coveredFrom({ rows: [], nextCursor: null }, 100)).toBe(0)
})

test('a page is just large enough to reach the floor, so that an idle poll needs no windows', () => {
  expect(pageSize({ ...cursor, watermark: 400, floor: 100, seen: new Set([400]) })).toBe(350)
  expect(pageSize({ ...cursor, watermark: 400, floor: 395 })).toBe(100)
  expect(pageSize({ ...cursor, watermark: 3_000, floor: 0 })).toBe(500)
})

test('gaps on the page cost no windows, those below it do', () => {
  const before: Cursor = { ...cursor, watermark: 1_000, floor: 700, seen: new Set(range(701, 1_000).filter((id) => id % 100 !== 50)) }
  expect(planWindows(before, 700, NOW)).toMatchObject({ late: [], lateScanned: true })
  expect(planWindows(before, 900, NOW)).toMatchObject({ late: [[750, 850]], lateScanned: true })
})

test('a backlog always gets a window, also beside many late candidates', () => {
  const before: Cursor = { ...cursor, watermark: 3_000, floor: 0, seen: new Set() }
  const { late, backlog } = planWindows(before, 4_001, NOW)
  expect(late.map((window) => [window[0], window.length])).toEqual([1_001, 1_101, 1_201, 1_301].map((first) => [first, 100]))
  expect(backlog).toEqual({ from: 3_001, until: 4_000, windows: 1 })
})

test('while a backlog is returned the late candidates are not read again each second, and they do not expire', () => {
  const before: Cursor = { ...cursor, watermark: 1_000, floor: 0, seen: new Set(), lookbackFrom: NOW - 11 * MINUTE, hasMore: true }
  const { late, lateScanned } = planWindows(before, 2_000, NOW)
  expect([late, lateScanned]).toEqual([[], false])
  const { cursor: after } = decideNew(before, { rows: [], knownUpTo: 1_100, lateScanned }, NOW, everyone)
  expect(after.lookbackFrom).toBe(before.lookbackFrom)
  expect(decideNew(before, { rows: [], knownUpTo: Infinity, lateScanned }, NOW, everyone).cursor.hasMore).toBe(true)
  expect(planWindows(after, 2_000, NOW + MINUTE).late).not.toEqual([])
})

test('a state far above every existing id returns nothing and reads nothing more', () => {
  const before: Cursor = { ...cursor, watermark: 1_000_000, floor: 0, seen: new Set([1_000_000]) }
  expect(planWindows(before, coveredFrom({ rows: rows(1, 40), nextCursor: null }, 100), NOW)).toMatchObject({
    late: [],
    backlog: { from: 1_000_001, until: 1_000_000 },
  })
  const { items, cursor: after } = decideNew(before, all(rows(1, 40)), NOW, everyone)
  expect(items).toEqual([])
  expect(after.watermark).toBe(1_000_000)
})
