import { isObject } from '../kit/is-object.ts'
import type { RecordId } from '../kit/record-id.ts'
import type { V2DealField } from './api-types.ts'
import { Unreadable } from './errors/unreadable.ts'
import { fetchRecords, orAbsent } from './fetch-records.ts'
import type { RecordCalls, RecordListQuery, ResultPage, UpstreamRow } from './pipedrive.ts'
import { withCustomFields, withoutCustomFields } from './custom-fields-at-top.ts'
import { queryString } from './query.ts'
import type { ParentIds, Resource } from './resources.ts'
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

const placed = (template: string, parents: ParentIds): string =>
  template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const id = parents[name]
    if (id === undefined) throw new RangeError(`${template} needs ${name}`)
    return String(id)
  })

/** `dealProduct` -> `deal product`: the word that errors use. */
const wordOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

/** The requests for one kind of record. */
export function recordCalls(resource: Resource, name: string, parents: ParentIds, requests: Requests): RecordCalls {
  const { get, page, write, remove, send } = requests
  const { pages, update = 'PATCH', search, wholeList, customFieldsAtTop } = resource
  const object = wordOf(name)
  const path = placed(resource.path, parents)
  const [listPath, listQuery] = placed(resource.list ?? resource.path, parents).split('?')
  const at = (id: RecordId) => `${path}/${encodeURIComponent(id)}`
  const readRow = (row: UpstreamRow): UpstreamRow => (customFieldsAtTop ? withCustomFields(row) : row)
  const bodyOf = (body: Readonly<Record<string, unknown>>) => (customFieldsAtTop ? withoutCustomFields(body) : body)
  const paged = ({ cursor, limit, ...query }: RecordListQuery) => {
    const place = wholeList ? {} : { limit, [pages === 'cursor' ? 'cursor' : 'start']: cursor }
    return [listQuery, queryString({ ...query, ...place })].filter(Boolean).join('&')
  }
  const list = async (query: RecordListQuery = {}): Promise<ResultPage<UpstreamRow>> => {
    // An empty `ids=` would list everything.
    if (Array.isArray(query['ids']) && query['ids'].length === 0) return { rows: [], nextCursor: null }
    const { rows, nextCursor } = await page(listPath!, object, paged(query))
    return { rows: rows.map(readRow), nextCursor }
  }
  return {
    get: async (id, query = {}) => readRow(await get(at(id), object, id, queryString(query))),
    async getExisting(id, query = {}) {
      const row = await orAbsent(get(at(id), object, id, queryString(query)))
      return row && !isDeleted(row) ? readRow(row) : undefined
    },
    list,
    async getMany(ids, query = {}) {
      const { found, failed } = await fetchRecords<UpstreamRow, RecordId>(ids, {
        get: async (id) => readRow(await get(at(id), object, id, queryString(query))),
        ...(pages === 'cursor' && { list: async (some) => (await list({ ids: some, limit: some.length, ...query })).rows }),
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
    async create(body) {
      const title = TITLES.map((field) => body[field]).find((value) => typeof value === 'string')
      return readRow(await write('POST', path, object, bodyOf(body), title === undefined ? {} : { title }))
    },
    update: async (id, body) => readRow(await write(update, at(id), object, bodyOf(body), { id })),
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
