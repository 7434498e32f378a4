import { AsyncLocalStorage } from 'node:async_hooks'
import { type Clock, systemClock } from './clock.ts'

/**
 * A Timeline is a clock that can be frozen and moved, and a schedule of work.
 *
 * After a jump, due work runs one after the other, ordered by its time. For the work, also after its awaits, `now()` is the time for which it
 * was scheduled; for all other code it is already the new time. Work that waits for the network must limit its wait in real time, because a
 * jump waits for it.
 */
export interface Timeline extends Clock {
  readonly frozen: boolean
  freeze(): void
  /** Lets time run again from the current time. */
  resume(): void
  /** Moving back runs nothing; scheduled work keeps its time. */
  set(ms: number): void
  advance(ms: number): void
  /** Schedules `run` for that time, at the earliest after the current turn. The returned function cancels it. */
  at(ms: number, run: () => void | Promise<void>): () => void
  /** Starts work that became due because a test moved the underlying clock. With the system clock it does nothing. */
  runDue(): void
  /** Resolves when all due work has run, including work that it scheduled for now; rejects with the first error. */
  settle(): Promise<void>
  /** The offset from the underlying clock, as JSON. `restore` sets it again and runs nothing. */
  save(): ClockOffset
  restore(offset: ClockOffset): void
  /** Removes all scheduled work, wakes all sleepers, and resets the offset. */
  clear(): void
}

export interface ClockOffset {
  shiftMs: number
  frozenAt: number | null
}

interface ScheduledTask {
  at: number
  run: () => void | Promise<void>
}

/** Node's timers are limited to 24.8 days; a check once a day is enough. */
const LONGEST_WAIT_MS = 86_400_000

export function createTimeline(clock: Clock): Timeline {
  /** Ordered by time, then by insertion. */
  const schedule: ScheduledTask[] = []
  let shiftMs = 0
  let frozenAt: number | undefined
  let timer: NodeJS.Timeout | undefined
  let catchingUp = false
  /** Work in progress. */
  const running = new Set<Promise<void>>()
  const sleepers = new Set<() => void>()
  const taskTime = new AsyncLocalStorage<number>()

  // Only the system clock runs by itself; a test moves any other clock.
  const runs = () => clock === systemClock && frozenAt === undefined
  const wallTime = () => frozenAt ?? clock.now() + shiftMs
  const isDue = () => schedule.length > 0 && schedule[0]!.at <= wallTime()

  /** Tracks work until it ends. Without a `settle` its error stays unhandled, and ends the process. */
  function track(work: Promise<void>): void {
    const tracked = work.finally(() => running.delete(tracked))
    running.add(tracked)
  }

  /** After a jump: runs due work in order; synchronous up to the first work that waits. */
  async function runDueInOrder(): Promise<void> {
    catchingUp = true
    try {
      while (isDue()) {
        const { at, run } = schedule.shift()!
        const done = taskTime.run(at, run)
        if (done) await done
      }
    } finally {
      catchingUp = false
      arm()
    }
  }
  const catchUp = () => {
    if (!catchingUp && isDue()) track(runDueInOrder())
  }

  /** The timer fired: due work starts in order, and runs concurrently. */
  function tick(): void {
    timer = undefined
    if (!runs()) return catchUp()
    while (!catchingUp && isDue()) {
      const done = schedule.shift()!.run()
      if (done) track(done)
    }
    arm()
  }

  function arm(): void {
    clearTimeout(timer)
    timer = undefined
    const next = schedule[0]
    if (!next || catchingUp) return
    const wait = next.at - wallTime()
    if (wait > 0 && !runs()) return
    // Outside the current task's context, or the work would keep that task's time.
    timer = taskTime.exit(() => setTimeout(tick, Math.min(Math.max(0, wait), LONGEST_WAIT_MS)))
    timer.unref()
  }

  const timeline: Timeline = {
    now: () => taskTime.getStore() ?? wallTime(),
    get frozen() {
      return frozenAt !== undefined
    },
    freeze() {
      frozenAt ??= wallTime()
      arm()
    },
    resume() {
      if (frozenAt !== undefined) shiftMs = frozenAt - clock.now()
      frozenAt = undefined
      arm()
    },
    set(ms) {
      if (frozenAt !== undefined) frozenAt = ms
      else shiftMs = ms - clock.now()
      catchUp()
      arm()
    },
    advance: (ms) => timeline.set(wallTime() + ms),
    at(ms, run) {
      const task = { at: ms, run }
      const index = schedule.findLastIndex(({ at }) => at <= ms) + 1
      schedule.splice(index, 0, task)
      if (index === 0) arm()
      return () => {
        const index = schedule.indexOf(task)
        if (index >= 0) schedule.splice(index, 1)
      }
    },
    runDue() {
      // The system clock's timer does this.
      if (!runs()) catchUp()
    },
    async settle() {
      // Work that waits for itself would never end.
      if (taskTime.getStore() !== undefined) return
      for (catchUp(); running.size > 0; catchUp()) await Promise.all(running)
    },
    async sleep(ms, signal) {
      signal?.throwIfAborted()
      if (clock !== systemClock && frozenAt === undefined) {
        await clock.sleep(ms, signal)
        return catchUp()
      }
      await new Promise<void>((resolve, reject) => {
        const wake = () => {
          cancel()
          sleepers.delete(wake)
          signal?.removeEventListener('abort', abort)
          resolve()
        }
        const abort = () => {
          reject(signal!.reason as Error)
          wake()
        }
        const cancel = timeline.at(timeline.now() + ms, wake)
        sleepers.add(wake)
        signal?.addEventListener('abort', abort, { once: true })
      })
    },
    save: () => ({ shiftMs, frozenAt: frozenAt ?? null }),
    restore(offset) {
      shiftMs = offset.shiftMs
      frozenAt = offset.frozenAt ?? undefined
      arm()
    },
    clear() {
      for (const wake of sleepers) wake()
      schedule.length = 0
      shiftMs = 0
      frozenAt = undefined
      arm()
    },
  }
  return timeline
}
