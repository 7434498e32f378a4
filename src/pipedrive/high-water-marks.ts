import { LRUCache } from 'lru-cache'
import type { Clock } from '../kit/clock.ts'

/** Keys that are remembered. */
const KEYS_MAX = 10_000

/** A Seen is what one key has seen of Pipedrive so far. */
export interface HighWaterMark {
  /** The last header `Date`, and when it came by our clock. */
  date: { ms: number; at: number } | undefined
  /** The highest id of each object. */
  highest: ReadonlyMap<string, number>
}

/** A Sight remembers per key how far it has seen: what was created later has a higher id, and is not older than the last `Date`. */
export interface HighWaterMarks {
  of(keyDigest: string): HighWaterMark
  /** An answer came. `data` is one record, a list, or nothing with an id. */
  observe(keyDigest: string, answer: { date: string | undefined; object: string; data: unknown }): void
}

export function createHighWaterMarks(clock: Clock): HighWaterMarks {
  const kept = new LRUCache<string, { date: HighWaterMark['date']; highest: Map<string, number> }>({ max: KEYS_MAX })
  const of = (digest: string) => {
    const known = kept.get(digest)
    if (known) return known
    const seen = { date: undefined, highest: new Map<string, number>() }
    kept.set(digest, seen)
    return seen
  }
  return {
    of,
    observe(digest, { date, object, data }) {
      const seen = of(digest)
      const ms = date === undefined ? NaN : Date.parse(date)
      // Servers behind one name may differ by some seconds; who looks back subtracts them.
      if (!Number.isNaN(ms)) seen.date = { ms, at: clock.now() }
      for (const row of Array.isArray(data) ? (data as unknown[]) : [data]) {
        const id = typeof row === 'object' && row !== null ? (row as { id?: unknown }).id : undefined
        if (typeof id === 'number' && Number.isSafeInteger(id) && id > (seen.highest.get(object) ?? 0)) seen.highest.set(object, id)
      }
    },
  }
}
