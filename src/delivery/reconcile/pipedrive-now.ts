import type { Clock } from '../../kit/clock.ts'
import type { OpenAccount } from '../accounts.ts'

/** Changes are looked for from so long before the last one that was compared: some are listed late, and servers' clocks differ. */
export const OVERLAP_MS = 120_000
/**
 * A row is compared once its second is so long over: until then more may happen in that second, a list may lag behind, and the webhook is
 * on its way.
 */
export const SETTLE_MS = 10_000

/** What Pipedrive's clock says, for that is what records are stamped with. Ours where Pipedrive does not tell; `dealbridge doctor` compares the two. */
export function pipedriveNow({ lastDate }: Pick<OpenAccount, 'lastDate'>, clock: Clock): Date {
  const last = lastDate()
  return new Date(last ? last.ms + Math.max(0, clock.now() - last.at) : clock.now())
}

/** As `updated_since` takes it: whole seconds. */
export const secondsText = (moment: Date): string => `${new Date(Math.floor(moment.getTime() / 1_000) * 1_000).toISOString().slice(0, 19)}Z`

export const earlier = (moment: Date, ms: number): Date => new Date(Math.floor((moment.getTime() - ms) / 1_000) * 1_000)
