import type { Clock } from '../kit/clock.ts'
import type { PipedriveCalls } from './calls.ts'
import { fetchRecords, orAbsent } from './fetch-records.ts'
import type { LinkedRecord, LinkedKind, ListedRecord, ReferenceData } from './pipedrive.ts'
import type { Cache, CacheRequest } from './cache.ts'
import type { Deadline } from './send.ts'
import type { Me, V1User } from './api-types.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** Names of people and companies change, and become visible, while somebody works with them. */
const RECORD_MS = MINUTE_MS
/** Users, stages and the like change a few times a year. */
const REFERENCE_MS = 6 * HOUR_MS
const VISIBILITY_MS = 24 * HOUR_MS
/** An unknown id in every call must not read a list in every call. */
const REFRESH_AT_MOST_EVERY_MS = MINUTE_MS
/** A user costs 2 tokens, all of them 20: who asks for more than this many will ask for others too. */
const USERS_BY_ID = 5

/** An Account is what the caches know of one key: a number to keep its entries apart from all others', whose it is once that was asked, which users were asked for, and when lists were read for what they lacked. */
export interface CacheScope {
  readonly id: number
  companyId?: number
  readonly usersAsked: Set<number>
  readonly refreshedAt: Map<keyof ListedRecord, number>
}

export interface ReferenceDataDeps {
  clock: Clock
  memory: Cache
  /** Asked each time: a refused key gets a new account, and its old entries are out of reach. */
  account(): CacheScope
  pipedrive: PipedriveCalls
  /** The same calls, but deaf to the caller's hanging up: others may wait for what they load. */
  shared: PipedriveCalls
  deadline: Deadline
}

export function createReferenceData({ clock, memory, account, pipedrive, shared, deadline }: ReferenceDataDeps): ReferenceData {
  const prefix = (kind: string) => `${account().id}:${kind}:`
  const timeLeftMs = () => deadline.at - clock.now()
  const take = <V>(
    kind: string,
    ids: readonly (number | string)[],
    wanted: Pick<CacheRequest<V>, 'keepMs' | 'keepAbsentMs' | 'rows' | 'fresh' | 'load'>,
  ) => memory.take<V>({ prefix: prefix(kind), ids, timeLeftMs, ...wanted })

  /** One thing under one name. */
  async function one<V>(
    kind: string,
    keepMs: number,
    read: () => Promise<V>,
    options: { fresh?: boolean; rows?: (value: V) => number } = {},
  ): Promise<V> {
    const found = await take<V>(kind, [''], { keepMs, load: async () => new Map([['', await read()]]), ...options })
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
  const keptList = <K extends keyof ListedRecord>(kind: K) => memory.peek<ListedRecord[K][]>(prefix(`${kind} list`), '')
  const list = <K extends keyof ListedRecord>(kind: K, { fresh = false } = {}): Promise<ListedRecord[K][]> =>
    one<ListedRecord[K][]>(`${kind} list`, REFERENCE_MS, readList[kind], { fresh, rows: (rows) => rows.length })
  const isStale = (kind: keyof ListedRecord) => clock.now() - (keptList(kind)?.loadedAt ?? 0) >= REFRESH_AT_MOST_EVERY_MS

  /** What `pick` finds in the list; when that is not all, what it finds in the list as it is now. */
  async function search<K extends keyof ListedRecord, V>(
    kind: K,
    pick: (rows: ListedRecord[K][]) => V,
    isAll: (found: V) => boolean,
  ): Promise<V> {
    const { refreshedAt } = account()
    const wasKept = keptList(kind) !== undefined
    const found = pick(await list(kind))
    const mayRefresh = wasKept && clock.now() - (refreshedAt.get(kind) ?? 0) >= REFRESH_AT_MOST_EVERY_MS
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
    if (keptList('user')) return fromList('user', ids)
    const { usersAsked } = account()
    for (const id of ids) if (usersAsked.size <= USERS_BY_ID) usersAsked.add(id)
    if (usersAsked.size > USERS_BY_ID) return fromList('user', ids)
    return take<V1User>('user', ids, {
      keepMs: REFERENCE_MS,
      keepAbsentMs: REFRESH_AT_MOST_EVERY_MS,
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
    take<T>(kind, ids, {
      keepMs: RECORD_MS,
      load: (missing) => fetchRecords(missing.map(Number), { get, list: async (some) => (await list({ ids: [...some] })).rows }),
    }) as Promise<Map<number, T>>

  const kinds: { [K in LinkedKind]: (ids: readonly number[]) => Promise<Map<number, LinkedRecord[K]>> } = {
    user: users,
    stage: (ids) => fromList('stage', ids),
    person: (ids) => records('person', shared.persons, ids),
    organization: (ids) => records('organization', shared.organizations, ids),
    // Not kept, hence not shared: they change in the very flows that read them.
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
      const wanted = [...new Set(ids)].filter((id) => id > 0)
      return wanted.length === 0 ? new Map() : kinds[kind](wanted)
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
