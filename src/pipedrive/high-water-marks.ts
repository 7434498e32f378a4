import { LRUCache } from 'lru-cache'
import type { Clock } from '../kit/clock.ts'

/** Keys with stored marks. */
const KEYS_MAX = 10_000
/** Lists of one key with a stored id: each deal has its own lists. */
const LISTS_MAX = 100

/** A HighWaterMark is the latest state that one key has read from Pipedrive. */
export interface HighWaterMark {
  /** The last header `Date`, and when it arrived by our clock. */
  date: { ms: number; at: number } | undefined
  /** The highest numeric id in each list, by its path. */
  highest: ReadonlyMap<string, number>
}

/** HighWaterMarks store the highest ids and the last `Date` per key: a record created later has a higher id and is not older than that `Date`. */
export interface HighWaterMarks {
  of(keyDigest: string): HighWaterMark
  /** Records an answer. `data` is one record, a list, or a value without an id. */
  observe(keyDigest: string, answer: { date: string | undefined; collection: string; data: unknown }): void
}

export function createHighWaterMarks(clock: Clock): HighWaterMarks {
  const marks = new LRUCache<string, { date: HighWaterMark['date']; highest: Map<string, number> }>({ max: KEYS_MAX })
  const of = (digest: string) => {
    const existing = marks.get(digest)
    if (existing) return existing
    const mark = { date: undefined, highest: new Map<string, number>() }
    marks.set(digest, mark)
    return mark
  }
  return {
    of,
    observe(digest, { date, collection, data }) {
      const mark = of(digest)
      const ms = date === undefined ? NaN : Date.parse(date)
      // The clocks of servers behind one name may differ by some seconds; the read-back subtracts them.
      if (!Number.isNaN(ms)) mark.date = { ms, at: clock.now() }
      for (const row of Array.isArray(data) ? (data as unknown[]) : [data]) {
        const id = typeof row === 'object' && row !== null ? (row as { id?: unknown }).id : undefined
        if (typeof id === 'number' && Number.isSafeInteger(id)) noteId(mark.highest, collection, id)
      }
    },
  }
}

/** Without a stored id the last `Date` has to do, so the list that was used least recently gives way. */
function noteId(highest: Map<string, number>, collection: string, id: number): void {
  const known = highest.get(collection) ?? 0
  highest.delete(collection)
  highest.set(collection, Math.max(known, id))
  const [oldest] = highest.keys()
  if (highest.size > LISTS_MAX && oldest !== undefined) highest.delete(oldest)
}
