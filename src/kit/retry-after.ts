const SECOND_MS = 1_000
/** Longer waits are shortened to a day: no sender knows when it is back that long before. */
export const RETRY_AFTER_MAX_MS = 24 * 3_600_000

/** Reads a Retry-After header, seconds or an HTTP date, in milliseconds from `now` and at most a day; undefined if it is neither. */
export function readRetryAfter(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined
  const value = text.trim()
  // A date starts with a letter: Date.parse reads "-1" and "2" as years. Any number of digits is a number, if only an infinite one.
  const ms = /^\d+$/.test(value) ? Number(value) * SECOND_MS : /^[A-Za-z]/.test(value) ? Date.parse(value) - now : NaN
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), RETRY_AFTER_MAX_MS)
}
