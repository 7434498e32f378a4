import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { eventually } from '../../kit/eventually.fixture.ts'
import { manualClock, type ManualClock } from '../../kit/clock.ts'
import { silentLogger } from '../../kit/logger.ts'
import { cutNetwork } from '../../store/cut-network.fixture.ts'
import { newSqliteStore, onEveryEngine, onPostgres } from '../../store/engines.fixture.ts'
import { openStore } from '../../store/open-store.ts'
import type { Store } from '../../store/store.ts'
import { openDeliveryFixture, type DeliveryFixture } from '../dispatch/delivery.fixture.ts'
import { createWorkQueue, type WorkQueue, type WorkQueueOptions } from './work-queue.ts'
import { NEVER } from '../deps.ts'

const table = 'subscriptions'
const URL = 'http://127.0.0.1/'

/** The gates of the test that runs. A test that fails leaves some closed, and the stop after it would wait for them. */
const gates: { open(): void }[] = []

/** A gate that runs wait at until it is opened. */
function gate() {
  const { promise: opened, resolve: open } = Promise.withResolvers<void>()
  gates.push({ open })
  return { open, opened }
}

/** Ends what a test started, also if it failed. */
async function stopAll(started: WorkQueue[]): Promise<void> {
  for (const { open } of gates.splice(0)) open()
  await Promise.all(started.splice(0).map((queue) => queue.stop()))
}

/** Makes a work item due, as the transaction that stores its work does. */
async function makeDue(store: Store, id: string, at: Date): Promise<void> {
  await sql`update subscriptions set due_at = least(due_at, ${at}) where id = ${id}`.execute(store.db)
  store.signal(table)
}
const expire = (store: Store, id: string) =>
  sql`update subscriptions set leased_until = ${new Date(Date.now() - 1_000)} where id = ${id}`.execute(store.db)

onEveryEngine('work queue', (newStore) => {
  let store: Store
  let desk: DeliveryFixture
  let clock: ManualClock
  const started: WorkQueue[] = []
  beforeAll(async () => {
    store = await newStore()
  })
  afterAll(() => store.close())
  beforeEach(async () => {
    desk = await openDeliveryFixture(store)
    clock = desk.clock
  })
  afterEach(async () => {
    await stopAll(started)
  })

  async function start(run: WorkQueueOptions['run'], concurrency = 100): Promise<WorkQueue> {
    const queue = createWorkQueue({ table, store, clock, logger: silentLogger, concurrency, run })
    started.push(queue)
    await queue.start()
    return queue
  }

  test('each due item runs once, and again when it is due again', async () => {
    const ids = await Promise.all([1, 2, 3].map(() => desk.subscribe(URL)))
    const later = await desk.subscribe(URL, { due_at: NEVER })
    const runs: string[] = []
    await start((id) => Promise.resolve((runs.push(id), id === ids[0] ? new Date(clock.now() + 60_000) : undefined)))
    await eventually(() => expect(runs.toSorted()).toEqual(ids))
    clock.advance(60_000)
    await eventually(() => expect(runs.toSorted()).toEqual([ids[0], ids[0], ids[1], ids[2]]))
    await makeDue(store, later, new Date(clock.now()))
    await eventually(() => expect(runs.at(-1)).toBe(later))
    expect(runs).toHaveLength(5)
  })

  test('work that arrives while its item runs is done afterwards', async () => {
    const id = await desk.subscribe(URL)
    const first = gate()
    let runs = 0
    await start(async () => {
      if (++runs === 1) await first.opened
      return undefined
    })
    await eventually(() => expect(runs).toBe(1))
    await makeDue(store, id, new Date(clock.now()))
    first.open()
    await eventually(() => expect(runs).toBe(2))
  })

  test('a slow item delays no other; items beyond the concurrency limit wait', async () => {
    const slow = await desk.subscribe(URL, { due_at: new Date(0) })
    const others = await Promise.all(Array.from({ length: 20 }, () => desk.subscribe(URL)))
    const first = gate()
    const done: string[] = []
    let now = 0
    let most = 0
    await start(async (id) => {
      most = Math.max(most, ++now)
      if (id === slow) await first.opened
      await new Promise(setImmediate)
      now--
      done.push(id)
      return undefined
    }, 3)
    await eventually(() => expect(done.toSorted()).toEqual(others.toSorted()))
    expect(most).toBe(3)
    first.open()
    await eventually(() => expect(done.at(-1)).toBe(slow))
  })

  test('an item that fails is retried, and not at once', async () => {
    const id = await desk.subscribe(URL)
    let runs = 0
    await start(() => Promise.reject(new Error(String(++runs))))
    await eventually(async () => expect((await desk.subscription(id)).due_at.getTime()).toBe(clock.now() + 10_000))
    expect(runs).toBe(1)
    clock.advance(10_000)
    await eventually(() => expect(runs).toBe(2))
  })

  test('a stop starts nothing, waits for running items, and leaves those due', async () => {
    const id = await desk.subscribe(URL)
    const first = gate()
    let held: () => boolean = () => false
    const queue = await start(async (_, lease) => {
      held = lease.isHeld
      await first.opened
      return undefined
    })
    await eventually(() => expect(held()).toBe(true))
    let stopped = false
    const stopping = queue.stop().then(() => (stopped = true))
    expect(held()).toBe(false)
    const other = await desk.subscribe(URL)
    queue.wake()
    expect(stopped).toBe(false)
    first.open()
    await stopping
    expect(await desk.subscription(id)).toMatchObject({ leased_until: null, leased_by: null, due_at: new Date(clock.now()) })
    expect(await desk.subscription(other)).toMatchObject({ leased_until: null, due_at: new Date(clock.now()) })
  })

  test('an item whose lease expired while this process still runs it does not run twice', async () => {
    const id = await desk.subscribe(URL)
    const first = gate()
    let now = 0
    let most = 0
    let runs = 0
    const queue = await start(async () => {
      runs++
      most = Math.max(most, ++now)
      if (runs === 1) await first.opened
      now--
      return undefined
    })
    await eventually(() => expect(runs).toBe(1))
    await expire(store, id)
    queue.wake()
    const other = await desk.subscribe(URL)
    queue.wake()
    await eventually(() => expect(runs).toBe(2))
    await eventually(async () => expect((await desk.subscription(other)).leased_until).toBeNull())
    await makeDue(store, id, new Date(clock.now()))
    first.open()
    await eventually(() => expect(runs).toBe(3))
    expect(most).toBe(2)
  })

  test('an expired lease is taken over', async () => {
    const id = await desk.subscribe(URL, { due_at: NEVER })
    // As after a kill: claimed, with a lease that runs out.
    const runs: string[] = []
    await start((id) => Promise.resolve((runs.push(id), undefined)))
    await sql`update subscriptions set due_at = ${NEVER}, leased_by = 'dead', leased_until = ${new Date(Date.now() + 300)}`.execute(
      store.db,
    )
    await eventually(() => expect(runs).toEqual([id]))
  })

  test('a clock that jumps ahead by an hour loses and doubles nothing', async () => {
    const [soon, now] = [await desk.subscribe(URL, { due_at: NEVER }), await desk.subscribe(URL)]
    const runs: string[] = []
    await start((id) => Promise.resolve((runs.push(id), undefined)))
    await eventually(() => expect(runs).toEqual([now]))
    await makeDue(store, soon, new Date(clock.now() + 3_600_000))
    clock.advance(3_600_000)
    await eventually(() => expect(runs).toEqual([now, soon]))
  })
})

describe('work queue with an exclusive store', () => {
  test('items of an earlier process, and items that a clock set back since had postponed, run at start', async () => {
    const store = await newSqliteStore()
    const desk = await openDeliveryFixture(store)
    const inAnHour = new Date(desk.clock.now() + 3_600_000)
    const ids = [
      await desk.subscribe(URL, { due_at: NEVER, leased_by: 'dead', leased_until: inAnHour }),
      await desk.subscribe(URL, { due_at: inAnHour }),
    ]
    await desk.subscribe(URL, { due_at: NEVER })
    const runs: string[] = []
    const run = (id: string) => Promise.resolve((runs.push(id), undefined))
    const queue = createWorkQueue({ table, store, clock: desk.clock, logger: silentLogger, concurrency: 100, run })
    await queue.start()
    await eventually(() => expect(runs.toSorted()).toEqual(ids))
    await queue.stop()
    await store.close()
  })
})

onPostgres('work queue of several processes', (newStore) => {
  let store: Store
  let other: Store
  let desk: DeliveryFixture
  const started: WorkQueue[] = []
  beforeAll(async () => {
    store = await newStore()
    other = await newStore.again(store)
  })
  afterAll(() => Promise.all([store.close(), other.close()]))
  beforeEach(async () => {
    desk = await openDeliveryFixture(store)
  })
  afterEach(async () => {
    vi.restoreAllMocks()
    await stopAll(started)
  })

  async function startOn(place: Store, run: WorkQueueOptions['run'], concurrency = 100): Promise<WorkQueue> {
    const queue = createWorkQueue({ table, store: place, clock: manualClock(desk.clock.now()), logger: silentLogger, concurrency, run })
    started.push(queue)
    await queue.start()
    return queue
  }

  test('two processes never run one item at once, and all work is done', async () => {
    const ids = await Promise.all(Array.from({ length: 10 }, () => desk.subscribe(URL, { due_at: NEVER })))
    const working = new Set<string>()
    const stored = new Map<string, number>()
    const seen = new Map<string, number>()
    let twice = 0
    const by = [0, 0]
    const run = (process: number) => async (id: string) => {
      if (working.has(id)) twice++
      working.add(id)
      by[process]!++
      const found = stored.get(id) ?? 0
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 4))
      seen.set(id, Math.max(found, seen.get(id) ?? 0))
      working.delete(id)
      return undefined
    }
    await Promise.all([startOn(store, run(0), 4), startOn(other, run(1), 4)])
    for (let n = 1; n <= 300; n++) {
      const id = ids[n % ids.length]!
      // The work is stored before the item is due, as in one transaction.
      stored.set(id, n)
      await makeDue(n % 2 === 0 ? store : other, id, new Date(desk.clock.now()))
    }
    await eventually(() => expect(ids.map((id) => seen.get(id))).toEqual(ids.map((id) => stored.get(id))))
    expect(twice).toBe(0)
    expect(Math.min(...by)).toBeGreaterThan(0)
  })

  test('a process suspended beyond its lease starts nothing, and does not release the lease of its successor', async () => {
    const id = await desk.subscribe(URL)
    const [suspended, successor] = [gate(), gate()]
    let isHeld: (() => boolean) | undefined
    await startOn(store, async (_, lease) => {
      isHeld = lease.isHeld
      await suspended.opened
      return new Date(0)
    })
    await eventually(() => expect(isHeld?.()).toBe(true))
    await expire(store, id)
    let took = 0
    await startOn(other, async () => {
      took++
      await successor.opened
      return undefined
    })
    await eventually(() => expect(took).toBe(1))
    const now = performance.now()
    vi.spyOn(performance, 'now').mockReturnValue(now + 25_000)
    expect(isHeld!()).toBe(false)
    vi.restoreAllMocks()
    const before = await desk.subscription(id)
    suspended.open()
    await started.shift()!.stop()
    expect(await desk.subscription(id)).toMatchObject({ leased_by: before.leased_by, due_at: NEVER })
    successor.open()
    await eventually(async () => expect((await desk.subscription(id)).leased_until).toBeNull())
    expect(took).toBe(1)
  })

  test('a lease that could not be released during a database outage is free after it, not half a minute later', async () => {
    const network = await cutNetwork(newStore.urlOf(store))
    const behind = await openStore({ place: { kind: 'postgres', url: network.url }, logger: silentLogger })
    try {
      const id = await desk.subscribe(URL)
      let runs = 0
      await startOn(behind, () => {
        if (++runs === 1) network.cut()
        return Promise.resolve(undefined)
      })
      await eventually(() => expect(runs).toBe(1))
      network.mend()
      await eventually(async () => expect((await desk.subscription(id)).leased_until).toBeNull())
      expect(runs).toBe(2)
      await started.pop()!.stop()
    } finally {
      await behind.close()
      await network.close()
    }
  })

  test('work continues after a database outage', async () => {
    const network = await cutNetwork(newStore.urlOf(store))
    const behind = await openStore({ place: { kind: 'postgres', url: network.url }, logger: silentLogger })
    try {
      const id = await desk.subscribe(URL, { due_at: NEVER })
      let runs = 0
      const queue = await startOn(behind, () => Promise.resolve((runs++, undefined)))
      network.cut()
      await makeDue(store, id, new Date(desk.clock.now()))
      queue.wake()
      await new Promise((resolve) => setTimeout(resolve, 50))
      expect(runs).toBe(0)
      network.mend()
      await eventually(() => expect(runs).toBe(1))
      await started.pop()!.stop()
    } finally {
      await behind.close()
      await network.close()
    }
  })
})
