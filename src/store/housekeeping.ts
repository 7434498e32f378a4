import type { Logger } from '../kit/logger.ts'
import { storeReason } from './store-reason.ts'

/** A Housekeeping repeats tasks that no call waits for: sweeping, erasing what is over. */
export interface Housekeeping {
  /** Runs `task` every `ms` until `stop`; a run that takes longer than that delays the next one, none overlaps another. */
  every(name: string, ms: number, task: () => Promise<unknown>): void
  /** Starts nothing any more, and waits for what runs. */
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
          logger.warn({ task: name, reason: storeReason(error) }, 'housekeeping failed, and is tried again the next time')
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
