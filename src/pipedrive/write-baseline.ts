import type { Clock } from '../kit/clock.ts'
import type { HighWaterMark } from './high-water-marks.ts'
import type { Me } from './api-types.ts'
import type { WriteBaseline } from './write-guard.ts'

/** Where no id is known, everything since this `Date` is looked through afterwards: it has to be a recent one. */
const DATE_FRESH_MS = 60_000

interface BaselineDeps {
  /** From the cache when it is there. */
  me(): Promise<Me>
  /** Asks now. */
  askMe(): Promise<Me>
  seen(): HighWaterMark
  clock: Clock
  object: string
}

/** Where a write starts from; free when something of its object has been seen before. */
export async function captureBaseline({ me, askMe, seen, clock, object }: BaselineDeps): Promise<WriteBaseline> {
  const { id: userId, company_id: companyId } = await me()
  const { date, highest } = seen()
  if (!highest.has(object) && (!date || clock.now() - date.at > DATE_FRESH_MS)) await askMe()
  const now = seen()
  return { companyId, userId, sinceId: now.highest.get(object), sinceDateMs: now.date?.ms }
}
