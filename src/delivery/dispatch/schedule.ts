const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS

/** How long after each failed attempt the next one comes; the first comes at once. Eight attempts in 27 hours and 35 minutes: a night, and the day after. */
const WAITS_MS: readonly number[] = [5 * SECOND_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS, 5 * HOUR_MS, 10 * HOUR_MS, 10 * HOUR_MS]
export const ATTEMPTS = WAITS_MS.length + 1
/** A receiver that comes back is not met by everybody at the same moment. */
const JITTER = 0.1
/** Who says to come back in a month means never. */
const RETRY_AFTER_MAX_MS = 24 * HOUR_MS

/** How long to wait after so many failed attempts (1, 2, …); nothing when that was the last one. `random` is from 0 to 1. */
export function waitAfter(attempts: number, random: number): number | undefined {
  const wait = WAITS_MS[attempts - 1]
  return wait === undefined ? undefined : withJitter(wait, random)
}

/** At most JITTER more: never less, so that no attempt comes before its time. */
const withJitter = (ms: number, random: number): number => Math.round(ms * (1 + JITTER * random))

/** What Retry-After asks for, seconds or an HTTP date; nothing where it is neither. */
export function readRetryAfter(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined
  const value = text.trim()
  // Without a letter it is no date: Date.parse takes "-1" and "2" for years.
  const ms = /^\d{1,10}$/.test(value) ? Number(value) * SECOND_MS : /^[A-Za-z]/.test(value) ? Date.parse(value) - now : NaN
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), RETRY_AFTER_MAX_MS)
}

/** Failures in a row after which a receiver is asked with one delivery at a time. */
export const OPENS_AFTER_FAILURES = 5
const FIRST_SILENCE_MS = 10 * SECOND_MS
/** A receiver that was down for a night gets its first events half an hour after it is back, at the latest. */
const SILENCE_MAX_MS = 30 * MINUTE_MS

/** How long a receiver is left alone after so many failures in a row; 0: not at all. */
export function silenceAfter(failures: number, random: number): number {
  const over = failures - OPENS_AFTER_FAILURES
  return over < 0 ? 0 : Math.min(withJitter(FIRST_SILENCE_MS * 2 ** Math.min(over, 20), random), SILENCE_MAX_MS)
}

/** How often a receiver that has been turned off is asked whether it is back. */
export const PROBE_EVERY_MS = HOUR_MS
