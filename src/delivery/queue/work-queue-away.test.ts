import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { eventually } from '../../kit/eventually.fixture.ts'
import { silentLogger } from '../../kit/logger.ts'
import { onEveryEngine } from '../../store/engines.fixture.ts'
import type { Store } from '../../store/store.ts'
import { openDeliveryFixture, type DeliveryFixture } from '../dispatch/delivery.fixture.ts'
import { createWorkQueue, type WorkQueue, type WorkQueueOptions } from './work-queue.ts'

const table = 'subscriptions'
const URL = 'http://127.0.0.1/'

onEveryEngine('work queue of a process that was suspended', (newStore) => {
  let store: Store
  let desk: DeliveryFixture
  const started: WorkQueue[] = []
  beforeAll(async () => {
    store = await newStore()
  })
  afterAll(() => store.close())
  beforeEach(async () => {
    desk = await openDeliveryFixture(store)
  })
  afterEach(async () => {
    vi.restoreAllMocks()
    await Promise.all(started.splice(0).map((queue) => queue.stop()))
  })

  async function start(run: WorkQueueOptions['run']): Promise<void> {
    const queue = createWorkQueue({ table, store, clock: desk.clock, logger: silentLogger, concurrency: 100, run })
    started.push(queue)
    await queue.start()
  }

  test('an item whose lease was in doubt, and that no other process claimed, runs again', async () => {
    await desk.subscribe(URL)
    let runs = 0
    await start((_, lease) => {
      if (++runs > 1) return Promise.resolve(undefined)
      // As when a database that was away for half a minute could not renew it, and is back.
      const now = performance.now()
      vi.spyOn(performance, 'now').mockReturnValue(now + 25_000)
      expect(lease.isHeld()).toBe(false)
      vi.restoreAllMocks()
      expect(lease.isHeld()).toBe(false)
      return Promise.resolve(undefined)
    })
    await eventually(() => expect(runs).toBe(2))
  })
})
