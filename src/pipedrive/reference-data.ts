import type { Clock } from '../kit/clock.ts'
import type { PipedriveCalls } from './calls.ts'
import { isObject } from '../kit/is-object.ts'
import { fetchRecords, orAbsent, type FetchedRecords, type RecordReads } from './fetch-records.ts'
import { isRecordError } from './is-record-error.ts'
import type { LinkedRecord, LinkedKind, ListedRecord, ListQuery, ReferenceData, ResultPage } from './pipedrive.ts'
import type { Cache, CacheRequest } from './cache.ts'
import { byOrder } from './refresh-cache.ts'
import type { Deadline } from './send.ts'
import type { Me, V1User, V2DealField, V2Stage } from './api-types.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** Names of people and organizations change, and become visible, while users edit them. */
const RECORD_MS = MINUTE_MS
/** Users, stages and other lists change a few times a year. */
const REFERENCE_MS = 6 * HOUR_MS
/** Definitions of fields. */
const FIELDS_MS = 24 * HOUR_MS
/** An unknown id in every call must not cause a list read in every call. */
const REFRESH_AT_MOST_EVERY_MS = MINUTE_MS
/** Of a record that an account has few of, read by id. */
const LISTED_TTLS = { ttlMs: REFERENCE_MS, absentTtlMs: REFRESH_AT_MOST_EVERY_MS }
/** One user costs 2 tokens, the list 20: a caller that needs more than this many probably needs others too. */
const USERS_BY_ID = 5

/** A CacheScope is the cache state of one key: an id that separates its entries from all others, its company if known, the users requested so far, and when each list was last refreshed for a missing row. */
export interface CacheScope {
  readonly id: number
  companyId?: number
  readonly requestedUsers: Set<number>
  readonly refreshedAt: Map<string, number>
}

/** The prefix of a kind's entries in the cache. */
export const cachePrefix = ({ id }: CacheScope, kind: string): string => `${id}:${kind}:`

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

/** Lists may contain deleted rows. They have names, but cannot be chosen. */
const isCurrent = (row: object): boolean => !('is_deleted' in row && row.is_deleted === true)

export function createReferenceData({ clock, cache, scope, pipedrive, shared, deadline }: ReferenceDataDeps): ReferenceData {
  const prefix = (kind: string) => cachePrefix(scope(), kind)
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
    const { found } = await getCached<V>(kind, [''], { ttlMs, load: async () => ({ found: new Map([['', await read()]]) }), ...options })
    return found.get('')!
  }

  const readList: { [K in keyof ListedRecord]: () => Promise<ListedRecord[K][]> } = {
    user: shared.users.list,
    stage: async () => (await shared.stages.list()).sort(byOrder),
    pipeline: async () => (await shared.pipelines.list()).sort(byOrder),
    activityType: async () => (await shared.activityTypes.list()).sort(byOrder),
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

  /** The rows of the cached list, also deleted ones. If the list cannot be read again, the rows that are missing have failed, the others not. */
  async function fromList<K extends 'user' | 'stage'>(kind: K, ids: readonly number[]): Promise<FetchedRecords<ListedRecord[K]>> {
    let found = new Map<number, ListedRecord[K]>()
    const pick = (rows: ListedRecord[K][]) =>
      (found = new Map(rows.filter((row) => ids.includes(row.id)).map((row): [number, ListedRecord[K]] => [row.id, row])))
    try {
      await search(kind, pick, () => found.size === ids.length)
      return { found, failed: new Map() }
    } catch (error) {
      if (!isRecordError(error)) throw error
      return { found, failed: new Map(ids.filter((id) => !found.has(id)).map((id) => [id, error])) }
    }
  }

  const cachedRecords = <T extends { id: number }>(
    kind: 'user' | 'stage' | 'person' | 'organization',
    ids: readonly number[],
    ttls: Pick<CacheRequest<T>, 'ttlMs' | 'absentTtlMs'>,
    reads: RecordReads<T>,
  ) => getCached<T>(kind, ids, { ...ttls, load: (missing) => fetchRecords(missing.map(Number), reads) }) as Promise<FetchedRecords<T>>

  async function users(ids: readonly number[]): Promise<FetchedRecords<V1User>> {
    if (cachedList('user')) return fromList('user', ids)
    const { requestedUsers } = scope()
    for (const id of ids) if (requestedUsers.size <= USERS_BY_ID) requestedUsers.add(id)
    if (requestedUsers.size > USERS_BY_ID) return fromList('user', ids)
    return cachedRecords('user', ids, LISTED_TTLS, shared.users)
  }

  /** Pipedrive may omit a deleted stage from the list, and return it by id. */
  async function stages(ids: readonly number[]): Promise<FetchedRecords<V2Stage>> {
    const { found, failed } = await fromList('stage', ids)
    const missing = ids.filter((id) => !found.has(id) && !failed.has(id))
    if (missing.length === 0) return { found, failed }
    const byId = await cachedRecords('stage', missing, LISTED_TTLS, shared.stages)
    return { found: new Map([...found, ...byId.found]), failed: byId.failed }
  }

  const byIds = <T>({ get, list }: { get(id: number): Promise<T>; list(query: ListQuery): Promise<ResultPage<T>> }): RecordReads<T> => ({
    get,
    list: async (ids) => (await list({ ids })).rows,
  })

  const kinds: { [K in LinkedKind]: (ids: readonly number[]) => Promise<FetchedRecords<LinkedRecord[K]>> } = {
    user: users,
    stage: stages,
    person: (ids) => cachedRecords('person', ids, { ttlMs: RECORD_MS }, byIds(shared.persons)),
    organization: (ids) => cachedRecords('organization', ids, { ttlMs: RECORD_MS }, byIds(shared.organizations)),
    // Neither cached nor shared: the flows that read them also change them.
    activity: (ids) => fetchRecords(ids, byIds(pipedrive.activities)),
    deal: (ids) =>
      fetchRecords<LinkedRecord['deal']>(ids, {
        ...byIds(pipedrive.deals),
        listRest: async (some) => (await pipedrive.deals.listArchived({ ids: some })).rows,
      }),
  }

  const find: ReferenceData['find'] = (kind, pick) =>
    search(
      kind,
      (rows) => pick(rows.filter(isCurrent)),
      (found) => found !== undefined,
    )

  const customFields: ReferenceData['customFields'] = async (name, isComplete) => {
    // Leads share the fields of deals.
    const kind = name === 'lead' ? 'deal' : name
    const [key, mark] = [`${kind} field list`, `${kind} field`] as const
    const { refreshedAt } = scope()
    const read = async (fresh: boolean) =>
      (await one<V2DealField[]>(key, FIELDS_MS, shared.records(kind).fields, { fresh, rows: (rows) => rows.length })).filter(
        ({ is_custom_field: isCustom }) => isCustom,
      )
    const wasCached = cache.peek(prefix(key), '') !== undefined
    const fields = await read(false)
    const mayRefresh = wasCached && clock.now() - (refreshedAt.get(mark) ?? 0) >= REFRESH_AT_MOST_EVERY_MS
    if (!mayRefresh || isComplete(fields)) return fields
    refreshedAt.set(mark, clock.now())
    return read(true)
  }

  return {
    async fetch(kind, ids, onFailure) {
      const validIds = [...new Set(ids)].filter((id) => id > 0)
      if (validIds.length === 0) return new Map()
      const { found, failed } = await kinds[kind](validIds)
      for (const error of failed.values()) {
        if (!onFailure) throw error
        onFailure(error)
      }
      return found
    },
    find,
    customFields,
    stage: (id) => find('stage', (rows) => rows.find((row) => row.id === id)),
    stages: async (options) => (await list('stage', options)).filter(isCurrent),
    pipelines: async (options) => (await list('pipeline', options)).filter(isCurrent),
    users: ({ fresh = false } = {}) => list('user', { fresh: fresh && isStale('user') }),
    activityTypes: ({ fresh = false } = {}) => list('activityType', { fresh: fresh && isStale('activityType') }),
    currencies: ({ fresh = false } = {}) => list('currency', { fresh: fresh && isStale('currency') }),
    me: () => one<Me>('me', REFERENCE_MS, shared.users.me),
    visibleToOptions: () =>
      one<number[]>('visible_to', FIELDS_MS, async () => {
        const field = await orAbsent(shared.dealFields.get('visible_to'))
        // The definition of a field is the one answer whose types are not checked.
        const options: unknown = field?.options
        const ids = Array.isArray(options) ? options.map((option) => (isObject(option) ? option['id'] : undefined)) : []
        return ids.filter((id) => typeof id === 'number').sort((a, b) => a - b)
      }),
  }
}
