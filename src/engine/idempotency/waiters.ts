import type { Clock } from '../../kit/clock.ts'

/** A Waiting is those who wait for one thing, each for as long as he can. */
export interface Waiters<T> {
  readonly size: number
  /** What comes of it, or `late()` when it has not come by then. */
  waitFor(untilMs: number | undefined, late: () => T): Promise<T>
  /** Nothing comes before this time: whoever cannot wait so long need not wait at all. */
  notBefore(ms: number): void
}

export function createWaiters<T>(coming: Promise<T>, clock: Clock): Waiters<T> {
  const waiters = new Set<{ untilMs: number; giveUp: () => void }>()
  return {
    get size() {
      return waiters.size
    },
    waitFor: (untilMs = Infinity, late) =>
      new Promise((resolve) => {
        const end = (value: T) => {
          clearTimeout(timer)
          waiters.delete(waiter)
          resolve(value)
        }
        const waiter = { untilMs, giveUp: () => end(late()) }
        waiters.add(waiter)
        const timer = Number.isFinite(untilMs) ? setTimeout(waiter.giveUp, Math.max(0, untilMs - clock.now())) : undefined
        void coming.then(end)
      }),
    notBefore(ms) {
      for (const waiter of waiters) if (waiter.untilMs < ms) waiter.giveUp()
    },
  }
}
