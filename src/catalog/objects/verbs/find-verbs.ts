import * as z from 'zod'
import { isObject } from '../../../kit/is-object.ts'
import type { UpstreamRow } from '../../../pipedrive/pipedrive.ts'
import { defineAction, type Action, type OperationContext } from '../../define.ts'
import { boolean, choice, string } from '../../inputs.ts'
import { fieldRules, type Mapping } from '../../mapping.ts'
import { defineShape } from '../../shape.ts'
import { styleInputs, toAnswer } from '../answer.ts'
import { withCreated, type CatalogObject, type FieldValues } from '../define-object.ts'
import { findIds, findKeyOf, valueToFind } from '../find-key.ts'
import { recordBody } from '../record-body.ts'
import { bodyInputs, updateRecord } from './write-verbs.ts'

const findBy = { find_by: string().optional() }
const onSeveral = { on_several: choice(['error', 'oldest']).meta({ visibility: 'advanced' }).optional() }

interface Found {
  found: boolean
  count: number
  record: FieldValues | null
}
const found = fieldRules<Found>()
const foundFields: Mapping<Found, Found> = {
  found: found.derived('foundAny', (one) => one.found),
  count: found.derived('foundCount', ({ count }) => count),
  record: found.derived('foundRecord', ({ record }) => record),
}

export function findAction(object: CatalogObject): Action {
  const { noun, plural, name, includes, shape } = object
  return defineAction({
    id: `${noun}Find`,
    method: 'GET',
    path: `/v2/find/${plural}`,
    effect: 'read',
    rank: 'normal',
    set: object.set,
    derivedFrom: { object: name, verb: 'find' },
    input: z.object({ value: string(), ...findBy, ...onSeveral, ...styleInputs(object) }),
    output: defineShape(
      `${noun}Found`,
      z.object({ found: z.boolean(), count: z.int().meta({ format: 'int32' }), record: shape.nullable() }),
    ),
    fields: foundFields,
    async run({ value, find_by, on_several, ...style }, context) {
      const key = await findKeyOf(object, find_by, {}, context)
      const records = context.pipedrive.records(name)
      const byId = await records.getMany(await findIds(object, key, value, context.pipedrive), { include_fields: includes })
      const rows = [...byId.values()].filter((row) => row['is_deleted'] !== true)
      const [oldest] = rows.toSorted((a, b) => (a.id < b.id ? -1 : 1))
      // Which of several is meant is for the caller to say.
      const record = oldest && (rows.length === 1 || on_several === 'oldest') ? await toAnswer(object, oldest, context, style) : null
      return context.fill(foundFields, { found: rows.length > 0, count: rows.length, record })
    },
  })
}

/** Finds the record by the value of one of the fields of a create, or creates it. */
async function findOrCreate(
  object: CatalogObject,
  { find_by, on_several, ...given }: FieldValues,
  context: OperationContext,
): Promise<{ row: UpstreamRow; created: boolean; body: FieldValues }> {
  const { name, includes } = object
  const key = await findKeyOf(object, typeof find_by === 'string' ? find_by : undefined, given, context)
  const value = await valueToFind(object, key, given, context)
  // All errors in the values are found before anything is written.
  const body = await recordBody(object, given, context)
  const { row, created } = await context.once<UpstreamRow>(
    { object: name, findBy: key.findBy, value, onSeveral: on_several === 'oldest' ? 'oldest' : 'error' },
    {
      find: (pipedrive) => findIds(object, key, value, pipedrive),
      read: (pipedrive, id) => pipedrive.records(name).getExisting(id, { include_fields: includes }),
      create: async (pipedrive) => withCreated(object, await pipedrive.records(name).create(body), body),
    },
  )
  return { row, created, body }
}

interface Match {
  created: boolean
  record: FieldValues
}
const match = fieldRules<Match>()
const matchFields: Mapping<Match, Match> = {
  created: match.derived('createdNow', ({ created }) => created),
  record: match.derived('foundRecord', ({ record }) => record),
}

export function findOrCreateAction(object: CatalogObject): Action {
  const { noun, plural, name, creatable, shape } = object
  return defineAction({
    id: `${noun}FindOrCreate`,
    method: 'POST',
    path: `/v2/find-or-create/${plural}`,
    effect: 'create',
    set: object.set,
    derivedFrom: { object: name, verb: 'findOrCreate' },
    input: z.object({ ...bodyInputs(object, 'create'), ...findBy, ...onSeveral }),
    output: defineShape(`${noun}Match`, z.object({ created: z.boolean(), record: shape })),
    fields: matchFields,
    bodyFields: creatable,
    async run(given, context) {
      const { row, created } = await findOrCreate(object, { ...context.extra, ...given }, context)
      return context.fill(matchFields, { created, record: await toAnswer(object, row, context) })
    },
  })
}

interface Outcome {
  outcome: 'created' | 'updated' | 'unchanged'
  record: FieldValues
}
const outcomes = fieldRules<Outcome>()
const outcomeFields: Mapping<Outcome, Outcome> = {
  outcome: outcomes.derived('outcome', ({ outcome }) => outcome),
  record: outcomes.derived('foundRecord', ({ record }) => record),
}

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || value === 0 || (Array.isArray(value) && value.length === 0)
const isSame = (sent: unknown, shown: unknown): boolean =>
  isObject(sent) && isObject(shown)
    ? Object.entries(sent).every(([key, value]) => isSame(value, shown[key]))
    : JSON.stringify(sent) === JSON.stringify(shown) || (isEmpty(sent) && isEmpty(shown))

/** The names of what a record does not show as it was sent; with `onlyEmpty` only of what the record has no value for. */
function changedFields({ writable }: CatalogObject, given: FieldValues, body: FieldValues, row: UpstreamRow, onlyEmpty: boolean): string[] {
  const differs = (to: string): boolean => (onlyEmpty ? isEmpty(row[to]) && !isEmpty(body[to]) : !isSame(body[to], row[to]))
  return Object.keys(writable).filter((field) => given[field] !== undefined && differs(writable[field]!.to))
}

export function createOrUpdateAction(object: CatalogObject): Action {
  const { noun, plural, name, creatable, shape } = object
  return defineAction({
    id: `${noun}CreateOrUpdate`,
    method: 'POST',
    path: `/v2/create-or-update/${plural}`,
    effect: 'create',
    rank: 'normal',
    set: object.set,
    derivedFrom: { object: name, verb: 'createOrUpdate' },
    input: z.object({ ...bodyInputs(object, 'create'), ...findBy, ...onSeveral, only_empty: boolean().optional() }),
    output: defineShape(`${noun}Outcome`, z.object({ outcome: z.string(), record: shape })),
    fields: outcomeFields,
    bodyFields: creatable,
    async run({ only_empty, ...input }, context) {
      const given: FieldValues = { ...context.extra, ...input }
      const { row, created, body } = await findOrCreate(object, given, context)
      const fields = created ? [] : changedFields(object, given, body, row, only_empty === true)
      const outcome = created ? 'created' : fields.length > 0 ? 'updated' : 'unchanged'
      const changes = Object.fromEntries(fields.map((field) => [field, given[field]]))
      const record = outcome === 'updated' ? await updateRecord(object, row.id, changes, context, row) : row
      return context.fill(outcomeFields, { outcome, record: await toAnswer(object, record, context) })
    },
  })
}
