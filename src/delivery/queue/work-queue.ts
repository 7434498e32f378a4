import type { Clock } from '../../kit/clock.ts'
import type { Logger } from '../../kit/logger.ts'
import { createLeases, type Lease } from '../../store/leases.ts'
import { storeReason } from '../../store/store-reason.ts'
import type { Store } from '../../store/store.ts'
import { NEVER } from '../deps.ts'

/**
 * Lanes are rows that are worked on one at a time each, and side by side: sources, and subscriptions. A row is due from `due_at` on; whoever has
 * work for it sets that to now. Any number of processes claim them, a process that dies loses its own after 30 s. A slow lane
 * delays no other.
 */
export interface WorkQueue {
  /** There is something to do now. */
  wake(): void
  start(): Promise<void>
  /** Claims nothing more, and waits for what runs. */
  stop(): Promise<void>
}

export interface WorkQueueOptions {
  table: 'sources' | 'subscriptions'
  store: Store
  clock: Clock
  logger: Logger
  /** How many lanes this process works on at once. */
  concurrency: number
  /** Does what is due while the lease is held, which it is not when this process is to end, either; answers when there is more to do, nothing when not until somebody says so. What it throws is logged, and tried again. */
  run(id: string, lease: Lease): Promise<Date | undefined>
}

/** Signals can be lost, and other processes may have died. */
const LOOK_EVERY_MS = 1_000
const AGAIN_AFTER_FAILURE_MS = 10_000
const PAUSE_MS = 5

export function createWorkQueue({ table, store, clock, logger, concurrency, run }: WorkQueueOptions): WorkQueue {
  const leases = createLeases({ engine: store.engine, table, logger })
  const working = new Map<string, Promise<void>>()
  let claiming: Promise<void> | undefined
  let again = false
  let lookForLeft = false
  let timer: NodeJS.Timeout | undefined
  let running = false
  let unlisten = () => {}

  /** What others have left behind, now and then. Not what this very process has lost and still works on: a lane is never worked on twice at once. */
  const claim = async (limit: number): Promise<string[]> => {
    const left = lookForLeft ? await leases.claimLeft(limit) : []
    lookForLeft = false
    if (left.length === limit) return left
    return [...left, ...(await leases.claimDue(new Date(clock.now()), limit - left.length))]
  }

  async function work(id: string): Promise<void> {
    const lease = leases.leaseOf(id)
    let ended = false
    const isHeld = () => !(ended ||= !running || !lease.isHeld())
    let due: Date | undefined
    try {
      due = await run(id, { isHeld })
      // Told to end, or in doubt, it may have left work undone.
      if (!isHeld()) due = new Date(clock.now())
    } catch (error) {
      logger.error({ table, id, error }, 'work on a lane has failed, and is tried again')
      due = new Date(clock.now() + AGAIN_AFTER_FAILURE_MS)
    }
    // Others may have waited for the room.
    let again = leases.size >= concurrency
    try {
      const dueAgain = await leases.release(id, due ?? NEVER)
      again ||= dueAgain !== undefined && dueAgain.getTime() <= clock.now()
    } catch (error) {
      logger.warn({ table, id, reason: storeReason(error) }, 'a lane could not be given back, and is looked at again')
    } finally {
      working.delete(id)
      if (again) wake()
    }
  }

  async function claimAll(): Promise<void> {
    do {
      again = false
      const free = concurrency - leases.size
      if (!running || free <= 0) return
      const ids = await claim(free)
      for (const id of ids) working.set(id, work(id))
      if (ids.length === free) return
    } while (again)
  }

  function wake(): void {
    again = true
    if (claiming || !running) return
    claiming = claimAll()
      .catch((error: unknown) => logger.warn({ table, reason: storeReason(error) }, 'lanes could not be claimed, and are looked for again'))
      .finally(() => {
        claiming = undefined
        // Not at once: a database that is away would be asked without a pause.
        if (again && leases.size < concurrency) setTimeout(wake, PAUSE_MS).unref()
      })
  }

  const look = (): void => {
    lookForLeft = true
    wake()
  }

  return {
    wake,
    async start() {
      running = true
      if (!store.isShared) await store.engine.leases.endAll(table, new Date(clock.now()))
      unlisten = store.onSignal(table, wake)
      timer = setInterval(look, LOOK_EVERY_MS).unref()
      look()
    },
    async stop() {
      running = false
      unlisten()
      // Renewing goes on while what runs comes to its end.
      clearInterval(timer)
      await claiming
      await Promise.all(working.values())
      leases.stop()
    },
  }
}
