import { LRUCache } from 'lru-cache'
import type { Clock } from '../kit/clock.ts'

/** A minute; lru-cache still serves an entry that is exactly as old as its ttl. */
const REMEMBERED_MS = 60_000 - 1
const DEALS_MAX = 10_000

/** MissingDeals are the deals that a recent search did not find, so that a loop over a wrong id does not pay for the lists each time. */
export interface MissingDeals {
  /** Whether a recent search by this key did not find the deal. */
  has(keyDigest: string, id: number): boolean
  /** Call it before the search; the returned function records the deal as missing, unless this process has created deals meanwhile. */
  startSearch(keyDigest: string, id: number): () => void
  /** The deal exists now, for every key. */
  created(id: number): void
}

export function createMissingDeals(clock: Clock): MissingDeals {
  const missing = new LRUCache<number, Set<string>>({ max: DEALS_MAX, ttl: REMEMBERED_MS, ttlResolution: 0, perf: clock })
  let creations = 0
  return {
    has: (digest, id) => missing.get(id)?.has(digest) ?? false,
    startSearch(digest, id) {
      const before = creations
      return () => {
        if (creations !== before) return
        const by = missing.get(id) ?? new Set()
        // The ttl starts with the first key's search; many keys that search one id are guessing in either case.
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
