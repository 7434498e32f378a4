import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { onEveryEngine } from '../../store/engines.fixture.ts'
import type { Store } from '../../store/store.ts'
import { sweepIdempotencyRecords } from './housekeeping.ts'
import { createJournal, type JournalEntry, type Journal, type JournalStep } from './journal.ts'

const now = Date.parse('2026-11-22T10:00:00Z')
const HOUR = 3_600_000

let ids = 0
const entryOf = (changes: Partial<JournalEntry> = {}): JournalEntry => ({
  id: `intent ${++ids}`,
  name: undefined,
  fingerprint: 'f',
  operation: 'AddDeal',
  requestId: `request ${ids}`,
  createdAtMs: now,
  expiresAtMs: now + HOUR,
  ...changes,
})
const stepOf = (changes: Partial<JournalStep> = {}): JournalStep => ({
  step: 0,
  method: 'POST',
  collection: '/api/v2/deals',
  companyId: 1,
  userId: 2,
  contentHash: 'h',
  sinceId: 40,
  sinceDateMs: now - 3_000,
  state: 'sent',
  recordId: undefined,
  result: undefined,
  sentAtMs: now,
  endedAtMs: undefined,
  ...changes,
})
const runOf = ({ id, requestId }: JournalEntry) => ({ intentId: id, requestId })

onEveryEngine('the journal of intents', (newStore) => {
  let store: Store
  let journal: Journal
  beforeAll(async () => {
    store = await newStore()
    journal = createJournal(store)
  })
  afterAll(() => store.close())
  beforeEach(() => store.db.deleteFrom('intents').execute())

  const begun = async (entry: Partial<JournalEntry> = {}, step: Partial<JournalStep> = {}) => {
    const one = entryOf(entry)
    expect(await journal.begin(one, stepOf(step), now + 30_000)).toBe(true)
    return one
  }

  test('an intent is there with its first write, or not at all', async () => {
    const entry = await begun({ name: 'n' })
    expect(await journal.find('n')).toEqual({
      id: entry.id,
      fingerprint: 'f',
      state: 'running',
      answer: undefined,
      requestId: entry.requestId,
      leaseUntilMs: now + 30_000,
      expiresAtMs: now + HOUR,
    })
    expect(await journal.steps(entry.id)).toEqual([stepOf()])
  })

  test('of many who want one name at once one gets it, and the others leave nothing', async () => {
    const all = await Promise.all(Array.from({ length: 10 }, () => journal.begin(entryOf({ name: 'n' }), stepOf(), now)))
    expect(all.filter(Boolean)).toHaveLength(1)
    expect(await store.db.selectFrom('intent_writes').selectAll().execute()).toHaveLength(1)
  })

  test('an intent whose time is over gives its name to one of those who want it', async () => {
    const old = await begun({ name: 'n' })
    const late = { name: 'n', createdAtMs: now + HOUR, expiresAtMs: now + 2 * HOUR }
    const all = await Promise.all([1, 2, 3].map(() => journal.begin(entryOf(late), stepOf(), now, old.id)))
    expect(all.filter(Boolean)).toHaveLength(1)
    expect((await journal.find('n'))?.id).not.toBe(old.id)
    const nameless = { ...(await journal.find('n'))!, id: old.id, requestId: old.requestId }
    expect(await journal.takeOver(nameless, 'other', now + HOUR, now + HOUR, now + 2 * HOUR), 'gone on with as well').toBe(false)
  })

  test('an idempotency record that another run has taken over at the last moment keeps its name', async () => {
    const old = await begun({ name: 'n' })
    expect(await journal.takeOver((await journal.find('n'))!, 'other', now + HOUR - 1, now + HOUR, now + 2 * HOUR)).toBe(true)
    expect(await journal.begin(entryOf({ name: 'n', createdAtMs: now + HOUR }), stepOf(), now, old.id)).toBe(false)
    expect(await journal.find('n')).toMatchObject({ id: old.id, expiresAtMs: now + 2 * HOUR })
  })

  test('an answer comes back as it was, with everything that JSON can hold', async () => {
    const entry = await begun({ name: 'n' })
    const answer = { body: { title: 'a\u0000b \ud800 ü "\\', list: [1, null, 2.5] } }
    expect(await journal.finish(runOf(entry), answer, [stepOf({ state: 'done', recordId: '41', endedAtMs: now })], now)).toBe(true)
    expect(await journal.find('n')).toMatchObject({ state: 'done', answer })
    expect(await journal.steps(entry.id)).toEqual([stepOf({ state: 'done', recordId: '41', endedAtMs: now })])
  })

  test('what the first write has yielded is kept with the second', async () => {
    const entry = await begun()
    const first = stepOf({ state: 'done', recordId: '41', result: { id: 41 }, endedAtMs: now })
    const second = stepOf({ step: 1, method: 'DELETE', sinceId: undefined, sinceDateMs: undefined })
    expect(await journal.addStep(runOf(entry), second, [first], now + 60_000)).toBe(true)
    expect(await journal.steps(entry.id)).toEqual([first, second])
  })

  test('an idempotency record is taken over once, and not while its lease lasts; writes of the previous holder have no effect', async () => {
    const entry = await begun({ name: 'n' })
    const standing = (await journal.find('n'))!
    expect(await journal.takeOver(standing, 'other', now, now, now)).toBe(false)
    const all = await Promise.all(['a', 'b', 'c'].map((id) => journal.takeOver(standing, id, now + 30_000, now + 60_000, now)))
    expect(all.filter(Boolean)).toHaveLength(1)

    const run = runOf(entry)
    const step = stepOf({ state: 'done', recordId: '41' })
    expect(await journal.extend(run, now)).toBe(false)
    expect(await journal.moveStep(run, step, now)).toBe(false)
    expect(await journal.addStep(run, stepOf({ step: 1 }), [step], now)).toBe(false)
    expect(await journal.claim(run, step)).toBe('lost')
    expect(await journal.finish(run, {}, [step], now)).toBe(false)
    expect(await journal.leave(run, [step], now)).toBe(false)
    await journal.release(run)
    expect(await journal.steps(entry.id)).toEqual([stepOf()])
  })

  test('a finished intent is not taken over', async () => {
    const entry = await begun({ name: 'n' })
    await journal.finish(runOf(entry), {}, [], now)
    expect(await journal.takeOver((await journal.find('n'))!, 'other', now + HOUR, now, now)).toBe(false)
  })

  test('an intent that is left keeps what was done, and what was refused is as if it had not been', async () => {
    const entry = await begun({ name: 'n' })
    const first = stepOf({ state: 'done', recordId: '41', result: { id: 41 }, endedAtMs: now })
    await journal.addStep(runOf(entry), stepOf({ step: 1, method: 'DELETE' }), [first], now + 60_000)
    await journal.leave(runOf(entry), [first], now)
    expect([(await journal.find('n'))?.state, await journal.steps(entry.id)]).toEqual(['undecided', [first]])
    expect(await journal.takeOver((await journal.find('n'))!, 'other', now, now, now)).toBe(true)
  })

  test('a released intent leaves nothing', async () => {
    const entry = await begun({ name: 'n' })
    await journal.release(runOf(entry))
    expect([await journal.find('n'), await journal.steps(entry.id)]).toEqual([undefined, []])
  })

  test('a record is claimed by one alone; the next one reads on', async () => {
    const [one, two] = [await begun(), await begun()]
    const mine = stepOf({ recordId: '41', result: { id: 41 }, endedAtMs: now })
    expect(await Promise.all([journal.claim(runOf(one), mine), journal.claim(runOf(two), mine)])).toEqual(
      expect.arrayContaining(['claimed', 'taken']),
    )
    const other = await begun({}, { companyId: 9 })
    expect(await journal.claim(runOf(other), mine)).toBe('claimed')
  })

  test('an answer of Pipedrive takes a record from the run that had claimed it', async () => {
    const [reader, maker] = [await begun(), await begun()]
    await journal.claim(runOf(reader), stepOf({ recordId: '41', endedAtMs: now }))
    expect(await journal.finish(runOf(maker), {}, [stepOf({ state: 'done', recordId: '41' })], now)).toBe(true)
    expect((await journal.steps(reader.id))[0]?.recordId).toBeUndefined()
    expect(await journal.claimed(reader.id, stepOf(), ['40', '41', '42'])).toEqual(new Set(['41']))
    expect(await journal.claimed(maker.id, stepOf(), ['41'])).toEqual(new Set())
  })

  test('others are those on their way, those who look, and those who were given up, each as what they are', async () => {
    const me = await begun()
    await begun()
    await begun({}, { contentHash: 'other' })
    const looking = await begun({ name: 'looking' })
    await journal.moveStep(runOf(looking), stepOf({ state: 'unknown', endedAtMs: now }), now + 30_000)
    const given = await begun({ name: 'given up' })
    await journal.finish(runOf(given), {}, [stepOf({ state: 'unknown' })], now)
    const made = await begun()
    await journal.finish(runOf(made), {}, [stepOf({ state: 'done', recordId: '41' })], now)
    await begun({}, { companyId: 9 })
    await begun({}, { collection: '/api/v2/activities' })
    await begun({}, { sentAtMs: now - HOUR })
    expect(await journal.concurrentWrites(me.id, stepOf(), now)).toEqual({ inFlight: 1, inFlightOther: 1, undecided: 1, givenUp: 1 })
    // Their leases are over: what has a name may be gone on with, what has none will not.
    expect(await journal.concurrentWrites(me.id, stepOf(), now + HOUR)).toEqual({ inFlight: 0, inFlightOther: 0, undecided: 1, givenUp: 2 })
  })

  test('what ran when the database was opened is dead, where one process has it for itself', async () => {
    await begun({ name: 'n' })
    await journal.endLeases(now + 1)
    expect((await journal.find('n'))?.leaseUntilMs).toBe(now + 1)
  })

  test('answers are erased when their time is over, and everything after a day', async () => {
    const entries = []
    for (let n = 0; n < 120; n++) {
      const entry = await begun({ name: `n ${n}` })
      await journal.finish(runOf(entry), { body: 'secret' }, [stepOf({ state: 'done', recordId: String(n + 1) })], now)
      entries.push(entry)
    }
    const young = await begun({ name: 'young', createdAtMs: now + 26 * HOUR, expiresAtMs: now + 27 * HOUR })
    expect(await sweepIdempotencyRecords(store, now)).toBe(0)
    expect(await sweepIdempotencyRecords(store, now + HOUR)).toBe(120)
    expect(await store.db.selectFrom('intents').select('answer').where('answer', 'is not', null).execute()).toEqual([])
    expect(await journal.claimed(young.id, stepOf(), ['1', '120'])).toEqual(new Set(['1', '120']))
    const lasting = await begun({ name: 'lasting', expiresAtMs: now + 48 * HOUR })
    expect(await sweepIdempotencyRecords(store, now + 26 * HOUR)).toBe(120)
    expect((await journal.find('lasting'))?.id).toBe(lasting.id)
    await journal.release(runOf(lasting))
    expect(await store.db.selectFrom('intent_writes').select('intent_id').execute()).toEqual([{ intent_id: young.id }])
  })

  test('what a write has yielded is erased with the time of its intent, named or not, however that ended', async () => {
    const entry = await begun()
    await journal.leave(runOf(entry), [stepOf({ state: 'done', recordId: '41', result: { title: 'secret' } })], now)
    await sweepIdempotencyRecords(store, now + HOUR)
    expect(await journal.steps(entry.id)).toMatchObject([{ state: 'done', recordId: '41', result: undefined }])
  })
})
