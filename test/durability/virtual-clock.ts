import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../src/kit/clock.ts'

/** Between two sleeps a process works in promises. This many turns of the event loop complete them, including body streams and shared commits. */
const QUIET_TURNS = 12

/** A ProcessClock is the view of one process on a VirtualClock. After `stop` its sleepers never wake. */
export interface ProcessClock extends Clock {
  stop(): void
}

/** A VirtualClock serves several sleepers: it stops while work is running, and then advances to the next time that a sleeper waits for. */
export interface VirtualClock extends Clock {
  /** Advances time until `work` settles. Throws if `work` waits for something else than time. */
  run<T>(work: Promise<T>): Promise<T>
  /** Stops the clock until `work` settles: for work that takes more than a few turns of the event loop. */
  busy<T>(work: Promise<T>): Promise<T>
  forProcess(): ProcessClock
}

interface Sleeper {
  at: number
  wake: () => void
}

const never = new Promise<never>(() => undefined)

export function virtualClock(startMs = Date.parse('2026-11-22T10:00:00Z')): VirtualClock {
  let now = startMs
  let working = 0
  /** By wake time, then in order of arrival. */
  const sleepers: Sleeper[] = []

  const addSleeper = (ms: number, signal: AbortSignal | undefined, mayWake: () => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error)
      const leave = () => {
        const place = sleepers.indexOf(sleeper)
        if (place >= 0) sleepers.splice(place, 1)
        signal?.removeEventListener('abort', abort)
      }
      const abort = () => {
        leave()
        if (mayWake()) reject(signal!.reason as Error)
      }
      const sleeper: Sleeper = {
        at: now + Math.max(0, ms),
        wake: () => {
          leave()
          if (mayWake()) resolve()
        },
      }
      sleepers.splice(sleepers.findLastIndex(({ at }) => at <= sleeper.at) + 1, 0, sleeper)
      signal?.addEventListener('abort', abort, { once: true })
    })

  async function quiet(): Promise<void> {
    for (let turns = 0; turns < QUIET_TURNS; turns++) {
      await setImmediate()
      if (working > 0) turns = -1
    }
  }

  return {
    now: () => now,
    sleep: (ms, signal) => addSleeper(ms, signal, () => true),
    busy(work) {
      working++
      return work.finally(() => void working--)
    },
    async run(work) {
      let ended = false
      const end = () => void (ended = true)
      work.then(end, end)
      for (;;) {
        await quiet()
        if (ended) return work
        const next = sleepers[0]
        if (!next) throw new Error('deadlock: work is pending, and no sleeper is left')
        now = Math.max(now, next.at)
        next.wake()
      }
    },
    forProcess() {
      let alive = true
      return {
        now: () => now,
        sleep: (ms, signal) => (alive ? addSleeper(ms, signal, () => alive) : never),
        stop: () => void (alive = false),
      }
    },
  }
}
