import * as z from 'zod'
import { failure, forbidden, json, one, notFound, page, Refusal, unchangeable, validationFailed, wording } from '../http/answer.ts'
import { query, readJson, validate } from '../http/validation.ts'
import { type Caller, isKept, isReadable, removal } from '../state/caller.ts'
import { type FieldEntity, labelsOf } from '../state/fields.ts'
import type { CustomValues, Row } from '../state/records.ts'
import { readCustomValues, withOptionLabels } from './custom-values.ts'
import { pageOf, readCursor } from './page-of.ts'
import { referenceProblem } from './references.ts'
import type { Body, Resource, Writing } from './resource.ts'
import type { Call, Route } from './route.ts'

const MOST_CUSTOM_FIELDS_NAMED = 15
const STANDARD_LIMIT = 100
/** An index is used when it leaves out nine rows of ten; else walking the order, which needs no sorting, finds a page sooner. */
const SELECTIVE = 10
const NO_QUERY = z.strictObject({})

/** The parameters that say which fields of each record are shown. */
function projection<R extends Row, B extends z.ZodObject>({ includes, entity, listing }: Resource<R, B>): z.ZodRawShape {
  return {
    ...(Object.keys(includes).length > 0 && { include_fields: query.list() }),
    ...(entity && { custom_fields: query.list() }),
    ...(entity && listing.optionLabels !== false && { include_option_labels: query.flag(), include_labels: query.flag() }),
  }
}

const labelsOn = (ids: readonly number[], entity: FieldEntity, { company }: Caller): Body[] =>
  labelsOf(company, entity).flatMap(({ id, label }) => (ids.includes(id as number) ? [{ id, label }] : []))

/** How a record is shown to this call; what cannot be shown refuses the call before any row is read. */
function shower<R extends Row, B extends z.ZodObject>(resource: Resource<R, B>, parameters: Body, caller: Caller) {
  const { includes, entity } = resource
  const named = (parameters['include_fields'] ?? []) as string[]
  const unknown = named.filter((name) => !Object.hasOwn(includes, name))
  const only = parameters['custom_fields'] as string[] | undefined
  if (unknown.length > 0)
    throw validationFailed(unknown.map((name) => ({ field: 'include_fields', text: wording(caller.behaviour, 'unknownInclude', name) })))
  if (only && only.length > MOST_CUSTOM_FIELDS_NAMED)
    throw validationFailed([{ field: 'custom_fields', text: wording(caller.behaviour, 'tooManyCustomFields') }])
  return (row: R): Body => {
    const shown = resource.show(row, caller)
    const values = shown['custom_fields'] as CustomValues | null | undefined
    if (entity && values) {
      const wanted = only ? Object.fromEntries(Object.entries(values).filter(([code]) => only.includes(code))) : values
      shown['custom_fields'] = parameters['include_option_labels'] === true ? withOptionLabels(entity, wanted, caller) : wanted
    }
    if (entity && parameters['include_labels'] === true) shown['labels'] = labelsOn(shown['label_ids'] as number[], entity, caller)
    for (const name of named) shown[name] = includes[name]!(row, caller)
    return shown
  }
}

function listRoute<R extends Row, B extends z.ZodObject>(resource: Resource<R, B>): Route['handle'] {
  const { listing } = resource
  const shape: z.ZodRawShape = {
    ...listing.equals,
    ...listing.others,
    ...(listing.searchable && { filter_id: query.whole(), ids: query.ids(), updated_since: query.moment() }),
    ...(listing.searchable === true && { updated_until: query.moment() }),
    ...projection(resource),
    sort_by: query.oneOf(listing.sortBy),
    sort_direction: query.oneOf(['asc', 'desc']),
    limit: query.limit(),
    cursor: query.text(),
  }
  const schema = z.strictObject(shape).partial()
  const equals = Object.keys(listing.equals)

  return (call) => {
    const wanted: Body = validate(schema, call.query, call.behaviour)
    if (wanted['filter_id'] !== undefined) throw new Refusal(failure(501, 'The sandbox has no filters: leave filter_id out.'))
    const table = resource.table(call.company)
    const order = {
      column: (wanted['sort_by'] ?? listing.sortBy[0]) as keyof R & string,
      direction: (wanted['sort_direction'] ?? 'asc') as 'asc' | 'desc',
    }
    const cursor = wanted['cursor'] as string | undefined
    const after = cursor === undefined ? undefined : readCursor(cursor, order)
    if (cursor !== undefined && !after) throw validationFailed([{ field: 'cursor', text: wording(call.behaviour, 'badCursor') }])
    const since = wanted['updated_since'] as string | undefined
    const until = wanted['updated_until'] as string | undefined
    const filters = equals.filter((name) => wanted[name] !== undefined)
    const touched = (row: R) => row.update_time ?? (call.behaviour.updatedSinceOfNew === 'by add_time' ? row.add_time : undefined)
    const isWithin = (at: string | undefined) =>
      at !== undefined && (since === undefined || at >= since) && (until === undefined || at < until)
    const keep = (row: R): boolean =>
      isReadable(row, call) &&
      filters.every((name) => row[name as keyof R] === wanted[name]) &&
      ((since === undefined && until === undefined) || isWithin(touched(row))) &&
      (listing.keep?.(row, wanted, call) ?? !row.is_deleted) &&
      resource.canSee(row, call)
    const show = shower(resource, wanted, call)
    const ids = wanted['ids'] as number[] | undefined
    const index = filters.find((name) => table.isIndexed(name))
    const indexed = index && table.where(index, wanted[index])
    const few = indexed && indexed.size * SELECTIVE < table.size ? indexed : undefined
    const candidates = ids ? [...new Set(ids)].flatMap((id) => table.get(id) ?? []) : few
    const { rows, nextCursor } = pageOf(table, keep, order, {
      limit: (wanted['limit'] as number | undefined) ?? STANDARD_LIMIT,
      after,
      candidates,
    })
    return page(rows.map(show), nextCursor)
  }
}

const ID = z.object({ id: query.whole() })
/** The row that a path names, when the caller may know of it; `kept` says which of the rows that exist count. */
function rowOf<R extends Row, B extends z.ZodObject>(resource: Resource<R, B>, call: Call, kept: (row: R, caller: Caller) => boolean): R {
  const { id } = validate(ID, call.params, call.behaviour)
  const row = resource.table(call.company).get(id)
  if (!row || !kept(row, call) || !resource.canSee(row, call)) throw notFound(resource.singular)
  return row
}

function getRoute<R extends Row, B extends z.ZodObject>(resource: Resource<R, B>): Route['handle'] {
  const schema = resource.plainGet ? NO_QUERY : z.strictObject(projection(resource)).partial()
  const serves = (row: R, caller: Caller) => isReadable(row, caller) && (resource.serves?.(row, caller) ?? true)
  return (call) => {
    const show = shower(resource, validate(schema, call.query, call.behaviour), call)
    return one(show(rowOf(resource, call, serves)))
  }
}

/** Reads a body in three steps: its form, then what it points at, then (in the resource) its rules. */
function readBody<R extends Row, B extends z.ZodObject>(
  resource: Resource<R, B>,
  { references }: Writing<R, B>,
  schema: z.ZodType<z.output<B>>,
  call: Call,
): z.output<B> {
  validate(NO_QUERY, call.query, call.behaviour)
  const given = validate(schema, readJson(call.body, call.behaviour), call.behaviour)
  const custom =
    resource.entity && given['custom_fields'] ? readCustomValues(resource.entity, given['custom_fields'] as Body, call) : undefined
  const problems = [
    ...Object.entries(references).flatMap(([field, kind]) => referenceProblem(field, kind, (given as Body)[field], call)),
    ...(custom?.problems ?? []),
  ]
  if (problems.length > 0) throw validationFailed(problems)
  return custom ? { ...given, custom_fields: custom.values } : given
}

/** The changes that change something: a PATCH that says what is already so does not touch the row. */
const effective = <R extends Row>(row: R, changes: Partial<R>): Partial<R> =>
  Object.fromEntries(
    Object.entries(changes).filter(([field, value]) => JSON.stringify(row[field as keyof R]) !== JSON.stringify(value)),
  ) as Partial<R>

function writeRoutes<R extends Row, B extends z.ZodObject>(resource: Resource<R, B>, writing: Writing<R, B>): Route[] {
  const { path, singular, prices, table } = resource
  const optional = z.strictObject(writing.fields.partial().shape)
  const required = Object.fromEntries(writing.required.map((name) => [name, writing.fields.shape[name]]))
  const forCreate = optional.extend(required) as unknown as z.ZodType<z.output<B>>
  const forChange = optional as unknown as z.ZodType<z.output<B>>
  const routes: Route[] = []

  if (prices.create !== undefined)
    routes.push({
      method: 'POST',
      path: `/api/v2/${path}`,
      tokens: prices.create,
      handle: (call) => {
        const given = readBody(resource, writing, forCreate, call)
        const row = table(call.company).insert(writing.create(given, call))
        return one(resource.show(row, call), writing.createdStatus ?? call.behaviour.createStatus)
      },
    })
  if (prices.update !== undefined)
    routes.push({
      method: 'PATCH',
      path: `/api/v2/${path}/:id`,
      tokens: prices.update,
      handle: (call) => {
        const row = rowOf(resource, call, isKept)
        if (row.is_deleted) throw unchangeable(call.behaviour.changeDeletedRecord, 'isDeleted', singular, call.behaviour)
        const given = readBody(resource, writing, forChange, call)
        const changes = effective(row, writing.change(row, given, call))
        if (Object.keys(changes).length > 0) table(call.company).change(row, { ...changes, update_time: call.time })
        return one(resource.show(row, call))
      },
    })
  if (prices.delete !== undefined)
    routes.push({
      method: 'DELETE',
      path: `/api/v2/${path}/:id`,
      tokens: prices.delete,
      handle: (call) => {
        validate(NO_QUERY, call.query, call.behaviour)
        const row = rowOf(resource, call, isKept)
        if (row.is_deleted) throw deletedBefore(row, singular, call)
        writing.beforeDelete?.(row, call)
        table(call.company).change(row, removal(call) as Partial<R>)
        return one({ id: row.id })
      },
    })
  return writing.administratorsOnly ? routes.map(forAdministrators) : routes
}

/** The right to a write is asked for before anything else is looked at. */
const forAdministrators = (route: Route): Route => ({
  ...route,
  handle(call) {
    if (!call.user.is_admin) throw forbidden()
    return route.handle(call)
  },
})

function deletedBefore(row: Row, singular: string, caller: Caller): Refusal {
  const status = caller.behaviour.deleteDeletedRecord
  if (status === 200 || status === 410) return new Refusal(json(status, { success: true, data: { id: row.id } }))
  return unchangeable(status, 'isDeleted', singular, caller.behaviour)
}

/** All routes of a resource; specific paths must be registered before its `/:id`. */
export function routesOf<R extends Row, B extends z.ZodObject>(resource: Resource<R, B>): Route[] {
  const { path, prices, writing } = resource
  const routes: Route[] = []
  if (prices.list !== undefined) routes.push({ method: 'GET', path: `/api/v2/${path}`, tokens: prices.list, handle: listRoute(resource) })
  if (prices.get !== undefined) routes.push({ method: 'GET', path: `/api/v2/${path}/:id`, tokens: prices.get, handle: getRoute(resource) })
  return writing ? [...routes, ...writeRoutes(resource, writing)] : routes
}
