import { LRUCache } from 'lru-cache'
import type { Clock } from '../kit/clock.ts'

/** A minute; lru-cache still serves what is exactly as old as its ttl. */
const REMEMBERED_MS = 60_000 - 1
const DEALS_MAX = 10_000

/** MissingDeals are the deals that were looked for everywhere in vain a moment ago, so that a loop over a wrong id does not pay for the lists each time. */
export interface MissingDeals {
  /** Whether the lists need not be asked again. */
  has(keyDigest: string, id: number): boolean
  /** Call before looking; the function remembers the deal as missing, unless this process has created deals meanwhile. */
  watch(keyDigest: string, id: number): () => void
  /** The deal exists now, for whichever key was looking for it. */
  created(id: number): void
}

export function createMissingDeals(clock: Clock): MissingDeals {
  const missing = new LRUCache<number, Set<string>>({ max: DEALS_MAX, ttl: REMEMBERED_MS, ttlResolution: 0, perf: clock })
  let creations = 0
  return {
    has: (digest, id) => missing.get(id)?.has(digest) ?? false,
    watch(digest, id) {
      const before = creations
      return () => {
        if (creations !== before) return
        const by = missing.get(id) ?? new Set()
        // The time runs from the first key's search; many keys after one id are a guess in either case.
        if (missing.has(id)) by.add(digest)
        else missing.set(id, by.add(digest))
      }
    },
    created(id) {
      creations++
      missing.delete(id)
    },
  }
}
