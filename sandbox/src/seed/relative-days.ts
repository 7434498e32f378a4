import { rfc3339 } from '../time.ts'

const DAY_SECONDS = 86_400

/** Days turn the relative times of a seed into those of a clock. */
export interface Days {
  /** The time so many days ago. */
  time(ago: number): string
  /** The same in seconds since 1970. */
  seconds(ago: number): number
  /** The date so many days from today, UTC. */
  date(ahead: number): string
}

export function daysFrom(nowSeconds: number): Days {
  const seconds = (ago: number) => Math.floor(nowSeconds - ago * DAY_SECONDS)
  return { seconds, time: (ago) => rfc3339(seconds(ago)), date: (ahead) => rfc3339(seconds(-ahead)).slice(0, 10) }
}
