import { AsyncLocalStorage } from 'node:async_hooks'
import { type Clock, systemClock } from './clock.ts'

/**
 * A Timeline is a clock that can be frozen and moved, with the work that is due at moments of it.
 *
 * When time jumps, due work runs one after the other in the order of its moments. For the work, also after its awaits, `now()` is the moment
 * for which it was planned; for everybody else it is already the new time. Work that waits for the world outside must bound its waiting by
 * real time, because a jump waits for it.
 */
export interface Timeline extends Clock {
  readonly frozen: boolean
  freeze(): void
  /** Lets time run on from where it stands. */
  resume(): void
  /** Going back runs nothing; what was planned stays planned for its moment. */
  set(ms: number): void
  advance(ms: number): void
  /** Runs `run` at that moment, at the earliest after the turn in which it was planned. The result cancels it. */
  at(ms: number, run: () => void | Promise<void>): () => void
  /** Starts what has become due because somebody moved the clock underneath; with the system's clock nothing ever has. */
  runDue(): void
  /** Resolves when all that is due has run, with what that planned for now; rejects with the first error of it. */
  settle(): Promise<void>
  /** Where it stands against the underlying clock, as JSON; given back by `restore`, which runs nothing. */
  save(): ClockOffset
  restore(offset: ClockOffset): void
  /** Forgets all planned work, wakes all sleepers, and shows the clock underneath again. */
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

/** Node's timers end after 24.8 days; looking again once a day is enough. */
const LONGEST_WAIT_MS = 86_400_000

export function createTimeline(clock: Clock): Timeline {
  /** By moment, then in order of planning. */
  const schedule: ScheduledTask[] = []
  let shiftMs = 0
  let frozenAt: number | undefined
  let timer: NodeJS.Timeout | undefined
  let catchingUp = false
  /** Work that has begun and not ended. */
  const running = new Set<Promise<void>>()
  const sleepers = new Set<() => void>()
  const taskTime = new AsyncLocalStorage<number>()

  // Any other clock moves when its owner moves it; no timer knows when that is.
  const runs = () => clock === systemClock && frozenAt === undefined
  const wallTime = () => frozenAt ?? clock.now() + shiftMs
  const isDue = () => schedule.length > 0 && schedule[0]!.at <= wallTime()

  /** Remembers work until it ends. Its error stays unhandled, and so ends the process, unless somebody settles. */
  function track(work: Promise<void>): void {
    const tracked = work.finally(() => running.delete(tracked))
    running.add(tracked)
  }

  /** Time has jumped: what is due happens in order, without waiting up to the first work that waits. */
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

  /** Time has run: what is due begins in order, and nothing waits for anything, as between strangers. */
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
    // Outside of the moment in which it is planned, or the work would see that moment for ever.
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
      // While time runs by itself its timer does this, and nothing waits for anything.
      if (!runs()) catchUp()
    },
    async settle() {
      // Work that waits for itself would wait for ever.
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
