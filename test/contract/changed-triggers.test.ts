import { beforeEach, describe, expect } from 'vitest'
import { changedTriggers } from './operations.ts'
import { findSeedRecords, type SeedRecords } from './seed-records.ts'
import { verifies } from './verifies.ts'
import { ALICE, CAROL, createWorld, type Row, type World } from './world.ts'

let world: World
let seed: SeedRecords
async function start(options: Parameters<typeof createWorld>[0] = {}) {
  world = await createWorld(options)
  seed = await findSeedRecords(world)
}
beforeEach(() => start())

const wait = (seconds: number) => world.clock.advance(seconds * 1_000)
const idOf = (row: Row) => row['id'] as number
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

async function addDeal(fields: Row = {}): Promise<number> {
  return idOf(await world.pipedrive('POST', '/api/v2/deals', { title: 'New', ...fields }))
}
async function addActivity(fields: Row = {}): Promise<number> {
  return idOf(await world.pipedrive('POST', '/api/v2/activities', { type: 'call', subject: 'New', ...fields }))
}
const changeDeal = (id: number, changes: Row) => world.pipedrive('PATCH', `/api/v2/deals/${id}`, changes)
const changeActivity = (id: number, changes: Row) => world.pipedrive('PATCH', `/api/v2/activities/${id}`, changes)
const deleteDeal = (id: number) => world.pipedrive('DELETE', `/api/v2/deals/${id}`)

/** One poll: of the Location that a former one answered, or the first, with filters if any. */
async function poll(at: string | { trigger: string; filters?: Row }, key = ALICE) {
  const path =
    typeof at === 'string'
      ? at
      : `${changedTriggers.find(({ id }) => id === at.trigger)!.path}?${new URLSearchParams((at.filters ?? {}) as Record<string, string>)}`
  const reply = await world.http<Row[]>(path, { headers: { 'x-api-key': key } })
  const { status, body } = reply
  return {
    status,
    body,
    code: status >= 400 ? (body as unknown as Row)['code'] : undefined,
    ids: status === 200 ? body.map(idOf) : [],
    location: reply.headers.get('location') ?? '',
    retryAfter: Number(reply.headers.get('retry-after')),
    tokens: Number(reply.headers.get('x-dealbridge-token-cost')),
  }
}

/** A host that follows a trigger, and what each of its polls brought. */
async function watch(trigger: string, filters: Row = {}, key = ALICE) {
  const first = await poll({ trigger, filters }, key)
  expect([first.status, first.ids]).toEqual([202, []])
  let { location } = first
  return {
    async next() {
      wait(120)
      const answer = await poll(location, key)
      expect(answer.status).toBe(answer.ids.length > 0 ? 200 : 202)
      ;({ location } = answer)
      return answer.ids
    },
    get location() {
      return location
    },
  }
}

describe('triggers of changes return', () => {
  verifies('change.updated', 'a change of any field, and not that something was added', async () => {
    const deal = await addDeal()
    const activity = await addActivity()
    wait(60)
    const deals = await watch('TrigDealUpdated')
    const activities = await watch('TrigActivityUpdated')
    await addDeal()
    await addActivity()
    expect([await deals.next(), await activities.next()]).toEqual([[], []])
    await changeDeal(deal, { title: 'Changed' })
    await changeActivity(activity, { subject: 'Changed' })
    expect([await deals.next(), await activities.next()]).toEqual([[deal], [activity]])
    expect([await deals.next(), await activities.next()]).toEqual([[], []])
  })

  verifies('change.updated', 'only real changes, for every update_time that Pipedrive gives a new record', async () => {
    for (const behaviour of [
      { newUpdateTime: 'a second later' },
      { newUpdateTime: 'null' },
      { newUpdateTime: 'null', updatedSinceOfNew: 'left out' },
    ] as const) {
      await start({ behaviour })
      const old = await addDeal()
      wait(60)
      const hosts = [await watch('TrigDealUpdated'), await watch('TrigDealWon')]
      const poll = async () => Promise.all(hosts.map((host) => host.next()))
      const added = await addDeal()
      expect(await poll()).toEqual([[], []])
      await changeDeal(added, { status: 'won' })
      await changeDeal(old, { title: 'Changed' })
      expect(await poll()).toEqual([[old, added].toSorted((a, b) => a - b), [added]])
      const late = await addDeal()
      wait(30)
      await changeDeal(late, { status: 'won' })
      expect(await poll()).toEqual([[late], [late]])
      expect(await poll()).toEqual([[], []])
    }
  })

  verifies('change.moved', 'a move into another stage, once', async () => {
    const deal = await addDeal({ stage_id: seed.firstStage })
    const moved = await watch('TrigDealMoved')
    await changeDeal(deal, { title: 'Changed' })
    expect(await moved.next()).toEqual([])
    await changeDeal(deal, { stage_id: seed.stage })
    expect(await moved.next()).toEqual([deal])
    await changeDeal(deal, { title: 'Changed again' })
    expect(await moved.next()).toEqual([])
    await changeDeal(deal, { stage_id: seed.foreignStage })
    expect(await moved.next()).toEqual([deal])
  })

  verifies(['change.won', 'change.lost'], 'a deal that is won or lost, and again after it was open', async () => {
    const deal = await addDeal()
    const won = await watch('TrigDealWon')
    const lost = await watch('TrigDealLost')
    await changeDeal(deal, { status: 'won' })
    expect([await won.next(), await lost.next()]).toEqual([[deal], []])
    await changeDeal(deal, { title: 'Won' })
    expect([await won.next(), await lost.next()]).toEqual([[], []])
    await changeDeal(deal, { status: 'lost' })
    expect([await won.next(), await lost.next()]).toEqual([[], [deal]])
    await changeDeal(deal, { status: 'open' })
    expect([await won.next(), await lost.next()]).toEqual([[], []])
    await changeDeal(deal, { status: 'won' })
    expect([await won.next(), await lost.next()]).toEqual([[deal], []])
    const added = await addDeal({ status: 'won' })
    expect([await won.next(), await lost.next()]).toEqual([[added], []])
  })

  verifies('change.deleted', 'a deleted deal, with any status', async () => {
    await start({ behaviour: { deletedDealStatus: 'kept', getDeletedDeal: '404' } })
    const deal = await addDeal({ status: 'lost' })
    const [deleted, lost, updated] = [await watch('TrigDealDeleted'), await watch('TrigDealLost'), await watch('TrigDealUpdated')]
    await deleteDeal(deal)
    expect([await deleted.next(), await lost.next(), await updated.next()]).toEqual([[deal], [], []])
  })

  verifies('change.deleted', 'a deleted deal with what it was, and again after it was restored', async () => {
    const deal = await addDeal({ title: 'Farewell', value: 7 })
    const first = await poll({ trigger: 'TrigDealDeleted' })
    await deleteDeal(deal)
    const returned = await poll(first.location)
    expect([
      returned.ids,
      returned.body[0]!['title'],
      returned.body[0]!['value'],
      returned.body[0]!['deleted'],
      returned.body[0]!['status'],
    ]).toEqual([[deal], 'Farewell', 7, true, 'deleted'])
    wait(120)
    world.sandbox.restoreDeal(deal)
    const nothing = await poll(returned.location)
    expect(nothing.ids).toEqual([])
    wait(120)
    await deleteDeal(deal)
    expect((await poll(nothing.location)).ids).toEqual([deal])
  })

  verifies('change.done', 'an activity that is marked as done, and again after it was not', async () => {
    const activity = await addActivity()
    const done = await watch('TrigActivityDone')
    await changeActivity(activity, { subject: 'Changed' })
    expect(await done.next()).toEqual([])
    await changeActivity(activity, { done: true })
    expect(await done.next()).toEqual([activity])
    await changeActivity(activity, { note: 'Well done' })
    expect(await done.next()).toEqual([])
    await changeActivity(activity, { done: false })
    expect(await done.next()).toEqual([])
    await changeActivity(activity, { done: true })
    expect(await done.next()).toEqual([activity])
  })

  verifies('change.unseen', 'what happens twice between two polls counts once, and what was undone is not noticed', async () => {
    const [twice, undone] = [await addDeal(), await addDeal()]
    const won = await watch('TrigDealWon')
    for (const status of ['won', 'open', 'won']) {
      await changeDeal(twice, { status })
      wait(5)
    }
    for (const status of ['won', 'open']) await changeDeal(undone, { status })
    expect(await won.next()).toEqual([twice])
    expect(await won.next()).toEqual([])
  })

  verifies('change.mine', 'of activities those of the authorized user, unless an owner is named', async () => {
    const { colleague } = seed
    const [mine, theirs] = [await addActivity(), await addActivity({ owner_id: colleague })]
    const follow = async () => [await watch('TrigActivityDone'), await watch('TrigActivityDone', { owner_id: colleague })] as const
    const finish = async () => {
      for (const done of [false, true]) for (const id of [mine, theirs]) await changeActivity(id, { done })
    }
    const [own, named] = await follow()
    await finish()
    expect([await own.next(), await named.next()]).toEqual([[mine], [theirs]])

    await world.restart({ activities: 'all' })
    const [all, onlyNamed] = await follow()
    await finish()
    expect([await all.next(), await onlyNamed.next()]).toEqual([[mine, theirs], [theirs]])
  })
})

describe('filters', () => {
  verifies('change.filters', 'leave out what does not fit, and stay in the Location', async () => {
    const { pipeline, stage, foreignStage, foreignPipeline, user, colleague } = seed
    const here = await addDeal({ stage_id: seed.firstStage })
    const there = await addDeal({ stage_id: foreignStage, owner_id: colleague })
    const [call, meeting] = [await addActivity(), await addActivity({ type: 'meeting' })]
    const asked: [string, Row, number[]][] = [
      ['TrigDealUpdated', { pipeline_id: pipeline }, [here]],
      ['TrigDealUpdated', { pipeline_id: foreignPipeline }, [there]],
      ['TrigDealMoved', { stage_id: stage }, [here]],
      ['TrigDealMoved', { stage_id: seed.firstStage }, []],
      ['TrigDealWon', { owner_id: user }, [here]],
      ['TrigDealWon', { owner_id: colleague }, [there]],
      ['TrigDealWon', { pipeline_id: pipeline, stage_id: stage, owner_id: user }, [here]],
      ['TrigDealWon', { pipeline_id: pipeline, owner_id: colleague }, []],
      ['TrigActivityDone', { type: 'meeting' }, [meeting]],
      ['TrigActivityUpdated', { type: 'call', owner_id: user }, [call]],
    ]
    wait(60)
    const hosts = await Promise.all(asked.map(async ([trigger, filters]) => watch(trigger, filters)))
    for (const [at, host] of hosts.entries()) {
      const { searchParams } = new URL(host.location)
      for (const [name, value] of Object.entries(asked[at]![1])) expect(searchParams.get(name)).toBe(String(value))
    }
    await changeDeal(here, { stage_id: stage, status: 'won' })
    await changeDeal(there, { status: 'won' })
    for (const id of [call, meeting]) await changeActivity(id, { done: true })
    for (const [at, host] of hosts.entries()) expect([...asked[at]!.slice(0, 2), await host.next()]).toEqual(asked[at])
    // By the Location alone the filter holds on.
    await changeDeal(there, { title: 'Not in this pipeline' })
    expect(await hosts[0]!.next()).toEqual([])
  })

  verifies('change.filters.refused', 'a filter that is no id is a 400 before anything is asked, and an empty one is none', async () => {
    const refused = await poll({ trigger: 'TrigDealWon', filters: { stage_id: 'first' } })
    expect([refused.status, refused.code, refused.location]).toEqual([400, 'InvalidInput', ''])
    const won = await watch('TrigDealWon', { stage_id: '', owner_id: ' ' })
    const deal = await addDeal({ status: 'won' })
    expect(await won.next()).toEqual([deal])
  })
})

describe('nothing is lost or duplicated', () => {
  verifies('change.history', 'changes before the first poll are not returned', async () => {
    const deal = await addDeal()
    await changeDeal(deal, { status: 'won' })
    const updated = await watch('TrigDealUpdated')
    const won = await watch('TrigDealWon')
    expect([await updated.next(), await won.next(), await updated.next()]).toEqual([[], [], []])
  })

  verifies('change.once', 'bursts within one second, shuffled, poll after poll', async () => {
    const deals: number[] = []
    while (deals.length < 40) deals.push(await addDeal())
    wait(60)
    const updated = await watch('TrigDealUpdated')
    const won = await watch('TrigDealWon')
    for (const round of range(1, 6)) {
      // Every deal once, in another order each time, several in each second.
      const shuffled = deals.toSorted((a, b) => ((a * 7919 * round) % 101) - ((b * 7919 * round) % 101))
      for (const [at, id] of shuffled.entries()) {
        await changeDeal(id, { status: round % 2 ? 'won' : 'open' })
        if (at % 10 === 9) wait(1)
      }
      const returned = await updated.next()
      expect(returned.toSorted((a, b) => a - b)).toEqual(deals)
      expect(returned.slice(0, 10).toSorted((a, b) => a - b)).toEqual(shuffled.slice(0, 10).toSorted((a, b) => a - b))
      expect((await won.next()).length).toBe(round % 2 ? 40 : 0)
    }
    expect([await updated.next(), await won.next()]).toEqual([[], []])
  })

  verifies('change.same-second', 'a change in the same second as the last returned one is returned too', async () => {
    const deal = await addDeal({ stage_id: seed.firstStage })
    wait(60)
    const [updated, moved] = [await poll({ trigger: 'TrigDealUpdated' }), await poll({ trigger: 'TrigDealMoved' })]
    await changeDeal(deal, { stage_id: seed.stage })
    const [one, two] = [await poll(updated.location), await poll(moved.location)]
    expect([one.ids, two.ids]).toEqual([[deal], [deal]])
    // The clock has not moved.
    await changeDeal(deal, { stage_id: seed.firstStage })
    wait(120)
    const [again, back] = [await poll(one.location), await poll(two.location)]
    expect([again.ids, back.ids]).toEqual([[deal], [deal]])
    wait(120)
    expect([(await poll(again.location)).ids, (await poll(back.location)).ids]).toEqual([[], []])
  })

  verifies(
    ['change.backlog', 'change.while-reading'],
    '700 changes come 100 at a time, some changing again while they are read',
    async () => {
      const deals: number[] = []
      while (deals.length < 700) deals.push(await addDeal())
      wait(60)
      let { location } = await poll({ trigger: 'TrigDealUpdated' })
      for (const [at, id] of deals.entries()) {
        if (at % 50 === 0) wait(1)
        await changeDeal(id, { title: 'Changed' })
      }
      const returned = new Map<number, string[]>()
      const waits: number[] = []
      for (let more = true; more;) {
        // A pending or just returned record changes right before the page is read.
        const again = deals[waits.length * 120]
        if (again !== undefined) await changeDeal(again, { title: `Changed before answer ${waits.length}` })
        const answer = await poll(location)
        for (const row of answer.body) returned.set(idOf(row), [...(returned.get(idOf(row)) ?? []), row['title'] as string])
        expect(answer.ids.length).toBeLessThanOrEqual(100)
        waits.push(answer.retryAfter)
        ;({ location } = answer)
        more = answer.retryAfter === 1
      }
      expect(waits).toEqual([...waits.slice(0, -1).map(() => 1), 120])
      expect(waits.length).toBeGreaterThanOrEqual(7)
      expect([...returned.keys()].toSorted((a, b) => a - b)).toEqual(deals)
      for (const [id, titles] of returned) {
        const { title } = await world.pipedrive('GET', `/api/v2/deals/${id}`)
        expect(titles.at(-1)).toBe(title)
        expect(new Set(titles).size).toBe(titles.length)
      }
      wait(120)
      expect((await poll(location)).ids).toEqual([])
    },
  )

  verifies('change.restart', 'also over a restart of the connector', async () => {
    const deal = await addDeal()
    const won = await watch('TrigDealWon')
    await changeDeal(deal, { status: 'won' })
    await world.restart()
    expect(await won.next()).toEqual([deal])
    await world.restart()
    expect(await won.next()).toEqual([])
  })
})

verifies('change.foreign-state', 'the state of another trigger or company is refused', async () => {
  const { location } = await poll({ trigger: 'TrigDealWon' })
  const elsewhere = location.replace('/deals/won', '/deals/lost')
  expect(await poll(elsewhere)).toMatchObject({ status: 400, code: 'InvalidTriggerState' })
  expect(await poll(location, CAROL)).toMatchObject({ status: 400, code: 'InvalidTriggerState' })
})

verifies('change.idle-cost', 'an idle poll costs one list', async () => {
  for (const { id } of changedTriggers) {
    const { location } = await poll({ trigger: id })
    expect((await poll(location)).tokens).toBe(10)
  }
})
