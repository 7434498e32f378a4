import type { Clock } from '../../kit/clock.ts'
import type { Logger } from '../../kit/logger.ts'
import { createLeases, type Lease } from '../../store/leases.ts'
import { storeReason } from '../../store/store-reason.ts'
import type { Store } from '../../store/store.ts'
import { NEVER } from '../deps.ts'

/**
 * A WorkQueue runs the rows of a table, sources or subscriptions, as work items: many at once, each one only once at a time. An item is due from
 * `due_at` on; new work sets that to now. Any number of processes claim items with a lease; those of a dead process expire after 30 s. A slow item
 * delays no other.
 */
export interface WorkQueue {
  /** Claims due items now. */
  wake(): void
  start(): Promise<void>
  /** Claims nothing more, and waits for the running items. */
  stop(): Promise<void>
}

export interface WorkQueueOptions {
  table: 'sources' | 'subscriptions'
  store: Store
  clock: Clock
  logger: Logger
  /** How many items this process runs at once. */
  concurrency: number
  /** Does what is due while the lease is held; `isHeld` is also false when the queue stops. Returns when the item is due again, undefined if only a wake-up makes it due. An error is logged and retried. */
  run(id: string, lease: Lease): Promise<Date | undefined>
}

/** Signals can be lost, and other processes can die. */
const POLL_EVERY_MS = 1_000
const RETRY_AFTER_MS = 10_000
const PAUSE_MS = 5

export function createWorkQueue({ table, store, clock, logger, concurrency, run }: WorkQueueOptions): WorkQueue {
  const leases = createLeases({ engine: store.engine, table, logger })
  const runningItems = new Map<string, Promise<void>>()
  let claiming: Promise<void> | undefined
  let again = false
  let claimExpired = false
  let timer: NodeJS.Timeout | undefined
  let running = false
  let unlisten = () => {}

  /** Due items, and at each poll those with an expired lease. Not one that this process has lost and still runs: an item never runs twice at once. */
  const claim = async (limit: number): Promise<string[]> => {
    const expired = claimExpired ? await leases.claimLeft(limit) : []
    claimExpired = false
    if (expired.length === limit) return expired
    return [...expired, ...(await leases.claimDue(new Date(clock.now()), limit - expired.length))]
  }

  async function runItem(id: string): Promise<void> {
    const lease = leases.leaseOf(id)
    let isOver = false
    const isHeld = () => !(isOver ||= !running || !lease.isHeld())
    let due: Date | undefined
    try {
      due = await run(id, { isHeld })
      // It may have stopped early, because the queue stops or the lease is in doubt.
      if (!isHeld()) due = new Date(clock.now())
    } catch (error) {
      logger.error({ table, id, error }, 'work item failed; will retry')
      due = new Date(clock.now() + RETRY_AFTER_MS)
    }
    // Other items may wait for a free place.
    let isMoreDue = leases.size >= concurrency
    try {
      const dueAgain = await leases.release(id, due ?? NEVER)
      isMoreDue ||= dueAgain !== undefined && dueAgain.getTime() <= clock.now()
    } catch (error) {
      logger.warn({ table, id, reason: storeReason(error) }, 'lease not released; will retry')
    } finally {
      runningItems.delete(id)
      if (isMoreDue) wake()
    }
  }

  async function claimAll(): Promise<void> {
    do {
      again = false
      const free = concurrency - leases.size
      if (!running || free <= 0) return
      const ids = await claim(free)
      for (const id of ids) runningItems.set(id, runItem(id))
      if (ids.length === free) return
    } while (again)
  }

  function wake(): void {
    again = true
    if (claiming || !running) return
    claiming = claimAll()
      .catch((error: unknown) => logger.warn({ table, reason: storeReason(error) }, 'work items not claimed; will retry'))
      .finally(() => {
        claiming = undefined
        // Not at once: an unavailable database would be queried without a pause.
        if (again && leases.size < concurrency) setTimeout(wake, PAUSE_MS).unref()
      })
  }

  const poll = (): void => {
    claimExpired = true
    wake()
  }

  return {
    wake,
    async start() {
      running = true
      if (!store.isShared) await store.engine.leases.endAll(table, new Date(clock.now()))
      unlisten = store.onSignal(table, wake)
      timer = setInterval(poll, POLL_EVERY_MS).unref()
      poll()
    },
    async stop() {
      running = false
      unlisten()
      // Leases are renewed until the running items have finished.
      clearInterval(timer)
      await claiming
      await Promise.all(runningItems.values())
      leases.stop()
    },
  }
}
