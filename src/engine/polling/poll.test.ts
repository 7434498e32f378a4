import * as z from 'zod'
import { expect, test } from 'vitest'
import { defineTrigger } from '../../catalog/define.ts'
import { fillRow } from '../../catalog/mapping.ts'
import { manualClock } from '../../kit/clock.ts'
import { noMetrics } from '../../kit/metrics.ts'
import { parseKeyRing } from '../../kit/key-ring.ts'
import { Secret } from '../../kit/secret.ts'
import type { ReferenceData, Pipedrive } from '../../pipedrive/pipedrive.ts'
import { pollTrigger, type Poll } from './poll.ts'
import { newTestRecord, stamp, testRecordKind, type TestRecord } from './test-record.fixture.ts'
import { openTriggerState } from './trigger-state.ts'

const ME = 11
const COLLEAGUE = 12
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

/** A company with one list of things, and a host that polls it; `asked` is what went upstream. */
function company() {
  const clock = manualClock()
  const ring = parseKeyRing(`k:${Buffer.alloc(32, 1).toString('base64')}`)
  const things: TestRecord[] = []
  const asked: string[] = []
  const users: Record<string, { id: number; company_id: number }> = {
    mine: { id: ME, company_id: 1 },
    colleague: { id: COLLEAGUE, company_id: 1 },
    stranger: { id: 99, company_id: 2 },
  }
  const trigger = defineTrigger({
    set: 'deals',
    id: 'TrigNewThing',
    path: '/things',
    input: z.object({}),
    output: z.object({ id: z.number() }),
    record: testRecordKind,
    event: 'added',
    poll: {
      list: (_pipedrive, query) => {
        const newestFirst = things.toReversed()
        if ('ids' in query) {
          asked.push(`${query.ids[0]}-${query.ids.at(-1)}`)
          return Promise.resolve({ rows: newestFirst.filter(({ id }) => query.ids.includes(id)), nextCursor: null })
        }
        if (!('newest' in query)) throw new RangeError('an added trigger asks by id alone')
        asked.push(`newest ${query.newest}`)
        return Promise.resolve({ rows: newestFirst.slice(0, query.newest), nextCursor: things.length > query.newest ? 'more' : null })
      },
      ownerId: (thing: TestRecord) => thing.owner_id,
      fields: testRecordKind.fields,
    },
  })
  const fillAll: Poll['fillAll'] = (mapping, sources) => Promise.resolve(sources.map((source) => fillRow(mapping, source, {})))

  return {
    clock,
    asked,
    add(count: number, owner_id = ME) {
      for (let n = 0; n < count; n++) {
        things.push(newTestRecord(things.length + 1, clock.now(), { owner_id }))
      }
    },
    async poll(state?: string, { key = 'mine', ...changes }: { key?: string } & Partial<Poll> = {}) {
      asked.length = 0
      const me = () => {
        asked.push('me')
        return Promise.resolve({ ...users[key]!, name: key, email: '', active_flag: true })
      }
      const { items, ...outcome } = await pollTrigger({
        trigger,
        before: state === undefined ? undefined : openTriggerState(state, { triggerId: trigger.id, ring }),
        filters: {},
        principal: { key: new Secret(key), principal: key },
        pipedrive: {} as Pipedrive,
        referenceData: { me } as unknown as ReferenceData,
        fillAll,
        ring,
        clock,
        metrics: noMetrics,
        activities: 'mine',
        ...changes,
      })
      return { ...outcome, ids: (items as { id: number }[]).map(({ id }) => id) }
    },
  }
}

test('the first poll returns nothing, and its state is served at once', async () => {
  const { add, poll, asked } = company()
  add(3)
  const first = await poll()
  expect([first.ids, first.retryAfterSeconds, asked]).toEqual([[], 120, ['me', 'newest 500']])
  add(1)
  expect((await poll(first.state)).ids).toEqual([4])
  expect(asked).toEqual(['newest 100'])
})

test('a state is served from 115 s after its issue; before, it is refused with the remaining seconds and without a request upstream', async () => {
  const { clock, poll, asked } = company()
  const { state } = await poll((await poll()).state)
  clock.advance(100_400)
  await expect(poll(state)).rejects.toMatchObject({
    status: 429,
    code: 'RateLimitExceeded',
    message: 'Rate limit is exceeded. Try again in 15 seconds.',
    retryAfterSeconds: 15,
  })
  clock.advance(14_600)
  expect(asked).toEqual([])
  expect((await poll(state)).retryAfterSeconds).toBe(120)
})

test('while more records are available the next poll is due in a second and served at once', async () => {
  const { add, poll } = company()
  const first = await poll()
  add(150)
  const full = await poll(first.state)
  expect([full.ids, full.retryAfterSeconds]).toEqual([range(1, 100), 1])
  const rest = await poll(full.state)
  expect([rest.ids, rest.retryAfterSeconds]).toEqual([range(101, 150), 120])
})

test('a backlog is read by id, upward from the watermark, only until the answer is full', async () => {
  const { add, poll, asked } = company()
  const first = await poll()
  add(1_000)
  const second = await poll(first.state)
  expect(asked).toEqual(['newest 100', '1-100'])
  const third = await poll(second.state)
  expect([third.ids, asked]).toEqual([range(101, 200), ['newest 500', '101-200']])
})

test("others' records do not fill an answer: up to five windows are asked for, and the next poll goes on from there at once", async () => {
  const { add, poll, asked } = company()
  const first = await poll()
  add(1_000, COLLEAGUE)
  add(1)
  const second = await poll(first.state)
  expect([second.ids, second.retryAfterSeconds]).toEqual([[], 1])
  expect(asked).toEqual(['newest 100', '1-100', '101-200', '201-300', '301-400', '401-500'])
  const third = await poll(second.state)
  expect([third.ids, third.retryAfterSeconds]).toEqual([[1_001], 120])
  expect(asked).toEqual(['newest 500', '501-501'])
})

test("with `activities: 'all'` everybody's records are answered", async () => {
  const { add, poll } = company()
  const first = await poll()
  add(2, COLLEAGUE)
  expect((await poll(first.state)).ids).toEqual([])
  expect((await poll(first.state, { activities: 'all' })).ids).toEqual([1, 2])
})

test("a colleague's key goes on with the colleague's records after one look at whose it is", async () => {
  const { clock, add, poll, asked } = company()
  const first = await poll()
  add(1)
  add(1, COLLEAGUE)
  const theirs = await poll(first.state, { key: 'colleague' })
  expect([theirs.ids, asked]).toEqual([[2], ['me', 'newest 100']])
  clock.advance(120_000)
  add(1, COLLEAGUE)
  expect((await poll(theirs.state, { key: 'colleague' })).ids).toEqual([3])
  expect(asked).toEqual(['newest 100'])
})

test('the key of another company is refused before any list is read', async () => {
  const { poll, asked } = company()
  const { state } = await poll()
  await expect(poll(state, { key: 'stranger' })).rejects.toMatchObject({ status: 400, code: 'InvalidTriggerState' })
  expect(asked).toEqual(['me'])
})

test('an empty state is refused and does not count as a first poll', async () => {
  await expect(company().poll('')).rejects.toMatchObject({ status: 400, code: 'InvalidTriggerState' })
})

test('records that could not be filled stay new: the poll fails, and the same state returns them again', async () => {
  const { add, poll } = company()
  const { state } = await poll()
  add(2)
  await expect(poll(state, { fillAll: () => Promise.reject(new Error('Pipedrive is away')) })).rejects.toThrow('Pipedrive is away')
  expect((await poll(state)).ids).toEqual([1, 2])
})

test('an older state returns the same records and newer ones', async () => {
  const { clock, add, poll } = company()
  const { state } = await poll()
  add(2)
  const lost = await poll(state)
  clock.advance(3_600_000)
  add(1)
  expect((await poll(state)).ids).toEqual([...lost.ids, 3])
})

/** The same company behind a trigger of changes: whose things were done. */
function changing() {
  const clock = manualClock()
  const ring = parseKeyRing(`k:${Buffer.alloc(32, 1).toString('base64')}`)
  const things: TestRecord[] = []
  const asked: object[] = []
  const trigger = defineTrigger({
    set: 'deals',
    id: 'TrigThingDone',
    path: '/things/done',
    input: z.object({}),
    output: z.object({ id: z.number() }),
    record: testRecordKind,
    event: 'done',
    poll: {
      list: (_pipedrive, query) => {
        asked.push(query)
        return Promise.resolve({ rows: [...things], nextCursor: null })
      },
      ownerId: (thing: TestRecord) => thing.owner_id,
      fields: testRecordKind.fields,
    },
  })
  return {
    asked,
    clock,
    finish(more: Partial<TestRecord> = {}) {
      const done_time = stamp(clock.now())
      things.push(newTestRecord(things.length + 1, clock.now(), { update_time: done_time, done_time, ...more }))
    },
    async poll(state?: string, changes: Partial<Poll> = {}) {
      asked.length = 0
      const { items, ...outcome } = await pollTrigger({
        trigger,
        before: state === undefined ? undefined : openTriggerState(state, { triggerId: trigger.id, ring }),
        filters: {},
        principal: { key: new Secret('mine'), principal: 'mine' },
        pipedrive: {} as Pipedrive,
        referenceData: {
          me: () => Promise.resolve({ id: ME, company_id: 1, name: 'me', email: '', active_flag: true }),
        } as unknown as ReferenceData,
        fillAll: (mapping, sources) => Promise.resolve(sources.map((source) => fillRow(mapping, source, {}))),
        ring,
        clock,
        metrics: noMetrics,
        activities: 'mine',
        ...changes,
      })
      return { ...outcome, ids: (items as { id: number }[]).map(({ id }) => id) }
    },
  }
}

test('a trigger for changes starts with the latest change, and then reads what was touched since', async () => {
  const { poll, finish, asked } = changing()
  finish()
  const first = await poll()
  expect([first.ids, first.retryAfterSeconds, asked]).toEqual([[], 120, [{ latestChanged: 500 }]])
  finish()
  expect((await poll(first.state)).ids).toEqual([2])
  expect(asked).toEqual([{ changedSince: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string }])
})

test('filters omit what does not match, and one state serves any filters', async () => {
  const { poll, finish } = changing()
  const { state } = await poll()
  finish({ color: 'blue' })
  finish({ color: 'red' })
  expect((await poll(state, { filters: { color: 'red' } })).ids).toEqual([2])
  expect((await poll(state, { filters: { color: 'green' } })).ids).toEqual([])
  expect((await poll(state)).ids).toEqual([1, 2])
})

test("who names an owner gets that owner's records, and without a name one's own", async () => {
  const { poll, finish } = changing()
  const { state } = await poll()
  finish({ owner_id: COLLEAGUE })
  finish()
  expect((await poll(state)).ids).toEqual([2])
  expect((await poll(state, { filters: { owner_id: COLLEAGUE } })).ids).toEqual([1])
  expect((await poll(state, { activities: 'all' })).ids).toEqual([1, 2])
})

test('changes are limited to one poll in 115 s like new records, and after more than 100 the next poll is due in a second', async () => {
  const { poll, finish, clock } = changing()
  let { state } = await poll()
  for (let n = 0; n < 150; n++) finish()
  const full = await poll(state)
  expect([full.ids.length, full.retryAfterSeconds]).toEqual([100, 1])
  const rest = await poll(full.state)
  expect([rest.ids.length, rest.retryAfterSeconds]).toEqual([50, 120])
  ;({ state } = rest)
  await expect(poll(state)).rejects.toMatchObject({ status: 429, retryAfterSeconds: 115 })
  clock.advance(115_000)
  expect((await poll(state)).ids).toEqual([])
})

test('a state made for another event type of the trigger is refused', async () => {
  const { poll } = changing()
  const cursor = { watermark: 1, floor: 0, seen: new Set<number>(), lookbackFrom: 0, hasMore: false }
  const before = { companyId: 1, userId: ME, cursor, notBefore: 0, madeWith: () => true }
  await expect(poll(undefined, { before })).rejects.toMatchObject({ status: 400, code: 'InvalidTriggerState' })
})
