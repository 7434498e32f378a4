import * as z from 'zod'
import { json, page, validationFailed, wording } from '../http/answer.ts'
import { query, validate } from '../http/validation.ts'
import { fieldOf } from '../state/fields.ts'
import type { Owned } from '../state/records.ts'
import type { Table } from '../state/table.ts'
import type { Call, Route } from './route.ts'
import { best, checkTerm, type SearchHit, hitsOf, SEARCH_PRICE, showHit } from './search-hits.ts'
import { isFindable, type SearchKind, searchKinds } from './search-kinds.ts'
import { paging, slice } from './offset-page.ts'

/** The searchable kinds; the sandbox has no records of the last three. */
const itemTypes = ['deal', 'person', 'organization', 'product', 'lead', 'file', 'mail_attachment', 'project'] as const
const fields = ['address', 'code', 'custom_fields', 'email', 'name', 'notes', 'phone', 'title', 'description'] as const
const MOST_ITEMS = 100
/** Per kind and hit. */
const MOST_RELATED = 100

const kindOf = (type: (typeof itemTypes)[number]): SearchKind | undefined =>
  (searchKinds as unknown as Readonly<Record<string, SearchKind | undefined>>)[type]

const itemQuery = z.strictObject({
  term: query.text(),
  item_types: query.someOf(itemTypes).optional(),
  fields: query.someOf(fields).optional(),
  search_for_related_items: query.flag().optional(),
  exact_match: query.flag().optional(),
  include_fields: query.someOf(['deal.cc_email', 'person.picture', 'product.price']).optional(),
  ...paging,
  limit: query.limit(MOST_ITEMS).optional(),
})

/** The newest records of a kind that refer to a hit. */
function* related<R extends Owned>(
  table: Table<R>,
  kind: SearchKind<R>,
  column: keyof R & string,
  hit: SearchHit,
  call: Call,
): Generator<SearchHit> {
  const newest = [...table.where(column, hit.row.id)].filter((row) => isFindable(row, call)).sort((a, b) => b.id - a.id)
  for (const row of newest.slice(0, MOST_RELATED)) yield { score: 0, kind: kind as unknown as SearchKind, row }
}

/** The deals and leads of found persons and organizations, and the persons of found organizations, without the hits themselves. */
function relatedTo(hits: readonly SearchHit[], call: Call): SearchHit[] {
  const { deals, leads, persons } = call.company
  const { deal, lead, person } = searchKinds
  const all = hits.flatMap((hit): SearchHit[] => {
    if (hit.kind.type === 'person')
      return [...related(leads, lead, 'person_id', hit, call), ...related(deals, deal, 'person_id', hit, call)]
    if (hit.kind.type !== 'organization') return []
    return [
      ...related(leads, lead, 'organization_id', hit, call),
      ...related(deals, deal, 'org_id', hit, call),
      ...related(persons, person, 'org_id', hit, call),
    ]
  })
  const listed = new Set<Owned>(hits.map(({ row }) => row))
  return all.filter(({ row }) => !listed.has(row) && listed.add(row))
}

const itemSearch: Route = {
  method: 'GET',
  path: '/api/v2/itemSearch',
  tokens: SEARCH_PRICE,
  handle(call) {
    const parameters = validate(itemQuery, call.query, call.behaviour)
    const exact = parameters.exact_match === true
    checkTerm(parameters.term, exact, call)
    const kinds = (parameters.item_types ?? itemTypes).flatMap((type) => kindOf(type) ?? [])
    const hits = best(kinds.flatMap((kind) => [...hitsOf(kind, { term: parameters.term, fields: parameters.fields, exact }, call)]))
    const { items, nextCursor } = slice(hits, parameters, call)
    const relatives = parameters.search_for_related_items ? relatedTo(items, call) : []
    const show = (hit: SearchHit) => showHit(hit, parameters.include_fields ?? [], call)
    return json(200, {
      success: true,
      data: { items: items.map(show), related_items: relatives.map(show) },
      additional_data: { next_cursor: nextCursor },
    })
  },
}

const fieldQuery = z.strictObject({
  term: query.text(),
  entity_type: query.oneOf(['deal', 'lead', 'person', 'organization', 'product', 'project']),
  match: query.oneOf(['exact', 'beginning', 'middle']).optional(),
  field: query.text(),
  ...paging,
})

/** A field's value as a text; undefined if it is not searchable. */
function valueOf(row: Owned, key: string): string | undefined {
  const known = row as unknown as Readonly<Record<string, unknown>>
  const custom = known['custom_fields'] as Readonly<Record<string, unknown>> | undefined
  const value = Object.hasOwn(known, key) ? known[key] : custom?.[key]
  const inner = typeof value === 'object' && value !== null && 'value' in value ? value.value : value
  return typeof inner === 'string' || typeof inner === 'number' ? String(inner) : undefined
}

const matches = {
  exact: (value: string, term: string) => value === term,
  beginning: (value: string, term: string) => value.startsWith(term),
  middle: (value: string, term: string) => value.includes(term),
}

/** Unlike the other searches, this one is case-sensitive. */
const fieldSearch: Route = {
  method: 'GET',
  path: '/api/v2/itemSearch/field',
  tokens: SEARCH_PRICE,
  handle(call) {
    const parameters = validate(fieldQuery, call.query, call.behaviour)
    const { term, field: key, entity_type, match = 'exact' } = parameters
    checkTerm(term, match === 'exact', call)
    const kind = kindOf(entity_type)
    if (!kind) return page([], null)
    // Leads have the fields of deals.
    const known = fieldOf(call.company, kind.type === 'lead' ? 'deal' : kind.type, key)
    if (!known) throw validationFailed([{ field: 'field', text: wording(call.behaviour, 'unknownInclude', key) }])
    const found: Record<string, unknown>[] = []
    for (const row of kind.rows(call.company).walk()) {
      const value = valueOf(row, key)
      if (value === undefined || !matches[match](value, term) || !isFindable(row, call)) continue
      found.push({ id: 'uuid' in row ? row.uuid : row.id, [key]: value })
    }
    const { items, nextCursor } = slice(found, parameters, call)
    return page(items, nextCursor)
  },
}

export const itemSearchRoutes: readonly Route[] = [itemSearch, fieldSearch]
