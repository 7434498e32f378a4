import { rfc3339 } from '../time.ts'

const DAY_SECONDS = 86_400

/** Days converts the relative times of a seed to absolute times. */
export interface Days {
  /** The time that many days ago. */
  time(ago: number): string
  /** The same in seconds since 1970. */
  seconds(ago: number): number
  /** The date that many days from today, UTC. */
  date(ahead: number): string
}

export function daysFrom(nowSeconds: number): Days {
  const seconds = (ago: number) => Math.floor(nowSeconds - ago * DAY_SECONDS)
  return { seconds, time: (ago) => rfc3339(seconds(ago)), date: (ahead) => rfc3339(seconds(-ahead)).slice(0, 10) }
}
