import * as z from 'zod'
import { json } from '../http/answer.ts'
import { query, validate } from '../http/validation.ts'
import type { Owned } from '../state/records.ts'
import type { Route } from './route.ts'
import { best, checkTerm, hitsOf, SEARCH_PRICE, showHit } from './search-hits.ts'
import { type SearchKind, searchKinds } from './search-kinds.ts'
import { paging, slice } from './offset-page.ts'

/** What the searches of one kind may be narrowed by. */
type Narrowing = Readonly<Record<string, z.ZodType>>

/** The search of one kind. `keep` applies what narrows it. */
function searchRoute<R extends Owned>(
  path: string,
  kind: SearchKind<R>,
  narrowing: Narrowing,
  keep: (row: R, wanted: Record<string, unknown>) => boolean = () => true,
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
      const wanted = validate(schema, call.query, call.behaviour) as z.output<typeof schema> & { include_fields?: string[] }
      const exact = wanted.exact_match === true
      checkTerm(wanted.term, exact, call)
      const all = best(hitsOf(kind as unknown as SearchKind, { term: wanted.term, fields: wanted.fields, exact }, call))
      const hits = all.filter(({ row }) => keep(row as R, wanted))
      const { items, nextCursor } = slice(hits, wanted, call)
      const shown = items.map((hit) => showHit(hit, wanted.include_fields ?? [], call))
      return json(200, { success: true, data: { items: shown }, additional_data: { next_cursor: nextCursor } })
    },
  }
}

const is = (wanted: unknown, value: unknown): boolean => wanted === undefined || wanted === value

export const searchRoutes: readonly Route[] = [
  searchRoute(
    'deals',
    searchKinds.deal,
    { person_id: query.whole(), organization_id: query.whole(), status: query.oneOf(['open', 'won', 'lost']) },
    (row, { person_id, organization_id, status }) =>
      is(person_id, row.person_id) && is(organization_id, row.org_id) && is(status, row.status),
  ),
  searchRoute('persons', searchKinds.person, { organization_id: query.whole() }, (row, { organization_id }) =>
    is(organization_id, row.org_id),
  ),
  searchRoute('organizations', searchKinds.organization, {}),
  searchRoute('products', searchKinds.product, {}),
  searchRoute(
    'leads',
    searchKinds.lead,
    { person_id: query.whole(), organization_id: query.whole() },
    (row, { person_id, organization_id }) => is(person_id, row.person_id) && is(organization_id, row.organization_id),
  ),
]
