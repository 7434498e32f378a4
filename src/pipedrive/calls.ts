import type { Logger } from '../kit/logger.ts'
import { checkRow, checkRows } from './check-row.ts'
import type { RecordId } from '../kit/record-id.ts'
import { NotFound } from './errors/not-found.ts'
import { Unreadable } from './errors/unreadable.ts'
import { findDeal } from './find-deal.ts'
import { createGuardedWrites, createUpdateTimes, type WriteGuardDeps } from './guarded-writes.ts'
import type { MissingDeals } from './missing-deals.ts'
import type { DealListQuery, ListQuery, Pipedrive, ResultPage } from './pipedrive.ts'
import { queryString } from './query.ts'
import { recordCalls, type Requests } from './record-calls.ts'
import type { AnswerObserver, ShownRow } from './refresh-cache.ts'
import { resources, type ParentIds, type ResourceName } from './resources.ts'
import type { Sender, SenderSession } from './send.ts'
import type {
  Me,
  V1ActivityType,
  V1Currency,
  V1User,
  V1Webhook,
  V2Activity,
  V2Deal,
  V2DealField,
  V2DealWithIncluded,
  V2Organization,
  V2Person,
  V2Pipeline,
  V2Stage,
} from './api-types.ts'

/** Pipedrive rejects more ids in one list. */
const IDS_MAX = 100
const LONGEST_PAGE = 500
/** 10,000 stages; a server that always returns a next page must not block the call. */
const PAGES_MAX = 20

/** A CallsDeps is what the requests of one session share with those of others. */
export interface CallsDeps {
  send: Sender
  missing: MissingDeals
  observer: AnswerObserver
  logger: Logger
}

/** The requests that make up a `Pipedrive`, bound to one session. */
export function createCalls(
  { send, missing, observer, logger }: CallsDeps,
  session: SenderSession,
  guarded?: WriteGuardDeps,
): PipedriveCalls {
  const updated = createUpdateTimes()
  /** `check` gets the callback for wrong types; all of one answer are one line of the log. */
  const logWrongTypes = <T>(object: string, check: (onWrongType: (field: string, type: string) => void) => T): T => {
    const types = new Map<string, string>()
    const checked = check((field, type) => void types.set(field, type))
    if (types.size > 0)
      logger.warn({ object, types: Object.fromEntries(types) }, 'Pipedrive sent values of undocumented types; they count as empty')
    return checked
  }
  const readOne = <T>(object: string, data: unknown): T => {
    const row = logWrongTypes(object, (onWrongType) => checkRow(object, data as ShownRow, onWrongType))
    observer.shown(object, [row])
    return row as T
  }
  const get = async <T>(path: string, object: string, id: number | string, query?: string): Promise<T> => {
    try {
      const { data } = await send({ target: { method: 'GET', path, object, id }, query, expected: 'record' }, session)
      updated.note(object, data)
      return readOne<T>(object, data)
    } catch (error) {
      if (error instanceof NotFound) observer.gone(object, id)
      throw error
    }
  }
  const page = async <T>(path: string, object: string, query: string): Promise<ResultPage<T>> => {
    const { data, nextCursor } = await send({ target: { method: 'GET', path, object }, query, expected: 'list' }, session)
    const rows = logWrongTypes(object, (onWrongType) => checkRows(object, data as unknown[], onWrongType)) as ShownRow[]
    for (const row of rows) updated.note(object, row)
    observer.shown(object, rows)
    return { rows: rows as T[], nextCursor }
  }
  const all = async <T>(path: string, object: string): Promise<T[]> => {
    const rows: T[] = []
    let cursor: string | undefined
    for (let pages = 1; pages <= PAGES_MAX; pages++) {
      const next = await page<T>(path, object, queryString({ limit: LONGEST_PAGE, cursor }))
      rows.push(...next.rows)
      if (next.nextCursor === null) return rows
      cursor = next.nextCursor
    }
    throw new Unreadable({ method: 'GET', path }, 200, `more than ${PAGES_MAX} pages`)
  }
  const list =
    <T>(path: string, object: string) =>
    async ({ ids, include, ...rest }: DealListQuery = {}): Promise<ResultPage<T>> => {
      // An empty `ids=` would list everything.
      if (ids?.length === 0) return { rows: [], nextCursor: null }
      if (ids && ids.length > IDS_MAX) throw new RangeError(`A list takes at most ${IDS_MAX} ids, not ${ids.length}`)
      return page<T>(path, object, queryString({ ids: ids?.map(checkedId), include_fields: include, ...rest }))
    }
  const sendWrite = createGuardedWrites({ session, guarded, updated, send: (call) => send(call, session), get, page })
  const write = <T>(
    method: 'POST' | 'PATCH' | 'PUT',
    path: string,
    object: string,
    body: object,
    about: { id?: RecordId; title?: string },
  ) => sendWrite({ method, path, object, body, ...about }, 'record', (data) => readOne<T>(object, data))
  const remove = (path: string, object: string, id: RecordId) =>
    sendWrite({ method: 'DELETE', path, object, id }, 'anything', () => undefined)
  const v2 = <T>(path: string, object: string) => ({
    get: (id: number) => get<T>(`${path}/${checkedId(id)}`, object, id),
    list: (query?: ListQuery) => list<T>(path, object)(query),
  })

  const requests: Requests = { get, page, write, remove, send: (call) => send(call, session) }

  const getDeal = (id: number, include: readonly string[] = []) =>
    get<V2DealWithIncluded>(`/api/v2/deals/${checkedId(id)}`, 'deal', id, queryString({ include_fields: include }))
  const listDeals = list<V2DealWithIncluded>('/api/v2/deals', 'deal')
  const listArchivedDeals = list<V2DealWithIncluded>('/api/v2/deals/archived', 'archived deal')

  return {
    deals: {
      get: getDeal,
      find: (id, include = []) =>
        findDeal(id, include, { get: getDeal, list: listDeals, listArchived: listArchivedDeals }, missing, session.digest),
      list: listDeals,
      listArchived: listArchivedDeals,
      create: async (body) => {
        const deal = await write<V2Deal>('POST', '/api/v2/deals', 'deal', body, { title: body.title })
        missing.created(deal.id)
        return deal
      },
      update: (id, body) => write<V2Deal>('PATCH', `/api/v2/deals/${checkedId(id)}`, 'deal', body, { id }),
      delete: (id) => remove(`/api/v2/deals/${checkedId(id)}`, 'deal', id),
    },
    activities: {
      ...v2<V2Activity>('/api/v2/activities', 'activity'),
      create: (body) => write<V2Activity>('POST', '/api/v2/activities', 'activity', body, { title: body.subject }),
    },
    stages: {
      get: (id) => get<V2Stage>(`/api/v2/stages/${checkedId(id)}`, 'stage', id),
      list: () => all<V2Stage>('/api/v2/stages', 'stage'),
    },
    pipelines: { list: () => all<V2Pipeline>('/api/v2/pipelines', 'pipeline') },
    persons: v2<V2Person>('/api/v2/persons', 'person'),
    organizations: v2<V2Organization>('/api/v2/organizations', 'organization'),
    users: {
      me: async () => {
        const me = await get<Me>('/api/v1/users/me', 'user', 'me')
        // Which company a key belongs to decides what it may do.
        if (!Number.isSafeInteger(me.company_id))
          throw new Unreadable({ method: 'GET', path: '/api/v1/users/me' }, 200, 'a user without a company')
        session.account.companyId = me.company_id
        return me
      },
      get: (id) => get<V1User>(`/api/v1/users/${checkedId(id)}`, 'user', id),
      list: async () => (await page<V1User>('/api/v1/users', 'user', '')).rows,
    },
    activityTypes: { list: async () => (await page<V1ActivityType>('/api/v1/activityTypes', 'activity type', '')).rows },
    currencies: { list: async () => (await page<V1Currency>('/api/v1/currencies', 'currency', '')).rows },
    write: (call) => sendWrite(call, 'anything', (data) => data),
    webhooks: {
      list: async () => (await page<V1Webhook>('/api/v1/webhooks', 'webhook', '')).rows,
      create: async (body) => {
        const target = { method: 'POST', path: '/api/v1/webhooks', object: 'webhook', title: body.name } as const
        return (await send({ target, body, expected: 'record' }, session)).data as V1Webhook
      },
      delete: async (id) => {
        const target = { method: 'DELETE', path: `/api/v1/webhooks/${checkedId(id)}`, object: 'webhook', id } as const
        await send({ target, expected: 'nothing' }, session)
      },
    },
    dealFields: {
      get: async (code) => {
        const path = `/api/v2/dealFields/${encodeURIComponent(code)}`
        const { data } = await send({ target: { method: 'GET', path, object: 'deal field', id: code }, expected: 'object' }, session)
        return data as V2DealField
      },
    },
    records: (name: ResourceName, parents: ParentIds = {}) => recordCalls(resources[name], name, parents, requests),
  }
}

/** PipedriveCalls are a Pipedrive with the one list that only reference data needs. */
export interface PipedriveCalls extends Pipedrive {
  deals: Pipedrive['deals'] & { listArchived(query?: ListQuery): Promise<ResultPage<V2DealWithIncluded>> }
}

/** The catalog validates ids; anything else in a path is a bug in this program. */
function checkedId(id: number): number {
  if (!Number.isSafeInteger(id) || id <= 0) throw new RangeError(`${id} is not an id`)
  return id
}
