import { setTimeout as pause } from 'node:timers/promises'

/**
 * How long nothing may progress before a wait gives up: the one limit of all tests. Machines differ by a factor of five and are shared, so that it is
 * far beyond what any step takes, and a test that hangs is all that ever meets it.
 */
export const PATIENCE_MS = 120_000

/** Short beside what is waited for, long beside a look. */
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
