import * as z from 'zod'
import { json } from '../http/answer.ts'
import { query, validate } from '../http/validation.ts'
import type { Owned } from '../state/records.ts'
import type { Route } from './route.ts'
import { best, checkTerm, hitsOf, SEARCH_PRICE, showHit } from './search-hits.ts'
import { type SearchKind, searchKinds } from './search-kinds.ts'
import { paging, slice } from './offset-page.ts'

/** The filter parameters of a search. */
type Narrowing = Readonly<Record<string, z.ZodType>>

/** The search of one kind; `keep` applies its filters. */
function searchRoute<R extends Owned>(
  path: string,
  kind: SearchKind<R>,
  narrowing: Narrowing,
  keep: (row: R, parameters: Record<string, unknown>) => boolean = () => true,
): Route {
  const includes = Object.keys(kind.includes)
  const schema = z.strictObject({
    term: query.text(),
    fields: query.someOf(kind.fields).optional(),
    exact_match: query.flag().optional(),
    ...(includes.length > 0 && { include_fields: query.someOf(includes).optional() }),
    ...Object.fromEntries(Object.entries(narrowing).map(([name, type]) => [name, type.optional()])),
    ...paging,
  })
  return {
    method: 'GET',
    path: `/api/v2/${path}/search`,
    tokens: SEARCH_PRICE,
    handle(call) {
      const parameters = validate(schema, call.query, call.behaviour) as z.output<typeof schema> & { include_fields?: string[] }
      const exact = parameters.exact_match === true
      checkTerm(parameters.term, exact, call)
      const all = best(hitsOf(kind as unknown as SearchKind, { term: parameters.term, fields: parameters.fields, exact }, call))
      const hits = all.filter(({ row }) => keep(row as R, parameters))
      const { items, nextCursor } = slice(hits, parameters, call)
      const shown = items.map((hit) => showHit(hit, parameters.include_fields ?? [], call))
      return json(200, { success: true, data: { items: shown }, additional_data: { next_cursor: nextCursor } })
    },
  }
}

const matches = (parameters: unknown, value: unknown): boolean => parameters === undefined || parameters === value

export const searchRoutes: readonly Route[] = [
  searchRoute(
    'deals',
    searchKinds.deal,
    { person_id: query.whole(), organization_id: query.whole(), status: query.oneOf(['open', 'won', 'lost']) },
    (row, { person_id, organization_id, status }) =>
      matches(person_id, row.person_id) && matches(organization_id, row.org_id) && matches(status, row.status),
  ),
  searchRoute('persons', searchKinds.person, { organization_id: query.whole() }, (row, { organization_id }) =>
    matches(organization_id, row.org_id),
  ),
  searchRoute('organizations', searchKinds.organization, {}),
  searchRoute('products', searchKinds.product, {}),
  searchRoute(
    'leads',
    searchKinds.lead,
    { person_id: query.whole(), organization_id: query.whole() },
    (row, { person_id, organization_id }) => matches(person_id, row.person_id) && matches(organization_id, row.organization_id),
  ),
]
