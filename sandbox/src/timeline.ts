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
  restore(standing: ClockOffset): void
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
  const plan: ScheduledTask[] = []
  let shiftMs = 0
  let frozenAt: number | undefined
  let timer: NodeJS.Timeout | undefined
  let jumping = false
  /** Work that has begun and not ended. */
  const underWay = new Set<Promise<void>>()
  const sleepers = new Set<() => void>()
  const moment = new AsyncLocalStorage<number>()

  // Any other clock moves when its owner moves it; no timer knows when that is.
  const runs = () => clock === systemClock && frozenAt === undefined
  const outside = () => frozenAt ?? clock.now() + shiftMs
  const isDue = () => plan.length > 0 && plan[0]!.at <= outside()

  /** Remembers work until it ends. Its error stays unhandled, and so ends the process, unless somebody settles. */
  function follow(work: Promise<void>): void {
    const ended = work.finally(() => underWay.delete(ended))
    underWay.add(ended)
  }

  /** Time has jumped: what is due happens in order, without waiting up to the first work that waits. */
  async function jump(): Promise<void> {
    jumping = true
    try {
      while (isDue()) {
        const { at, run } = plan.shift()!
        const done = moment.run(at, run)
        if (done) await done
      }
    } finally {
      jumping = false
      arm()
    }
  }
  const catchUp = () => {
    if (!jumping && isDue()) follow(jump())
  }

  /** Time has run: what is due begins in order, and nothing waits for anything, as between strangers. */
  function tick(): void {
    timer = undefined
    if (!runs()) return catchUp()
    while (!jumping && isDue()) {
      const done = plan.shift()!.run()
      if (done) follow(done)
    }
    arm()
  }

  function arm(): void {
    clearTimeout(timer)
    timer = undefined
    const next = plan[0]
    if (!next || jumping) return
    const wait = next.at - outside()
    if (wait > 0 && !runs()) return
    // Outside of the moment in which it is planned, or the work would see that moment for ever.
    timer = moment.exit(() => setTimeout(tick, Math.min(Math.max(0, wait), LONGEST_WAIT_MS)))
    timer.unref()
  }

  const timeline: Timeline = {
    now: () => moment.getStore() ?? outside(),
    get frozen() {
      return frozenAt !== undefined
    },
    freeze() {
      frozenAt ??= outside()
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
    advance: (ms) => timeline.set(outside() + ms),
    at(ms, run) {
      const planned = { at: ms, run }
      const later = plan.findLastIndex(({ at }) => at <= ms) + 1
      plan.splice(later, 0, planned)
      if (later === 0) arm()
      return () => {
        const place = plan.indexOf(planned)
        if (place >= 0) plan.splice(place, 1)
      }
    },
    runDue() {
      // While time runs by itself its timer does this, and nothing waits for anything.
      if (!runs()) catchUp()
    },
    async settle() {
      // Work that waits for itself would wait for ever.
      if (moment.getStore() !== undefined) return
      for (catchUp(); underWay.size > 0; catchUp()) await Promise.all(underWay)
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
    restore(standing) {
      shiftMs = standing.shiftMs
      frozenAt = standing.frozenAt ?? undefined
      arm()
    },
    clear() {
      for (const wake of sleepers) wake()
      plan.length = 0
      shiftMs = 0
      frozenAt = undefined
      arm()
    },
  }
  return timeline
}
