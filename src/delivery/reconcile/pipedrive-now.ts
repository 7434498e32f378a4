import type { Clock } from '../../kit/clock.ts'
import type { OpenAccount } from '../accounts.ts'

/** A comparison begins this long before the last compared change: some changes are listed late, and servers' clocks differ. */
export const OVERLAP_MS = 120_000
/**
 * A row is compared this long after its second: until then more may happen in that second, the list may lag, and the webhook may still arrive.
 */
export const SETTLE_MS = 10_000

/** The time by Pipedrive's clock, which stamps the records; this machine's until a response shows it. `dealbridge doctor` compares the two. */
export function pipedriveNow({ lastDate }: Pick<OpenAccount, 'lastDate'>, clock: Clock): Date {
  const last = lastDate()
  return new Date(last ? last.ms + Math.max(0, clock.now() - last.at) : clock.now())
}

/** In the format of `updated_since`: whole seconds. */
export const secondsText = (time: Date): string => `${new Date(Math.floor(time.getTime() / 1_000) * 1_000).toISOString().slice(0, 19)}Z`

export const earlier = (time: Date, ms: number): Date => new Date(Math.floor((time.getTime() - ms) / 1_000) * 1_000)
