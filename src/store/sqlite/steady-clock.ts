import { systemClock, type Clock } from '../../kit/clock.ts'

/** While it is ahead of the machine's clock, it goes at this part of the speed. */
const SPEED_WHEN_AHEAD = 0.5

/** Sources are where a steady clock gets its time from, both in milliseconds: the machine's clock, and a count that nobody sets. */
interface Sources {
  machine(): number
  elapsed(): number
}

/**
 * The machine's clock, without its steps back: what was due in a minute must not be due in an hour because somebody has set the clock. A step
 * forward is taken at once, as after a sleep of the machine. After a step back it goes slower until both agree: nothing that was due is due
 * again, and nothing waits for more than twice its time.
 */
export function createSteadyClock({ machine, elapsed }: Sources = { machine: Date.now, elapsed: () => performance.now() }): Clock {
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
