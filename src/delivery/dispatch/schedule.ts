const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS

/** The delay after each failed attempt. The eight attempts span 27 hours and 35 minutes: a night and the day after. */
const DELAYS_MS: readonly number[] = [5 * SECOND_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS, 5 * HOUR_MS, 10 * HOUR_MS, 10 * HOUR_MS]
export const ATTEMPTS = DELAYS_MS.length + 1
/** Spreads the retries, so that they do not all reach a recovered endpoint at once. */
const JITTER = 0.1

/** The delay after `attempts` failed attempts (1, 2, …); undefined after the last one. `random` is from 0 to 1. */
export function retryDelay(attempts: number, random: number): number | undefined {
  const delay = DELAYS_MS[attempts - 1]
  return delay === undefined ? undefined : withJitter(delay, random)
}

/** Adds at most JITTER, and never subtracts: no attempt is early. */
const withJitter = (ms: number, random: number): number => Math.round(ms * (1 + JITTER * random))

/** After so many consecutive failures an endpoint gets one delivery at a time. */
export const CIRCUIT_OPENS_AFTER = 5
const FIRST_QUIET_MS = 10 * SECOND_MS
/** An endpoint that was down for a night gets its first event at most half an hour after it is back. */
const QUIET_MAX_MS = 30 * MINUTE_MS

/** How long an endpoint gets no delivery after `failures` consecutive failures; 0: no pause. */
export function quietTime(failures: number, random: number): number {
  const over = failures - CIRCUIT_OPENS_AFTER
  return over < 0 ? 0 : Math.min(withJitter(FIRST_QUIET_MS * 2 ** Math.min(over, 20), random), QUIET_MAX_MS)
}

/** How often a disabled endpoint is probed. */
export const PROBE_EVERY_MS = HOUR_MS
