import type { Logger } from '../kit/logger.ts'
import { storeReason } from './store-reason.ts'

/** A Housekeeping repeats background tasks, such as deleting expired rows. */
export interface Housekeeping {
  /** Runs `task` every `ms` until `stop`. Runs never overlap: a long run delays the next one. */
  every(name: string, ms: number, task: () => Promise<unknown>): void
  /** Starts no more runs, and waits for the running ones. */
  stop(): Promise<void>
}

export function createHousekeeping(logger: Logger): Housekeeping {
  const timers: NodeJS.Timeout[] = []
  const running = new Map<string, Promise<void>>()
  return {
    every(name, ms, task) {
      const run = async () => {
        try {
          await task()
        } catch (error) {
          logger.warn({ task: name, reason: storeReason(error) }, 'housekeeping failed; will retry')
        } finally {
          running.delete(name)
        }
      }
      const timer = setInterval(() => {
        if (!running.has(name)) running.set(name, run())
      }, ms)
      // It must not keep the process alive.
      timers.push(timer.unref())
    },
    async stop() {
      for (const timer of timers) clearInterval(timer)
      await Promise.all(running.values())
    },
  }
}
