import { isObject } from '../kit/is-object.ts'
import type { RecordId } from '../kit/record-id.ts'
import type { V2DealField } from './api-types.ts'
import { Unreadable } from './errors/unreadable.ts'
import { fetchRecords, orAbsent } from './fetch-records.ts'
import type { RecordCalls, RecordListQuery, ResultPage, UpstreamRow } from './pipedrive.ts'
import { queryString } from './query.ts'
import type { Resource } from './resources.ts'
import type { UpstreamCall } from './send.ts'
import { isDeleted } from './write-guard.ts'

const LONGEST_PAGE = 500
/** 10,000 fields; a server that always returns a next page must not block the call. */
const PAGES_MAX = 20

/** The requests that RecordCalls are made of, bound to one session. */
export interface Requests {
  get(path: string, object: string, id: RecordId, query?: string): Promise<UpstreamRow>
  page(path: string, object: string, query: string): Promise<ResultPage<UpstreamRow>>
  write(
    method: 'POST' | 'PATCH' | 'PUT',
    path: string,
    object: string,
    body: object,
    about: { id?: RecordId; title?: string },
  ): Promise<UpstreamRow>
  remove(path: string, object: string, id: RecordId): Promise<void>
  /** Without the checks that records get. */
  send(call: UpstreamCall): Promise<{ data: unknown; nextCursor: string | null }>
}

const TITLES = ['title', 'subject', 'name'] as const

/** The requests for one kind of record. */
export function recordCalls(resource: Resource, object: string, { get, page, write, remove, send }: Requests): RecordCalls {
  const { path, pages, update = 'PATCH', search } = resource
  const at = (id: RecordId) => `${path}/${encodeURIComponent(id)}`
  const paged = ({ cursor, ...query }: RecordListQuery) => queryString({ ...query, [pages === 'cursor' ? 'cursor' : 'start']: cursor })
  return {
    get: (id, query = {}) => get(at(id), object, id, queryString(query)),
    async getExisting(id, query = {}) {
      const row = await orAbsent(get(at(id), object, id, queryString(query)))
      return row && !isDeleted(row) ? row : undefined
    },
    // An empty `ids=` would list everything.
    list: async (query = {}) =>
      Array.isArray(query['ids']) && query['ids'].length === 0 ? { rows: [], nextCursor: null } : page(path, object, paged(query)),
    async getMany(ids, query = {}) {
      const { found, failed } = await fetchRecords<UpstreamRow, RecordId>(ids, {
        get: (id) => get(at(id), object, id, queryString(query)),
        ...(pages === 'cursor' && {
          list: async (some) => (await page(path, object, queryString({ ids: some, limit: some.length, ...query }))).rows,
        }),
      })
      for (const error of failed.values()) throw error
      return found
    },
    async search(query) {
      if (search === undefined) throw new RangeError(`Pipedrive has no search for ${object} records`)
      const call = { target: { method: 'GET', path: search, object }, query: queryString(query), expected: 'object' } as const
      const { data, nextCursor } = await send(call)
      const items: unknown[] = isObject(data) && Array.isArray(data['items']) ? data['items'] : []
      const rows = items.flatMap((one) => (isObject(one) && isObject(one['item']) ? [one['item'] as UpstreamRow] : []))
      return { rows, nextCursor }
    },
    create(body) {
      const title = TITLES.map((name) => body[name]).find((value) => typeof value === 'string')
      return write('POST', path, object, body, title === undefined ? {} : { title })
    },
    update: (id, body) => write(update, at(id), object, body, { id }),
    delete: (id) => remove(at(id), object, id),
    async fields() {
      if (resource.fields === undefined) throw new RangeError(`Pipedrive defines no fields of ${object} records`)
      const target = { method: 'GET', path: resource.fields, object: `${object} field` } as const
      const found: V2DealField[] = []
      let cursor: string | undefined
      for (let count = 1; count <= PAGES_MAX; count++) {
        const { data, nextCursor } = await send({ target, query: queryString({ limit: LONGEST_PAGE, cursor }), expected: 'list' })
        found.push(...(data as unknown[]).filter(isFieldDefinition))
        if (nextCursor === null) return found
        cursor = nextCursor
      }
      throw new Unreadable(target, 200, `more than ${PAGES_MAX} pages`)
    },
  }
}

/** Definitions have no id; what has no code, name and type defines no field. */
const isFieldDefinition = (row: unknown): row is V2DealField =>
  isObject(row) && [row['field_code'], row['field_name'], row['field_type']].every((value) => typeof value === 'string')
