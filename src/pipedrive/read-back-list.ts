import type { RecordId } from '../kit/record-id.ts'
import { queryString } from './query.ts'

/** A page of a list with an order. */
const PAGE = 100

/** A ReadBackList is the list in which a new record shows up. */
export interface ReadBackList {
  path: string
  /** What grows with creation in the order of this list, newest first. Undefined if Pipedrive documents no order: then all of it is read. */
  orderedBy: 'id' | 'add_time' | undefined
  /** Whether a single record has a route; otherwise it is read from the list. */
  hasRecords: boolean
  /** Whether a row shows when it was created. */
  hasTimes: boolean
  /** The field that identifies a row. */
  idField: string
  /** The query of a page. */
  query(cursor?: string): string
}

/** A ListRule says how the list below a path is read. */
interface ListRule {
  /** The path that a create is sent to. */
  of: RegExp
  order: 'sort_by=id' | 'sort=id' | 'sort=add_time' | 'none'
  /** The parameter of the next page; undefined if the list has one page only. */
  pages: 'cursor' | 'start' | undefined
  /** Of child records, which have no route of their own. */
  isChild?: true
  idField?: string
  /** The archived records are in a list of their own. */
  hasArchive?: true
  hasNoTimes?: true
  /** Where the list is, if not at the path of the create. */
  at?: (path: string) => { path: string; query: Record<string, string> }
}

/** Every list by whose rows a lost create can be found. A create that is not here has none: its outcome stays unknown. */
const rules: readonly ListRule[] = [
  {
    of: /^\/api\/v2\/deals$/,
    order: 'sort_by=id',
    pages: 'cursor',
    hasArchive: true,
  },
  {
    of: /^\/api\/v2\/(?:persons|organizations|products|activities|pipelines|stages)$/,
    order: 'sort_by=id',
    pages: 'cursor',
  },
  { of: /^\/api\/v2\/deals\/\d+\/products$/, order: 'sort_by=id', pages: 'cursor', isChild: true },
  {
    of: /^\/api\/v2\/deals\/\d+\/installments$/,
    order: 'sort_by=id',
    pages: 'cursor',
    isChild: true,
    hasNoTimes: true,
    at: (path) => ({ path: '/api/v2/deals/installments', query: { deal_ids: /\d+(?=\/i)/.exec(path)![0] } }),
  },
  // A discount has a UUID.
  { of: /^\/api\/v2\/deals\/\d+\/discounts$/, order: 'none', pages: undefined, isChild: true },
  { of: /^\/api\/v2\/products\/\d+\/variations$/, order: 'none', pages: 'cursor', isChild: true, hasNoTimes: true },
  {
    of: /^\/api\/v2\/(?:deals|persons|organizations|products)\/\d+\/followers$/,
    order: 'none',
    pages: 'cursor',
    isChild: true,
    idField: 'user_id',
  },
  { of: /^\/api\/v1\/deals\/\d+\/participants$/, order: 'none', pages: 'start', isChild: true },
  { of: /^\/api\/v1\/notes$/, order: 'sort=id', pages: 'start' },
  // A lead has a UUID.
  { of: /^\/api\/v1\/leads$/, order: 'sort=add_time', pages: 'start', hasArchive: true },
  { of: /^\/api\/v1\/leadLabels$/, order: 'none', pages: undefined, isChild: true },
]

const ORDERS = {
  'sort_by=id': { orderedBy: 'id', query: { sort_by: 'id', sort_direction: 'desc' } },
  'sort=id': { orderedBy: 'id', query: { sort: 'id DESC' } },
  'sort=add_time': { orderedBy: 'add_time', query: { sort: 'add_time DESC' } },
  none: { orderedBy: undefined, query: {} },
} as const

/** The list that shows what a POST to this path creates; undefined if there is none. */
export function readBackListOf(path: string, body?: object): ReadBackList | undefined {
  const rule = rules.find(({ of }) => of.test(path))
  if (!rule) return undefined
  const { pages, isChild = false, idField = 'id', at, hasArchive = false, hasNoTimes = false } = rule
  const { orderedBy, query } = ORDERS[rule.order]
  const place = at?.(path) ?? { path, query: {} }
  const isArchived = hasArchive && body !== undefined && 'is_archived' in body && body.is_archived === true
  return {
    path: isArchived ? `${place.path}/archived` : place.path,
    orderedBy,
    hasRecords: !isChild,
    hasTimes: !hasNoTimes,
    idField,
    query: (cursor) => queryString({ ...place.query, ...query, ...(pages && { limit: PAGE, [pages]: cursor }) }),
  }
}

/** The list that has the record which a write to this path changes; undefined if the path is not that of a record (a merge, for instance). */
export function listOfRecord(path: string, id: RecordId): ReadBackList | undefined {
  const end = `/${encodeURIComponent(id)}`
  return path.endsWith(end) ? readBackListOf(path.slice(0, -end.length)) : undefined
}
