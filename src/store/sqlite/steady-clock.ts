import { systemClock, type Clock } from '../../kit/clock.ts'

/** The speed of the clock while it is ahead of the machine's clock. */
const SPEED_WHEN_AHEAD = 0.5

/** ClockSources are the inputs of a steady clock in milliseconds: the machine's clock, and a monotonic counter. */
interface ClockSources {
  machine(): number
  elapsed(): number
}

/**
 * The machine's clock without steps back: a changed clock must not delay due work by an hour. It follows a step forward at once, as after a
 * sleep of the machine. After a step back it runs slower until both agree: work is not due twice, and waits at most twice its time.
 */
export function createSteadyClock({ machine, elapsed }: ClockSources = { machine: Date.now, elapsed: () => performance.now() }): Clock {
  let last = machine()
  let lastElapsed = elapsed()
  return {
    now() {
      const current = elapsed()
      const passed = current - lastElapsed
      lastElapsed = current
      const right = machine()
      last = right >= last + passed ? right : Math.max(right, last + passed * SPEED_WHEN_AHEAD)
      return Math.floor(last)
    },
    sleep: systemClock.sleep,
  }
}
