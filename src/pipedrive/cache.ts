import { LRUCache } from 'lru-cache'
import type { Clock } from '../kit/clock.ts'
import { OutOfTime } from './errors/out-of-time.ts'

/** Rows of lists and single records together; some 500 bytes each. */
const ROWS_MAX = 200_000

/** A CacheEntry is a loaded value and its time. The value of an id that was not found is undefined. */
export interface CacheEntry<V> {
  value: V | undefined
  loadedAt: number
  size: number
}

/** A CacheLoad is what a load has found, and the errors of the ids that it could not load; an id in neither is absent. */
export interface CacheLoad<V> {
  found: Map<number | string, V>
  failed?: ReadonlyMap<number | string, unknown>
}

/** A CacheRequest is the ids to get, how to load them, how long entries stay, and how long the caller can wait. */
export interface CacheRequest<V> {
  /** Unique for the account and kind; the id is appended. */
  prefix: string
  ids: readonly (number | string)[]
  ttlMs: number
  absentTtlMs?: number
  /** The number of rows in a value that is a list. */
  rows?: (value: V) => number
  /** Loads the ids that are not cached. */
  load(missing: (number | string)[]): Promise<CacheLoad<V>>
  timeLeftMs(): number
  /** Ignores cached entries and loads now, or joins a load in progress. */
  fresh?: boolean
}

/** A Cache keeps loaded values until they expire. Concurrent requests share one load, failures are not cached, and each caller waits at most its own time. */
export interface Cache {
  peek<V>(prefix: string, id: number | string): CacheEntry<V> | undefined
  getMany<V>(request: CacheRequest<V>): Promise<Required<CacheLoad<V>>>
  /** Replaces the value of an entry that exists; it expires when it would have. */
  update<V>(prefix: string, id: number | string, change: (value: V | undefined) => V | undefined): void
}

export function createCache(clock: Clock): Cache {
  const entries = new LRUCache<string, CacheEntry<unknown>>({ maxSize: ROWS_MAX, ttl: 1, ttlResolution: 0, perf: clock })
  const loads = new Map<string, Promise<CacheLoad<unknown>>>()
  const peek = <V>(prefix: string, id: number | string) => entries.get(prefix + id) as CacheEntry<V> | undefined

  async function loadNow<V>(request: CacheRequest<V>, missing: (number | string)[]): Promise<CacheLoad<V>> {
    const { prefix, ttlMs, absentTtlMs = ttlMs, rows = () => 1, load } = request
    const loading = load(missing)
    for (const id of missing) loads.set(prefix + id, loading)
    try {
      const loaded = await loading
      const loadedAt = clock.now()
      for (const id of missing) {
        if (loaded.failed?.has(id)) continue
        const value = loaded.found.get(id)
        const [ttl, size] = value === undefined ? [absentTtlMs, 1] : [ttlMs, 1 + rows(value)]
        // lru-cache still serves an entry that is exactly as old as its ttl.
        entries.set(prefix + id, { value, loadedAt, size }, { ttl: ttl - 1, size })
      }
      return loaded
    } finally {
      for (const id of missing) loads.delete(prefix + id)
    }
  }

  async function take<V>(request: CacheRequest<V>): Promise<Required<CacheLoad<V>>> {
    const { prefix, ids, fresh } = request
    const found = new Map<number | string, V>()
    const failed = new Map<number | string, unknown>()
    const missing: (number | string)[] = []
    const others = new Map<Promise<CacheLoad<unknown>>, (number | string)[]>()
    for (const id of new Set(ids)) {
      const cached = fresh ? undefined : peek<V>(prefix, id)
      const loading = cached ? undefined : loads.get(prefix + id)
      if (cached) {
        if (cached.value !== undefined) found.set(id, cached.value)
      } else if (loading) others.set(loading, [...(others.get(loading) ?? []), id])
      else missing.push(id)
    }
    const add = (ids: readonly (number | string)[], from: CacheLoad<unknown>) => {
      for (const id of ids)
        if (from.found.has(id)) found.set(id, from.found.get(id) as V)
        else if (from.failed?.has(id)) failed.set(id, from.failed.get(id))
    }
    await Promise.all([
      missing.length > 0 && loadNow(request, missing).then((loaded) => add(missing, loaded)),
      ...[...others].map(async ([loading, ids]) => add(ids, await join(loading, request, ids))),
    ])
    return { found, failed }
  }

  /** Joins a load of another call. Its deadline may pass before ours, or ours before the load ends. */
  async function join<V>(
    loading: Promise<CacheLoad<unknown>>,
    request: CacheRequest<V>,
    ids: (number | string)[],
  ): Promise<CacheLoad<unknown>> {
    let timer: NodeJS.Timeout | undefined
    const over = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new OutOfTime({ method: 'GET', path: 'a look-up' })), Math.max(0, request.timeLeftMs()))
    })
    try {
      return await Promise.race([loading, over])
    } catch (error) {
      if (error instanceof OutOfTime && request.timeLeftMs() > 0) return take({ ...request, ids })
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    peek,
    getMany: take,
    update(prefix, id, change) {
      const entry = peek<Parameters<typeof change>[0]>(prefix, id)
      if (entry) entries.set(prefix + id, { ...entry, value: change(entry.value) }, { noUpdateTTL: true, size: entry.size })
    },
  }
}
