import * as z from 'zod'
import { forbidden, json, Refusal, unchangeable, validationFailed } from '../http/answer.ts'
import { readJson } from '../http/validation.ts'
import { type Caller, isRetained, isReadable, removal } from '../state/caller.ts'
import type { Row } from '../state/records.ts'
import { readCustomValues } from './custom-values.ts'
import { envelopes } from './envelopes.ts'
import { noQuery, v1List, v2List } from './list-routes.ts'
import { projection, viewerOf, writerOf } from './response-fields.ts'
import { referenceProblem } from './references.ts'
import type { Body, Resource, Writing } from './resource.ts'
import type { Call, Route } from './route.ts'

type ParentRow = Row | undefined
type AnyBody = z.ZodObject

const envelopeOf = <R extends Row, B extends AnyBody, P extends ParentRow>({ api = 'v2' }: Resource<R, B, P>) => envelopes[api]

const missing = <R extends Row, B extends AnyBody, P extends ParentRow>(resource: Resource<R, B, P>): Refusal =>
  envelopeOf(resource).missing(resource.missing?.error ?? `${resource.singular} not found`, resource.missing?.info)

/** The row that a path names, if the caller may see it; `exists` decides which rows count as existing. */
export function rowOf<R extends Row, B extends AnyBody, P extends ParentRow>(
  resource: Resource<R, B, P>,
  call: Call,
  exists: (row: R, caller: Caller) => boolean,
  parent?: P,
): R {
  const table = resource.table(call.company)
  const id = envelopeOf(resource).readId(resource.uuid ? 'uuid' : 'number', resource.idName ?? 'id', call)
  const row = typeof id === 'number' ? table.get(id) : [...table.where('uuid' as keyof R & string, id)][0]
  const isBelow = !row || !parent || resource.parent?.has(parent, row) !== false
  if (!row || !isBelow || !exists(row, call) || resource.canSee?.(row, call) === false) throw missing(resource)
  return row
}

function getRoute<R extends Row, B extends AnyBody, P extends ParentRow>(resource: Resource<R, B, P>): Route['handle'] {
  const schema = resource.plainGet ? z.strictObject({}) : z.strictObject(projection(resource)).partial()
  const { read, one } = envelopeOf(resource)
  const serves = (row: R, caller: Caller) => isReadable(row, caller) && (resource.isServed?.(row, caller) ?? true)
  return (call) => {
    const show = viewerOf(resource, resource.api === 'v1' ? {} : read(schema, call.query, call), call)
    return one(show(rowOf(resource, call, serves)))
  }
}

/** Validates a body in three steps: its schema, its references, then (in the resource) its rules. */
function readBody<R extends Row, B extends AnyBody, P extends ParentRow>(
  resource: Resource<R, B, P>,
  { references }: Writing<R, B, P>,
  schema: z.ZodType<z.output<B>>,
  call: Call,
): z.output<B> {
  const input = envelopeOf(resource).read(schema, readJson(call.body, call.behaviour), call)
  const custom =
    resource.entity && input['custom_fields'] ? readCustomValues(resource.entity, input['custom_fields'] as Body, call) : undefined
  const problems = [
    ...Object.entries(references).flatMap(([field, kind]) => referenceProblem(field, kind, (input as Body)[field], call)),
    ...(custom?.problems ?? []),
  ]
  if (problems.length > 0) throw validationFailed(problems)
  return custom ? { ...input, custom_fields: custom.values } : input
}

/** The changes with an effect: a PATCH with the current values does not change the row. */
const effective = <R extends Row>(row: R, changes: Partial<R>): Partial<R> =>
  Object.fromEntries(
    Object.entries(changes).filter(([field, value]) => JSON.stringify(row[field as keyof R]) !== JSON.stringify(value)),
  ) as Partial<R>

/** The schemas of bodies. v1 ignores unknown fields, and the rules check its required ones. */
function schemasOf<R extends Row, B extends AnyBody, P extends ParentRow>(
  { api }: Resource<R, B, P>,
  { fields, required }: Writing<R, B, P>,
) {
  const optional = api === 'v1' ? fields : z.strictObject(fields.partial().shape)
  const needed = Object.fromEntries(required.map((name) => [name, fields.shape[name]]))
  return {
    forCreate: (api === 'v1' ? fields : optional.extend(needed)) as unknown as z.ZodType<z.output<B>>,
    forChange: optional as unknown as z.ZodType<z.output<B>>,
  }
}

type WriteOperation = 'create' | 'update' | 'delete'

/** What a write does, by operation. */
function writesOf<R extends Row, B extends AnyBody, P extends ParentRow>(
  resource: Resource<R, B, P>,
  writing: Writing<R, B, P>,
): Record<WriteOperation, Route['handle']> {
  const { singular, table, uuid, parent } = resource
  const { one } = envelopeOf(resource)
  const show = writerOf(resource)
  const { forCreate, forChange } = schemasOf(resource, writing)
  const isV2 = resource.api !== 'v1'
  const isThere = (row: R, caller: Caller) => isRetained(row, caller) && !(writing.deletedIsMissing && row.is_deleted)
  const parentOf = (call: Call) => parent?.write(call) as P
  const statusOf = ({ behaviour }: Call): number => {
    const { createdStatus } = writing
    return createdStatus ?? (isV2 ? behaviour.createStatus : 200)
  }

  return {
    create(call) {
      const parentRow = parentOf(call)
      if (isV2) noQuery(call)
      const row = table(call.company).insert(writing.create(readBody(resource, writing, forCreate, call), call, parentRow))
      writing.afterWrite?.(row, call, parentRow)
      return one(show(row, call), statusOf(call))
    },
    update(call) {
      const parentRow = parentOf(call)
      const row = rowOf(resource, call, isThere, parentRow)
      if (row.is_deleted) throw unchangeable(call.behaviour.changeDeletedRecord, 'isDeleted', singular, call.behaviour)
      if (isV2) noQuery(call)
      const input = writing.change(row, readBody(resource, writing, forChange, call), call, parentRow)
      const changes = writing.alwaysTouches ? input : effective(row, input)
      if (writing.alwaysTouches || Object.keys(changes).length > 0) table(call.company).change(row, { ...changes, update_time: call.time })
      writing.afterWrite?.(row, call, parentRow)
      return one(show(row, call))
    },
    delete(call) {
      if (isV2) noQuery(call)
      const parentRow = parentOf(call)
      const row = rowOf(resource, call, isThere, parentRow)
      if (row.is_deleted) throw deletedBefore(row, singular, call)
      writing.beforeDelete?.(row, call)
      table(call.company).change(row, removal(call) as Partial<R>)
      writing.afterWrite?.(row, call, parentRow)
      return one(writing.deleteResult ?? { id: uuid?.(row) ?? row.id })
    },
  }
}

/** Checks the permission to write before anything else. */
const forAdministrators =
  (handle: Route['handle']): Route['handle'] =>
  (call) => {
    if (!call.user.is_admin) throw forbidden()
    return handle(call)
  }

function deletedBefore(row: Row, singular: string, caller: Caller): Refusal {
  const status = caller.behaviour.deleteDeletedRecord
  if (status === 200 || status === 410) return new Refusal(json(status, { success: true, data: { id: row.id } }))
  return unchangeable(status, 'isDeleted', singular, caller.behaviour)
}

/** All routes of a resource; specific paths must be registered before its `/:id`. */
export function routesOf<R extends Row, B extends AnyBody, P extends ParentRow = undefined>(resource: Resource<R, B, P>): Route[] {
  const { path, prices, writing, idName = 'id', api } = resource
  const writes = writing && writesOf(resource, writing)
  const write = (operation: WriteOperation) =>
    writes && (writing?.administratorsOnly ? forAdministrators(writes[operation]) : writes[operation])
  const one = `${path}/:${idName}`
  const operations: readonly [Route['method'], string, number | undefined, Route['handle'] | undefined][] = [
    ['GET', path, prices.list, api === 'v1' ? v1List(resource) : v2List(resource)],
    ['GET', one, prices.get, getRoute(resource)],
    ['POST', path, prices.create, write('create')],
    [writing?.method ?? 'PATCH', one, prices.update, write('update')],
    ['DELETE', one, prices.delete, write('delete')],
  ]
  return envelopeOf(resource).prefixes.flatMap((prefix) =>
    operations.flatMap(([method, below, tokens, handle]) =>
      tokens === undefined || !handle ? [] : [{ method, path: `${prefix}/${below}`, tokens, handle }],
    ),
  )
}
