import { RETRY_AFTER_MAX_MS } from '../kit/retry-after.ts'

/** RateHeaders are the limits that an answer reports; each header may be missing. */
export interface RateHeaders {
  /** Requests per burst window. */
  limit?: number
  /** Requests left in the burst window. */
  remaining?: number
  /** Milliseconds until the burst window resets. */
  resetMs?: number
  /** The company's daily API tokens left. */
  dailyRemaining?: number
}

/** Some backends of Pipedrive (leads) send an epoch where the others send seconds; no real wait is this long. */
const EPOCH_FROM_SECONDS = 100_000_000
const EPOCH_FROM_MILLISECONDS = 100_000_000_000

export function readRateHeaders(headers: Record<string, string>, nowMs: number): RateHeaders {
  const count = (name: string): number | undefined => {
    const text = headers[name]
    const value = text === undefined || text.trim() === '' ? NaN : Number(text)
    return Number.isFinite(value) && value >= 0 ? value : undefined
  }
  const reset = count('x-ratelimit-reset')
  return {
    limit: count('x-ratelimit-limit'),
    remaining: count('x-ratelimit-remaining'),
    resetMs: reset === undefined ? undefined : untilReset(reset, nowMs),
    dailyRemaining: count('x-daily-ratelimit-token-remaining'),
  }
}

function untilReset(value: number, nowMs: number): number {
  const epochMs = value < EPOCH_FROM_SECONDS ? nowMs + value * 1000 : value < EPOCH_FROM_MILLISECONDS ? value * 1000 : value
  return Math.min(Math.max(0, epochMs - nowMs), RETRY_AFTER_MAX_MS)
}
