import type { Clock } from '../../kit/clock.ts'

/** Waiters are the callers that wait for one result, each until its own deadline. */
export interface Waiters<T> {
  readonly size: number
  /** The result, or `late()` if it has not arrived by then. */
  waitFor(untilMs: number | undefined, late: () => T): Promise<T>
  /** No result arrives before this time: callers with an earlier deadline get `late()` now. */
  notBefore(ms: number): void
}

export function createWaiters<T>(result: Promise<T>, clock: Clock): Waiters<T> {
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
        void result.then(end)
      }),
    notBefore(ms) {
      for (const waiter of waiters) if (waiter.untilMs < ms) waiter.giveUp()
    },
  }
}
