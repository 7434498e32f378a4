import type { Clock } from '../kit/clock.ts'
import type { PipedriveCalls } from './calls.ts'
import { fetchRecords, orAbsent } from './fetch-records.ts'
import type { LinkedRecord, LinkedKind, ListedRecord, ReferenceData } from './pipedrive.ts'
import type { Cache, CacheRequest } from './cache.ts'
import type { Deadline } from './send.ts'
import type { Me, V1User } from './api-types.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** Names of people and organizations change, and become visible, while users edit them. */
const RECORD_MS = MINUTE_MS
/** Users, stages and other lists change a few times a year. */
const REFERENCE_MS = 6 * HOUR_MS
const VISIBILITY_MS = 24 * HOUR_MS
/** An unknown id in every call must not cause a list read in every call. */
const REFRESH_AT_MOST_EVERY_MS = MINUTE_MS
/** One user costs 2 tokens, the list 20: a caller that needs more than this many probably needs others too. */
const USERS_BY_ID = 5

/** A CacheScope is the cache state of one key: an id that separates its entries from all others, its company if known, the users requested so far, and when each list was last refreshed for a missing row. */
export interface CacheScope {
  readonly id: number
  companyId?: number
  readonly requestedUsers: Set<number>
  readonly refreshedAt: Map<keyof ListedRecord, number>
}

export interface ReferenceDataDeps {
  clock: Clock
  cache: Cache
  /** Called each time: a refused key gets a new scope, so its old entries are unreachable. */
  scope(): CacheScope
  pipedrive: PipedriveCalls
  /** The same calls without the caller's abort signal: other calls may wait for what they load. */
  shared: PipedriveCalls
  deadline: Deadline
}

export function createReferenceData({ clock, cache, scope, pipedrive, shared, deadline }: ReferenceDataDeps): ReferenceData {
  const prefix = (kind: string) => `${scope().id}:${kind}:`
  const timeLeftMs = () => deadline.at - clock.now()
  const getCached = <V>(
    kind: string,
    ids: readonly (number | string)[],
    options: Pick<CacheRequest<V>, 'ttlMs' | 'absentTtlMs' | 'rows' | 'fresh' | 'load'>,
  ) => cache.getMany<V>({ prefix: prefix(kind), ids, timeLeftMs, ...options })

  /** One value without an id. */
  async function one<V>(
    kind: string,
    ttlMs: number,
    read: () => Promise<V>,
    options: { fresh?: boolean; rows?: (value: V) => number } = {},
  ): Promise<V> {
    const found = await getCached<V>(kind, [''], { ttlMs, load: async () => new Map([['', await read()]]), ...options })
    return found.get('')!
  }

  const readList: { [K in keyof ListedRecord]: () => Promise<ListedRecord[K][]> } = {
    user: shared.users.list,
    stage: async () =>
      (await shared.stages.list()).filter((s) => !s.is_deleted).sort((a, b) => a.pipeline_id - b.pipeline_id || a.order_nr - b.order_nr),
    pipeline: async () => (await shared.pipelines.list()).filter((p) => !p.is_deleted).sort((a, b) => a.order_nr - b.order_nr),
    activityType: async () => (await shared.activityTypes.list()).sort((a, b) => a.order_nr - b.order_nr),
    currency: shared.currencies.list,
  }
  const cachedList = <K extends keyof ListedRecord>(kind: K) => cache.peek<ListedRecord[K][]>(prefix(`${kind} list`), '')
  const list = <K extends keyof ListedRecord>(kind: K, { fresh = false } = {}): Promise<ListedRecord[K][]> =>
    one<ListedRecord[K][]>(`${kind} list`, REFERENCE_MS, readList[kind], { fresh, rows: (rows) => rows.length })
  const isStale = (kind: keyof ListedRecord) => clock.now() - (cachedList(kind)?.loadedAt ?? 0) >= REFRESH_AT_MOST_EVERY_MS

  /** Picks from the cached list; if the result is not complete, picks from the list read now. */
  async function search<K extends keyof ListedRecord, V>(
    kind: K,
    pick: (rows: ListedRecord[K][]) => V,
    isAll: (found: V) => boolean,
  ): Promise<V> {
    const { refreshedAt } = scope()
    const wasCached = cachedList(kind) !== undefined
    const found = pick(await list(kind))
    const mayRefresh = wasCached && clock.now() - (refreshedAt.get(kind) ?? 0) >= REFRESH_AT_MOST_EVERY_MS
    if (isAll(found) || !mayRefresh) return found
    const rows = await list(kind, { fresh: true })
    refreshedAt.set(kind, clock.now())
    return pick(rows)
  }

  const fromList = <K extends 'user' | 'stage'>(kind: K, ids: readonly number[]): Promise<Map<number, ListedRecord[K]>> =>
    search(
      kind,
      (rows) => new Map(rows.filter((row) => ids.includes(row.id)).map((row) => [row.id, row])),
      (found) => found.size === ids.length,
    )

  async function users(ids: readonly number[]): Promise<Map<number, V1User>> {
    if (cachedList('user')) return fromList('user', ids)
    const { requestedUsers } = scope()
    for (const id of ids) if (requestedUsers.size <= USERS_BY_ID) requestedUsers.add(id)
    if (requestedUsers.size > USERS_BY_ID) return fromList('user', ids)
    return getCached<V1User>('user', ids, {
      ttlMs: REFERENCE_MS,
      absentTtlMs: REFRESH_AT_MOST_EVERY_MS,
      load: async (missing) => {
        const read = await Promise.all(missing.map(async (id) => [id, await orAbsent(shared.users.get(Number(id)))] as const))
        return new Map(read.filter((pair): pair is [number, V1User] => pair[1] !== undefined))
      },
    }) as Promise<Map<number, V1User>>
  }

  const records = <T extends { id: number; is_deleted: boolean }>(
    kind: 'person' | 'organization',
    { get, list }: { get(id: number): Promise<T>; list(query: { ids: number[] }): Promise<{ rows: T[] }> },
    ids: readonly number[],
  ) =>
    getCached<T>(kind, ids, {
      ttlMs: RECORD_MS,
      load: (missing) => fetchRecords(missing.map(Number), { get, list: async (some) => (await list({ ids: [...some] })).rows }),
    }) as Promise<Map<number, T>>

  const kinds: { [K in LinkedKind]: (ids: readonly number[]) => Promise<Map<number, LinkedRecord[K]>> } = {
    user: users,
    stage: (ids) => fromList('stage', ids),
    person: (ids) => records('person', shared.persons, ids),
    organization: (ids) => records('organization', shared.organizations, ids),
    // Neither cached nor shared: the flows that read them also change them.
    activity: (ids) =>
      fetchRecords(ids, { get: pipedrive.activities.get, list: async (some) => (await pipedrive.activities.list({ ids: some })).rows }),
    deal: (ids) =>
      fetchRecords<LinkedRecord['deal']>(ids, {
        get: (id) => pipedrive.deals.get(id),
        list: async (some) => (await pipedrive.deals.list({ ids: some })).rows,
        listRest: async (some) => (await pipedrive.deals.listArchived({ ids: some })).rows,
      }),
  }

  return {
    async fetch(kind, ids) {
      const validIds = [...new Set(ids)].filter((id) => id > 0)
      return validIds.length === 0 ? new Map() : kinds[kind](validIds)
    },
    find: (kind, pick) => search(kind, pick, (found) => found !== undefined),
    stage: async (id) => (await fromList('stage', [id])).get(id),
    stages: (options) => list('stage', options),
    pipelines: (options) => list('pipeline', options),
    users: ({ fresh = false } = {}) => list('user', { fresh: fresh && isStale('user') }),
    activityTypes: ({ fresh = false } = {}) => list('activityType', { fresh: fresh && isStale('activityType') }),
    currencies: ({ fresh = false } = {}) => list('currency', { fresh: fresh && isStale('currency') }),
    me: () => one<Me>('me', REFERENCE_MS, shared.users.me),
    visibleToOptions: () =>
      one<number[]>('visible_to', VISIBILITY_MS, async () => {
        const field = await orAbsent(shared.dealFields.get('visible_to'))
        return (field?.options ?? []).map((option) => Number(option.id)).sort((a, b) => a - b)
      }),
  }
}
