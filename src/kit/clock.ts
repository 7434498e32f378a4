/** A Clock is the only source of time in the program, so that tests can control it. Times are milliseconds since 1970, UTC. */
export interface Clock {
  now(): number
  /** Resolves after `ms`; rejects with the signal's reason if it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const abort = () => {
        clearTimeout(timer)
        reject(signal!.reason)
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', abort)
        resolve()
      }, ms)
      signal?.addEventListener('abort', abort, { once: true })
    }),
}

/** A ManualClock is a Clock that only tests advance; a sleep advances it too, so nothing waits. */
export interface ManualClock extends Clock {
  advance(ms: number): void
  set(ms: number): void
}

export function manualClock(startMs = Date.parse('2026-11-22T10:00:00Z')): ManualClock {
  let now = startMs
  return {
    now: () => now,
    advance: (ms) => void (now += ms),
    set: (ms) => void (now = ms),
    sleep: (ms, signal) => {
      if (signal?.aborted) return Promise.reject(signal.reason as Error)
      now += ms
      return Promise.resolve()
    },
  }
}
