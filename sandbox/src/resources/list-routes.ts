import * as z from 'zod'
import { failure, one, page, Refusal, validationFailed, wording } from '../http/answer.ts'
import { query, validate } from '../http/validation.ts'
import { isReadable } from '../state/caller.ts'
import type { Row } from '../state/records.ts'
import { pageOf, readCursor } from './keyset-page.ts'
import { projection, viewerOf, writerOf } from './response-fields.ts'
import type { Body, Resource } from './resource.ts'
import type { Call, Route } from './route.ts'
import { readV1, v1Answer, v1Page, v1Refusal, v1Sorted, v1Type } from './v1.ts'

const STANDARD_LIMIT = 100
/** An index is used if it excludes nine rows of ten; otherwise walking the sort order, without sorting, is faster. */
const SELECTIVE = 10
const NO_QUERY = z.strictObject({})

/** Refuses all query parameters. */
export const noQuery = ({ query: input, behaviour }: Call): void => void validate(NO_QUERY, input, behaviour)

/** The filter of a list: the resource's rows that match the parameters and that the caller may see. */
function rowFilter<R extends Row, B extends z.ZodObject, P extends Row | undefined>(
  resource: Resource<R, B, P>,
  parameters: Body,
  call: Call,
) {
  const { listing, canSee } = resource
  const filters = Object.keys(listing.filters ?? {}).filter((name) => parameters[name] !== undefined)
  const keep = (row: R): boolean =>
    isReadable(row, call) &&
    filters.every((name) => row[name as keyof R] === parameters[name]) &&
    (listing.includes?.(row, parameters, call) ?? !row.is_deleted) &&
    (canSee?.(row, call) ?? true)
  return { filters, keep }
}

/** The filter of updated_since and updated_until. */
function updatedIn<R extends Row>(parameters: Body, call: Call): (row: R) => boolean {
  const [since, until] = [parameters['updated_since'], parameters['updated_until']] as (string | undefined)[]
  if (since === undefined && until === undefined) return () => true
  return ({ update_time, add_time }) => {
    const at = update_time ?? (call.behaviour.updatedSinceOfNew === 'by add_time' ? add_time : undefined)
    return at !== undefined && (since === undefined || at >= since) && (until === undefined || at < until)
  }
}

/** A list of v2: strict parameters and a cursor. */
export function v2List<R extends Row, B extends z.ZodObject, P extends Row | undefined>(resource: Resource<R, B, P>): Route['handle'] {
  const { listing, parent } = resource
  const sortBy: readonly string[] = listing.sortBy ?? ['id']
  const paging = listing.unpaged ? {} : { limit: query.limit(), cursor: query.text() }
  const schema = z
    .strictObject({
      // Validation problems are reported in this order.
      ...(parent && paging),
      ...listing.filters,
      ...listing.otherParameters,
      ...(listing.timeFilters && { filter_id: query.whole(), ids: query.ids(), updated_since: query.moment() }),
      ...(listing.timeFilters === true && { updated_until: query.moment() }),
      ...projection(resource),
      ...(listing.sortBy && { sort_by: query.oneOf(sortBy), sort_direction: query.oneOf(['asc', 'desc']) }),
      ...paging,
    })
    .partial()
    .extend(parent?.parameters ?? {})

  return (call) => {
    const parameters: Body = validate(schema, call.query, call.behaviour)
    if (parameters['filter_id'] !== undefined) throw new Refusal(failure(501, 'The sandbox has no filters: leave filter_id out.'))
    const table = resource.table(call.company)
    const rowsBelowParents = () => parent?.read(call, parameters).flatMap((each) => [...parent.rows(each, call)])
    const rowsBeforeCursor = parent?.beforeCursor ? rowsBelowParents() : undefined
    const order = {
      column: (parameters['sort_by'] ?? sortBy[0]) as keyof R & string,
      direction: (parameters['sort_direction'] ?? 'asc') as 'asc' | 'desc',
    }
    const cursor = parameters['cursor'] as string | undefined
    const after = cursor === undefined ? undefined : readCursor(cursor, order)
    if (cursor !== undefined && !after) throw validationFailed([{ field: 'cursor', text: wording(call.behaviour, 'badCursor') }])
    const { filters, keep } = rowFilter(resource, parameters, call)
    const isUpdatedIn = updatedIn<R>(parameters, call)
    const show = viewerOf(resource, parameters, call)
    const ids = parameters['ids'] as number[] | undefined
    const index = filters.find((name) => table.isIndexed(name))
    const indexed = index && table.where(index, parameters[index])
    const selective = indexed && indexed.size * SELECTIVE < table.size ? indexed : undefined
    const candidates = rowsBeforeCursor ?? rowsBelowParents() ?? (ids ? [...new Set(ids)].flatMap((id) => table.get(id) ?? []) : selective)
    const { rows, nextCursor } = pageOf(table, (row) => isUpdatedIn(row) && keep(row), order, {
      limit: listing.unpaged ? Number.POSITIVE_INFINITY : ((parameters['limit'] as number | undefined) ?? STANDARD_LIMIT),
      after,
      candidates,
    })
    return listing.unpaged ? one(rows.map(show)) : page(rows.map(show), nextCursor)
  }
}

/** A list of v1: lenient parameters, `sort=field ASC`, `start` and `limit`. */
export function v1List<R extends Row, B extends z.ZodObject, P extends Row | undefined>(resource: Resource<R, B, P>): Route['handle'] {
  const { listing } = resource
  const { sorts = [], order } = listing
  const write = writerOf(resource)
  const schema = z
    .object({
      ...listing.filters,
      ...listing.otherParameters,
      ...(listing.timeFilters && { filter_id: z.unknown(), updated_since: v1Type.moment() }),
      ...(sorts.length > 0 && { sort: z.string() }),
    })
    .partial()

  return (call) => {
    const parameters: Body = listing.unpaged ? {} : readV1(schema, call.query, call)
    if (parameters['filter_id'] !== undefined) throw v1Refusal(501, 'The sandbox has no filters: leave filter_id out.')
    const since = parameters['updated_since'] as string | undefined
    const { keep } = rowFilter(resource, parameters, call)
    const rows = [...resource.table(call.company).walk(order)].filter(
      (row) => (since === undefined || (row.update_time ?? row.add_time) >= since) && keep(row),
    )
    const show = (row: R) => write(row, call)
    if (listing.unpaged) return v1Answer(rows.map(show))
    // v1 sorts by the rendered fields; without `sort` only the page is rendered.
    const sort = parameters['sort'] as string | undefined
    const sorted = sort ? v1Page(v1Sorted(rows.map(show), sort, sorts), call) : undefined
    const { items, pagination } = v1Page(rows, call)
    return v1Answer(sorted?.items ?? items.map(show), { additional_data: { pagination } })
  }
}
