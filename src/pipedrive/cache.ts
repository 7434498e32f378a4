import { LRUCache } from 'lru-cache'
import type { Clock } from '../kit/clock.ts'
import { OutOfTime } from './errors/out-of-time.ts'

/** Rows of lists and single records together; some 500 bytes each. */
const ROWS_MAX = 200_000

/** A Kept is something that was loaded, and when. What was looked for in vain is kept as undefined. */
export interface CacheEntry<V> {
  value: V | undefined
  loadedAt: number
}

/** A Wanted says what is wanted from memory, for how long what was found or not found stays there, and how long the asker can wait. */
export interface CacheRequest<V> {
  /** Unique for the account and kind; the id is put behind it. */
  prefix: string
  ids: readonly (number | string)[]
  keepMs: number
  keepAbsentMs?: number
  /** Rows in a value, where it is a list. */
  rows?: (value: V) => number
  /** Loads now what is not kept; an id that is not in the answer is absent. */
  load(missing: (number | string)[]): Promise<Map<number | string, V>>
  timeLeftMs(): number
  /** Not what is kept, but what is loaded now (or is just being loaded). */
  fresh?: boolean
}

/** A Memory keeps what was loaded for its time. What is wanted twice at once is loaded once; a failure is not kept; nobody waits longer than his own time. */
export interface Cache {
  peek<V>(prefix: string, id: number | string): CacheEntry<V> | undefined
  take<V>(wanted: CacheRequest<V>): Promise<Map<number | string, V>>
}

export function createCache(clock: Clock): Cache {
  const kept = new LRUCache<string, CacheEntry<unknown>>({ maxSize: ROWS_MAX, ttl: 1, ttlResolution: 0, perf: clock })
  const underWay = new Map<string, Promise<Map<number | string, unknown>>>()
  const peek = <V>(prefix: string, id: number | string) => kept.get(prefix + id) as CacheEntry<V> | undefined

  async function loadNow<V>(wanted: CacheRequest<V>, missing: (number | string)[]): Promise<Map<number | string, V>> {
    const { prefix, keepMs, keepAbsentMs = keepMs, rows = () => 1, load } = wanted
    const loading = load(missing)
    for (const id of missing) underWay.set(prefix + id, loading)
    try {
      const loaded = await loading
      const loadedAt = clock.now()
      for (const id of missing) {
        const value = loaded.get(id)
        const [ttl, size] = value === undefined ? [keepAbsentMs, 1] : [keepMs, 1 + rows(value)]
        // lru-cache still serves what is exactly as old as its ttl.
        kept.set(prefix + id, { value, loadedAt }, { ttl: ttl - 1, size })
      }
      return loaded
    } finally {
      for (const id of missing) underWay.delete(prefix + id)
    }
  }

  async function take<V>(wanted: CacheRequest<V>): Promise<Map<number | string, V>> {
    const { prefix, ids, fresh } = wanted
    const found = new Map<number | string, V>()
    const missing: (number | string)[] = []
    const others = new Map<Promise<Map<number | string, unknown>>, (number | string)[]>()
    for (const id of new Set(ids)) {
      const here = fresh ? undefined : peek<V>(prefix, id)
      const loading = here ? undefined : underWay.get(prefix + id)
      if (here) {
        if (here.value !== undefined) found.set(id, here.value)
      } else if (loading) others.set(loading, [...(others.get(loading) ?? []), id])
      else missing.push(id)
    }
    const add = (ids: readonly (number | string)[], from: Map<number | string, unknown>) => {
      for (const id of ids) if (from.has(id)) found.set(id, from.get(id) as V)
    }
    await Promise.all([
      missing.length > 0 && loadNow(wanted, missing).then((loaded) => add(missing, loaded)),
      ...[...others].map(async ([loading, ids]) => add(ids, await joined(loading, wanted, ids))),
    ])
    return found
  }

  /** What another call is loading already. Its time may be over before ours, and ours before it has loaded. */
  async function joined<V>(
    loading: Promise<Map<number | string, unknown>>,
    wanted: CacheRequest<V>,
    ids: (number | string)[],
  ): Promise<Map<number | string, unknown>> {
    let timer: NodeJS.Timeout | undefined
    const over = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new OutOfTime({ method: 'GET', path: 'a look-up' })), Math.max(0, wanted.timeLeftMs()))
    })
    try {
      return await Promise.race([loading, over])
    } catch (error) {
      if (error instanceof OutOfTime && wanted.timeLeftMs() > 0) return take({ ...wanted, ids })
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  return { peek, take }
}
