import type { Clock } from '../kit/clock.ts'
import type { HighWaterMark } from './high-water-marks.ts'
import type { Me } from './api-types.ts'
import type { WriteBaseline } from './write-guard.ts'

/** If no id is known, a read-back covers everything since this `Date`, so it has to be recent. */
const DATE_FRESH_MS = 60_000

interface BaselineDeps {
  /** From the cache if it is there. */
  me(): Promise<Me>
  /** Reads it now. */
  fetchMe(): Promise<Me>
  marks(): HighWaterMark
  clock: Clock
  /** The path of the list. */
  collection: string
}

/** Captures the baseline of a write; free if a record of its list was read before. */
export async function captureBaseline({ me, fetchMe, marks, clock, collection }: BaselineDeps): Promise<WriteBaseline> {
  const { id: userId, company_id: companyId } = await me()
  const { date, highest } = marks()
  if (!highest.has(collection) && (!date || clock.now() - date.at > DATE_FRESH_MS)) await fetchMe()
  const now = marks()
  return { companyId, userId, sinceId: now.highest.get(collection), sinceDateMs: now.date?.ms }
}
