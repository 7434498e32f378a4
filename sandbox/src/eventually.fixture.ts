import { setTimeout as pause } from 'node:timers/promises'

/**
 * A wait gives up after this time without progress: the only time limit of the tests. It is far longer than any step on a slow, shared machine, so
 * that only a hanging test reaches it.
 */
export const PATIENCE_MS = 120_000

/** Short compared to a wait, long compared to a check. */
const LOOK_EVERY_MS = 20

/**
 * Waits until `look` succeeds, and returns what it returns. It gives up, with the last error of `look`, when nothing has progressed for `PATIENCE_MS`;
 * progress is a new value of `progress`, or a new message of the error: a failed `expect` names the value that it met.
 */
export async function eventually<T>(look: () => T | Promise<T>, progress?: () => unknown): Promise<T> {
  let [last, since] = ['', performance.now()]
  for (;;) {
    try {
      return await look()
    } catch (error) {
      const now = JSON.stringify([(error as Error).message, await progress?.()])
      if (now !== last) [last, since] = [now, performance.now()]
      else if (performance.now() - since > PATIENCE_MS) throw error
    }
    await pause(LOOK_EVERY_MS)
  }
}
