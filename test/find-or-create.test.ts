import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { onEveryEngine, onNoEngine } from '../src/store/engines.fixture.ts'
import type { Store } from '../src/store/store.ts'
import { findOrCreateWorld, type FoundReply } from './find-or-create-world.ts'

const MINUTE_MS = 60_000
const POST = { method: 'POST', path: '/api/v2/persons', times: 1 } as const
type World = ReturnType<typeof findOrCreateWorld>

const tally = (replies: readonly FoundReply[]) => replies.map(({ outcome }) => outcome).toSorted()
const idsOf = (replies: readonly FoundReply[]) => [...new Set(replies.map(({ id }) => id))]

onEveryEngine('find or create', (newStore) => {
  let database: Store
  let world: World
  beforeAll(async () => {
    database = await newStore()
  })
  afterAll(() => database.close())
  beforeEach(() => {
    world = findOrCreateWorld(database)
  })
  afterEach(() => world.close())

  test('parallel calls in several processes leave one record for all spellings, while the search does not show it yet', async () => {
    const [one, two] = [world.process(), world.process()]
    const calls = [one.email('ada@x.de'), one.email(' Ada@x.de'), two.email('ADA@X.DE'), two.email('ada@x.de')]
    const replies = await world.clock.run(Promise.all(calls))
    expect(tally(replies)).toEqual(['created', 'found', 'found', 'found'])
    expect(idsOf(replies)).toEqual(await world.persons('ada@x.de'))
  })

  test('a later call gets the record for one read, before the search shows it', async () => {
    const [one, two] = [world.process(), world.process()]
    const first = await world.clock.run(one.email('ada@x.de'))
    world.asked()
    const second = await world.clock.run(two.email('ada@x.de'))
    expect([second.outcome, second.id]).toEqual(['found', first.id])
    expect(world.asked()).toEqual([`GET /api/v2/persons/${first.id}`])
  })

  test('calls for other values do not wait for each other', async () => {
    const process = world.process()
    const replies = await world.clock.run(Promise.all(['a@x.de', 'b@x.de', 'c@x.de'].map((value) => process.email(value))))
    expect(tally(replies)).toEqual(['created', 'created', 'created'])
    expect(idsOf(replies)).toHaveLength(3)
  })

  test.each([
    ['deleted', (id: number) => world.pipedrive('DELETE', `/api/v2/persons/${id}`), 'created'],
    ['merged into another one', (id: number) => world.pipedrive('PUT', `/api/v1/persons/${id}/merge`, { merge_with_id: 1 }), 'found'],
  ])('a remembered record that was %s is searched for again', async (_, remove, outcome) => {
    const [one, two] = [world.process(), world.process()]
    const first = await world.clock.run(one.email('ada@x.de'))
    await remove(first.id!)
    const replies = await world.clock.run(Promise.all([one.email('ada@x.de'), two.email('ada@x.de')]))
    expect(idsOf(replies)).toHaveLength(1)
    expect(replies[0].id).not.toBe(first.id)
    expect(replies.map((reply) => reply.outcome)).toContain(outcome)
    expect(await world.persons('ada@x.de')).toEqual(idsOf(replies))
  })

  test('a new record that Pipedrive shows only after some seconds does not count as deleted', async () => {
    const [one, two] = [world.process(), world.process()]
    world.sandbox.faults.add({ kind: 'late-commit', seconds: 5, ...POST })
    const replies = await world.clock.run(Promise.all([one.email('ada@x.de'), one.email('ada@x.de'), two.email('ada@x.de')]))
    expect(tally(replies)).toEqual(['created', 'found', 'found'])
    expect(await world.persons('ada@x.de')).toEqual(idsOf(replies))
  })

  test('a lost create is found by its value, not by its name: another person may have the same', async () => {
    const process = world.process()
    world.sandbox.faults.add({ kind: 'reset', when: 'before', ...POST })
    const same = { person: { name: 'Ada' } }
    const calls = [process.email('ada@x.de', same), process.email('other@x.de', same)]
    expect(tally(await world.clock.run(Promise.all(calls)))).toEqual(['created', 'created'])
    expect(await world.persons('ada@x.de')).toHaveLength(1)
    expect(await world.persons('other@x.de')).toHaveLength(1)
  })

  describe('several records with the value', () => {
    let ids: number[]
    beforeEach(async () => {
      const body = { name: 'Twin', emails: [{ value: 'twin@x.de' }] }
      await world.pipedrive('POST', '/api/v2/persons', body)
      await world.pipedrive('POST', '/api/v2/persons', body)
      ids = await world.persons('twin@x.de')
      await world.clock.run(world.clock.sleep(MINUTE_MS))
    })

    test('are a 409 with their ids', async () => {
      const reply = await world.clock.run(world.process().email('twin@x.de'))
      expect(reply.outcome).toBe('Ambiguous')
      expect(reply.message).toContain(`2 person records have this email (ids ${ids.join(', ')})`)
    })

    test('give the oldest one on request, also to a caller that waited for another', async () => {
      const process = world.process()
      const calls = [process.email('twin@x.de'), process.email('twin@x.de', { on_several: 'oldest' })]
      const [strict, lenient] = await world.clock.run(Promise.all(calls))
      expect([strict!.outcome, lenient!.outcome, lenient!.id]).toEqual(['Ambiguous', 'found', ids[0]])
    })
  })

  test.each(['before', 'after'] as const)(
    'a create whose answer is lost %s the commit is resolved before anyone creates again',
    async (when) => {
      const [one, two] = [world.process(), world.process()]
      world.sandbox.faults.add({ kind: 'reset', when, ...POST })
      const replies = await world.clock.run(Promise.all([one.email('ada@x.de'), two.email('ada@x.de'), two.email('ada@x.de')]))
      expect(tally(replies)).toEqual(['created', 'found', 'found'])
      expect(await world.persons('ada@x.de')).toEqual(idsOf(replies))
    },
  )

  test.each([
    ['reached', 'not sent again'],
    ['not reached', 'sent by the next process'],
  ] as const)(
    'the create of a process that is killed when it %s Pipedrive is %s, even for a caller that wants other content',
    async (reached, _) => {
      const [one, two] = [world.process(), world.process()]
      one.killAtNextCreate(reached)
      void one.email('ada@x.de', { person: { name: 'Ada by one' } })
      const later = world.clock
        .sleep(1_000)
        .then(() => Promise.all([two.email('ADA@x.de', { person: { name: 'Ada by two' } }), two.email('ada@x.de')]))
      const replies = await world.clock.run(later)
      expect(tally(replies)).toEqual(['created', 'found'])
      expect(await world.persons('ada@x.de')).toEqual(idsOf(replies))
    },
  )

  test('an outcome that stays unknown creates nothing for ten minutes, is found as soon as the search shows it, and created after that', async () => {
    const process = world.process()
    const lose = () => world.sandbox.faults.add({ kind: 'reset', when: 'before', ...POST, times: 2 })
    lose()
    const first = await world.clock.run(process.email('ada@x.de'))
    const second = await world.clock.run(world.process().email('ada@x.de'))
    expect([first.outcome, second.outcome]).toEqual(['OutcomeUnknown', 'OutcomeUnknown'])
    expect(second.message).toContain('found none and created none')
    // By hand.
    await world.pipedrive('POST', '/api/v2/persons', { name: 'Ada', emails: [{ value: 'ada@x.de' }] })
    await world.clock.run(world.clock.sleep(61_000))
    expect((await world.clock.run(process.email('ada@x.de'))).outcome).toBe('found')

    lose()
    expect((await world.clock.run(process.email('bob@x.de'))).outcome).toBe('OutcomeUnknown')
    await world.clock.run(world.clock.sleep(10 * MINUTE_MS))
    expect((await world.clock.run(process.email('bob@x.de'))).outcome).toBe('created')
    expect(await world.persons('bob@x.de')).toHaveLength(1)
  })

  test('what Pipedrive refuses of one caller does not concern another', async () => {
    const process = world.process()
    const calls = [process.email('ada@x.de', { person: { owner_id: 99 } }), process.email('ada@x.de')]
    const [refused, other] = await world.clock.run(Promise.all(calls))
    // Which one comes first is for the database to say: the refused one, or after the other one it finds the record.
    expect(['Rejected', 'found']).toContain(refused!.outcome)
    expect(other!.outcome).toBe('created')
    expect(await world.persons('ada@x.de')).toEqual([other!.id])
  })

  describe('a call with an Idempotency-Key', () => {
    test('gets the same answer again, and creates nothing again, even after the record was deleted', async () => {
      const [one, two] = [world.process(), world.process()]
      const first = await world.clock.run(one.email('ada@x.de', { key: 'a' }))
      await world.pipedrive('DELETE', `/api/v2/persons/${first.id}`)
      await world.clock.run(world.clock.sleep(60 * MINUTE_MS))
      const again = await world.clock.run(two.email('ada@x.de', { key: 'a' }))
      expect([again.outcome, again.id, again.report.replayed]).toEqual(['created', first.id, true])
      expect(await world.persons('ada@x.de')).toEqual([])
    })

    test('and another body is refused', async () => {
      const process = world.process()
      await world.clock.run(process.email('ada@x.de', { key: 'a' }))
      expect((await world.clock.run(process.email('bob@x.de', { key: 'a' }))).outcome).toBe('IdempotencyKeyReused')
    })

    test.each(['reached', 'not reached'] as const)(
      'that was killed when its create %s Pipedrive says created to its repeat',
      async (reached) => {
        const [one, two] = [world.process(), world.process()]
        one.killAtNextCreate(reached)
        void one.email('ada@x.de', { key: 'a' })
        const reply = await world.clock.run(world.clock.sleep(40_000).then(() => two.email('ada@x.de', { key: 'a' })))
        expect(reply.outcome).toBe('created')
        expect(await world.persons('ada@x.de')).toEqual([reply.id])
      },
    )

    test('whose outcome is unknown is tried again by its repeat', async () => {
      const process = world.process()
      world.sandbox.faults.add({ kind: 'reset', when: 'before', ...POST, times: 2 })
      expect((await world.clock.run(process.email('ada@x.de', { key: 'a' }))).outcome).toBe('OutcomeUnknown')
      expect((await world.clock.run(process.email('ada@x.de', { key: 'a' }))).message).toContain('created none')
      await world.clock.run(world.clock.sleep(10 * MINUTE_MS))
      expect((await world.clock.run(process.email('ada@x.de', { key: 'a' }))).outcome).toBe('created')
    })
  })

  test('the record that all callers share has neither the value nor the person; the answer to a key is stored as any other', async () => {
    await world.clock.run(world.process().email('ada@x.de', { key: 'a' }))
    const records = await database.db.selectFrom('intents').selectAll().execute()
    expect(records).toHaveLength(2)
    // The answer to a key has the record of the person, this one ids alone.
    const shared = records.filter(({ answer }) => !JSON.stringify(answer).includes('record'))
    expect(shared).toHaveLength(1)
    const writes = await database.db.selectFrom('intent_writes').selectAll().where('intent_id', '=', shared[0]!.id).execute()
    expect(JSON.stringify([shared, writes])).not.toMatch(/ada|x\.de/i)
  })
})

onNoEngine(() => {
  describe('without a store', () => {
    let world: World
    beforeEach(() => {
      world = findOrCreateWorld(undefined)
    })
    afterEach(() => world.close())

    test('the calls of one process leave one record, and the answer says what is missing', async () => {
      const process = world.process()
      const replies = await world.clock.run(Promise.all([process.email('ada@x.de'), process.email('ada@x.de')]))
      replies.push(await world.clock.run(process.email('ada@x.de')))
      expect(tally(replies)).toEqual(['created', 'found', 'found'])
      expect(await world.persons('ada@x.de')).toEqual(idsOf(replies))
      for (const { report } of replies) expect(report.warnings.join()).toContain('no store')
    })

    test('a create without an answer is not sent again', async () => {
      const process = world.process()
      world.sandbox.faults.add({ kind: 'reset', when: 'after', ...POST })
      const replies = [await world.clock.run(process.email('ada@x.de')), await world.clock.run(process.email('ada@x.de'))]
      await world.clock.run(world.clock.sleep(61_000))
      replies.push(await world.clock.run(process.email('ada@x.de')))
      expect(replies.map(({ outcome }) => outcome)).toEqual(['OutcomeUnknown', 'OutcomeUnknown', 'found'])
      expect(await world.persons('ada@x.de')).toHaveLength(1)
    })
  })
})
