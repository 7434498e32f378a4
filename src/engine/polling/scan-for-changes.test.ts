import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { EventType } from '../../catalog/contract/records/record-kind.ts'
import { hasMoreChanges, changeReaderOf, type ChangeCursor } from './decide-changes.ts'
import { scanForChanges, type ChangeList } from './scan-for-changes.ts'
import { newTestRecord, stamp, testRecordKind, type TestRecord } from './test-record.fixture.ts'

const START = 1_790_000_000
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

interface Version {
  row: TestRecord
  readableAt: number
}

/** A list of things that change, in pages of `pageRows`; `skew` is by how much the connector's clock is ahead. */
function world({ happening = 'updated', pageRows = 500, skew = 0 }: { happening?: EventType; pageRows?: number; skew?: number } = {}) {
  let now = START
  let cursor: ChangeCursor | undefined
  const versions = new Map<number, Version[]>()
  const asked: string[] = []
  const betweenPages: (() => void)[] = []
  const current = (id: number) => versions.get(id)!.at(-1)!.row
  const rows = () => [...versions.values()].flatMap((all) => all.findLast(({ readableAt }) => readableAt <= now)?.row ?? [])
  const order = (a: TestRecord, b: TestRecord) => (a.update_time ?? '').localeCompare(b.update_time ?? '') || a.id - b.id

  const list: ChangeList<TestRecord> = (query) => {
    if ('latest' in query) {
      asked.push('latest')
      const latest = rows().toSorted(order).reverse()
      return Promise.resolve({ rows: latest.slice(0, pageRows), nextCursor: latest.length > pageRows ? 'more' : null })
    }
    if (query.cursor !== undefined) betweenPages.shift()?.()
    asked.push(query.cursor === undefined ? `since ${Date.parse(query.since) / 1_000 - START}` : 'next')
    const [time, id] = query.cursor?.split('/') ?? ['', '0']
    const behind = (row: TestRecord) =>
      (row.update_time ?? '') > time! || ((row.update_time ?? '') === time && row.id > Number(id)) || query.cursor === undefined
    const found = rows().filter((row) => (row.update_time ?? row.add_time) >= query.since && behind(row))
    const page = found.toSorted(order).slice(0, pageRows)
    const last = page.at(-1)
    return Promise.resolve({ rows: page, nextCursor: found.length > page.length ? `${last!.update_time ?? ''}/${last!.id}` : null })
  }

  return {
    asked,
    betweenPages,
    current,
    advance: (seconds: number) => void (now += seconds),
    add: (count: number, more: Partial<TestRecord> = {}) => {
      for (let n = 0; n < count; n++) {
        const id = versions.size + 1
        versions.set(id, [{ row: newTestRecord(id, now * 1_000, { update_time: stamp(now * 1_000), ...more }), readableAt: now }])
      }
    },
    change(id: number, changes: Partial<TestRecord> = {}, { late = 0, at = now } = {}) {
      const row = { ...current(id), update_time: stamp(at * 1_000), ...changes }
      versions.get(id)!.push({ row, readableAt: now + late })
      return row
    },
    time: (seconds = now) => stamp(seconds * 1_000),
    async poll(ours?: (row: TestRecord) => boolean) {
      asked.length = 0
      const found = await scanForChanges(list, cursor, changeReaderOf(testRecordKind, happening), now + skew, ours)
      const before = cursor
      cursor = found.cursor
      return {
        ids: found.items.map(({ id }) => id),
        items: found.items,
        behind: hasMoreChanges(found.cursor),
        lose: () => void (cursor = before),
      }
    },
    get cursor() {
      return cursor!
    },
  }
}

/** An hour-old company of so many things. */
function old(count: number, options: Parameters<typeof world>[0] = {}) {
  const company = world(options)
  company.add(count)
  company.advance(3_600)
  return company
}

test('the first poll returns no history and costs one page', async () => {
  const { poll, asked, change, advance } = old(3)
  change(2)
  expect((await poll()).ids).toEqual([])
  expect(asked).toEqual(['latest'])
  advance(120)
  expect((await poll()).ids).toEqual([])
})

test('a change is returned once, the oldest first', async () => {
  const { poll, change, advance } = old(5)
  await poll()
  for (const id of [4, 1, 3]) {
    advance(1)
    change(id)
  }
  expect((await poll()).ids).toEqual([4, 1, 3])
  advance(120)
  expect((await poll()).ids).toEqual([])
  change(1)
  expect((await poll()).ids).toEqual([1])
})

test('a list is read from ten minutes before the newest seen change, regardless of our clock', async () => {
  const { poll, asked, change, advance } = old(2, { skew: 5 * 3_600 })
  await poll()
  change(1)
  await poll()
  expect(asked).toEqual(['since -600'])
  advance(120)
  await poll()
  expect(asked).toEqual(['since 3000'])
})

test('a change of a day ago is history even if nothing changes, so that a record shared later starts nothing', async () => {
  const { poll, change, advance, time } = old(2)
  await poll()
  advance(7 * 86_400)
  await poll()
  change(1, {}, { at: START + 3_700 })
  expect((await poll()).ids).toEqual([])
  change(2, { update_time: time() })
  expect((await poll()).ids).toEqual([2])
})

test('a change that becomes readable minutes later is returned then', async () => {
  const { poll, change, advance } = old(4)
  await poll()
  change(1, {}, { late: 500 })
  change(2)
  expect((await poll()).ids).toEqual([2])
  for (const id of [3, 4, 3, 4]) {
    advance(120)
    change(id)
    expect((await poll()).ids).toEqual([id])
  }
  advance(60)
  expect((await poll()).ids).toEqual([1])
})

test('a second change within the same second is returned, the first one not again', async () => {
  const { poll, change, advance } = old(2)
  await poll()
  change(1, { color: 'blue' })
  expect((await poll()).ids).toEqual([1])
  change(1, { color: 'green' })
  expect((await poll()).items.map(({ color }) => color)).toEqual(['green'])
  expect((await poll()).ids).toEqual([])
  advance(120)
  change(2)
  expect((await poll()).ids).toEqual([2])
})

test('a record that was just added is not updated, nor is one that was never updated', async () => {
  const { poll, add, change, time, advance } = old(1)
  await poll()
  add(1)
  add(1, { update_time: time(START + 3_601) })
  add(1, { update_time: null })
  expect((await poll()).ids).toEqual([])
  advance(2)
  change(2)
  expect((await poll()).ids).toEqual([2])
})

test('a change of another event type is skipped', async () => {
  const { poll, change, time, advance } = old(3, { happening: 'done' })
  await poll()
  change(1, { done_time: time() })
  change(2, { color: 'blue' })
  expect((await poll()).ids).toEqual([1])
  advance(60)
  change(1, { color: 'blue' })
  expect((await poll()).ids).toEqual([])
  advance(3_600)
  change(1, { color: 'green' })
  change(3, { done_time: time() })
  expect((await poll()).ids).toEqual([3])
})

test('undone and done again is done twice', async () => {
  const { poll, change, time, advance } = old(1, { happening: 'done' })
  await poll()
  for (let n = 0; n < 2; n++) {
    change(1, { done_time: null })
    await poll()
    advance(10)
    change(1, { done_time: time() })
    expect((await poll()).ids).toEqual([1])
  }
})

test('a change of a record with another owner is not returned when the record is re-assigned', async () => {
  const { poll, change, time, advance } = old(2, { happening: 'done' })
  const mine = (row: TestRecord) => row.owner_id === 11
  await poll(mine)
  change(1, { done_time: time(), owner_id: 12 })
  expect((await poll(mine)).ids).toEqual([])
  advance(5)
  change(1, { owner_id: 11 })
  expect((await poll(mine)).ids).toEqual([])
})

describe('more changes than one answer holds', () => {
  test('250 changes of one second are returned 100 at a time, each once', async () => {
    const { poll, change, advance } = old(250)
    await poll()
    for (const id of range(1, 250)) change(id)
    const answers = [await poll(), await poll(), await poll()]
    expect(answers.map(({ ids }) => ids.length)).toEqual([100, 100, 50])
    expect(answers.map(({ behind }) => behind)).toEqual([true, true, false])
    expect(answers.flatMap(({ ids }) => ids)).toEqual(range(1, 250))
    advance(120)
    expect((await poll()).ids).toEqual([])
  })

  test('a scan over several answers continues where the last one ended, and reads the whole overlap again only after its end', async () => {
    const { poll, change, advance, asked } = old(300)
    await poll()
    for (const id of range(1, 300)) {
      if (id % 10 === 0) advance(1)
      change(id)
    }
    await poll()
    expect(asked).toEqual(['since -600'])
    await poll()
    expect(asked).toEqual(['since 3610'])
    expect((await poll()).behind).toBe(false)
    await poll()
    expect(asked).toEqual(['since 3030'])
  })

  test('a row that changes while pages are read is returned once, in its last state', async () => {
    const { poll, change, advance, betweenPages } = old(60, { pageRows: 20 })
    await poll()
    advance(10)
    for (const id of range(1, 60)) change(id, { color: 'blue' })
    advance(10)
    betweenPages.push(() => change(5, { color: 'late' }))
    const { items } = await poll()
    expect(items.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(range(1, 60))
    expect(items.find(({ id }) => id === 5)!.color).toBe('late')
    expect((await poll()).ids).toEqual([])
  })

  test("others' changes do not fill an answer: pages are read up to a limit, and the next poll goes on", async () => {
    const { poll, change, advance } = old(260, { pageRows: 40 })
    const mine = (row: TestRecord) => row.id > 255
    await poll()
    for (const id of range(1, 260)) {
      advance(1)
      change(id)
    }
    expect(await poll(mine)).toMatchObject({ ids: [], behind: true })
    expect(await poll(mine)).toMatchObject({ ids: range(256, 260), behind: false })
  })

  test('a second with more rows than the pages of one answer does not stop the scan', async () => {
    const { poll, change, advance } = old(300, { pageRows: 20 })
    await poll()
    for (const id of range(1, 299)) change(id)
    advance(5)
    change(300)
    const told: number[] = []
    for (let behind = true; behind;) {
      const answer = await poll()
      told.push(...answer.ids)
      behind = answer.behind
    }
    expect(told).toEqual(range(1, 300))
  })
})

type ChangeStep =
  | { do: 'change' | 'finish' | 'reopen'; pick: number; late: number }
  | { do: 'bulk'; from: number; count: number }
  | { do: 'wait'; seconds: number }
  | { do: 'poll'; lost: boolean; meanwhile: number }

const pick = fc.nat(399)
const late = fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 590 }) })
const step: fc.Arbitrary<ChangeStep> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('change' as const, 'finish' as const, 'reopen' as const), pick, late }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('bulk' as const), from: pick, count: fc.integer({ min: 1, max: 390 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.constantFrom(0, 1, 2, 60, 120, 600, 7_200) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('poll' as const), lost: fc.boolean(), meanwhile: pick }) },
)

test.each(['updated', 'done'] as const)('every last change is returned, and none twice: %s', async (happening) => {
  const history = fc.tuple(fc.array(step, { maxLength: 60 }), fc.constantFrom(7, 40, 500), fc.integer({ min: -7_200, max: 7_200 }))
  await fc.assert(
    fc.asyncProperty(history, async ([steps, pageRows, skew]) => {
      const company = old(400, { happening, pageRows, skew })
      let color = 0
      const told = new Map<string, number>()
      const touched = new Set<number>()
      const keyOf = ({ id, color, done_time }: TestRecord) => (happening === 'done' ? `${id} ${done_time}` : `${id} ${color}`)
      const poll = async (lost = false) => {
        const answer = await company.poll()
        if (lost) answer.lose()
        else for (const row of answer.items) told.set(keyOf(row), (told.get(keyOf(row)) ?? 0) + 1)
        return answer.behind && !lost
      }
      const change = (place: number, changes: Partial<TestRecord> = {}, late = 0) => {
        const id = 1 + (place % 400)
        touched.add(id)
        // One second further, so that a time of doing names one doing.
        if (changes.done_time) company.advance(1)
        company.change(id, { color: `c${++color}`, ...changes, ...(changes.done_time && { done_time: company.time() }) }, { late })
      }
      await company.poll()
      for (const step of steps) {
        if (step.do === 'wait') company.advance(step.seconds)
        else if (step.do === 'bulk') for (let n = 0; n < step.count; n++) change(step.from + n)
        else if (step.do === 'poll') {
          company.betweenPages.push(() => change(step.meanwhile))
          await poll(step.lost)
        } else {
          const done = company.current(1 + (step.pick % 400)).done_time
          change(step.pick, { done_time: step.do === 'finish' ? 'now' : step.do === 'reopen' ? null : done }, step.late)
        }
      }
      // A look that was under way when something became readable is not the last one.
      company.betweenPages.length = 0
      while (await poll());
      company.advance(595)
      while (await poll());
      while (await poll());
      const lost = [...touched].map(company.current).filter((row) => (happening === 'done' ? row.done_time : true) && !told.has(keyOf(row)))
      expect(lost).toEqual([])
      expect([...told].filter(([, times]) => times > 1)).toEqual([])
    }),
    { numRuns: 150, seed: Number(process.env['DEALBRIDGE_SEED'] ?? 1_408_342_692) },
  )
})
