import { setTimeout as pause } from 'node:timers/promises'

/**
 * How long a wait continues without progress: the one limit of all tests. Machines differ by a factor of five and are shared, so it is far longer
 * than any step takes, and only a test that hangs reaches it.
 */
export const PATIENCE_MS = 120_000

/** Shorter than the steps that tests wait for, longer than a check. */
const CHECK_EVERY_MS = 20

/**
 * Waits until `check` succeeds, and returns what it returns. It gives up, with the last error of `check`, when nothing has progressed for `PATIENCE_MS`;
 * progress is a new value of `progress`, or a new message of the error: a failed `expect` names the value that it got.
 */
export async function eventually<T>(check: () => T | Promise<T>, progress?: () => unknown): Promise<T> {
  let [last, since] = ['', performance.now()]
  for (;;) {
    try {
      return await check()
    } catch (error) {
      const now = JSON.stringify([(error as Error).message, await progress?.()])
      if (now !== last) [last, since] = [now, performance.now()]
      else if (performance.now() - since > PATIENCE_MS) throw error
    }
    await pause(CHECK_EVERY_MS)
  }
}
