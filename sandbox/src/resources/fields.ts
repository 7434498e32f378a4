import { createHash } from 'node:crypto'
import * as z from 'zod'
import { failure, forbidden, json, notFound, one, page, type Problem, Refusal, validationFailed, wording } from '../http/answer.ts'
import { body, query, readJson, readJsonList, validate } from '../http/validation.ts'
import { type Caller, newRow, removal } from '../state/caller.ts'
import { fieldDefaults } from '../state/field-defaults.ts'
import { customTypes, fieldEntities, type FieldEntity, fieldOf, type FieldOption, type FieldRow, liveOptions } from '../state/fields.ts'
import { type GivenSettings, settings, settingsAfter, settingsProblems } from './field-settings.ts'
import { extrasOf, showField } from './field-view.ts'
import { pageOf, readCursor } from './keyset-page.ts'
import type { Call, Route } from './route.ts'

const LONGEST_NAME = 255
const name = z
  .string()
  .min(1, { error: 'empty' })
  .max(LONGEST_NAME, { error: `outOfRange|1 and ${LONGEST_NAME} characters` })
const givenOptions = z.array(z.strictObject({ label: name })).min(1, { error: 'optionsRequired' })
const changedOptions = z.array(z.strictObject({ id: body.whole(), label: name })).min(1, { error: 'optionsRequired' })
const namedOptions = z.array(z.strictObject({ id: body.whole() })).min(1, { error: 'optionsRequired' })
const inList = { limit: query.limit().optional(), cursor: query.text().optional() }
const BY_ID = { column: 'id', direction: 'asc' } as const

const administratorsOnly = ({ user }: Caller): void => {
  if (!user.is_admin) throw forbidden()
}

const refuse = (...problems: Problem[]): never => {
  throw validationFailed(problems)
}

function required(entity: FieldEntity, call: Call): FieldRow {
  const field = fieldOf(call.company, entity, call.params['field_code']!)
  if (!field) throw notFound('Field')
  return field
}

/** Ids of options are unique in the company and never reused. */
function nextOptionId({ company }: Caller): number {
  let last = 0
  for (const { options } of company.fields.walk()) for (const { id } of options ?? []) if (typeof id === 'number') last = Math.max(last, id)
  return last + 1
}

function newOptions(labels: readonly { label: string }[], caller: Caller): FieldOption[] {
  const first = nextOptionId(caller)
  return labels.map(({ label }, at) => ({ id: first + at, label, add_time: caller.time, update_time: null }))
}

/** A code is not predictable for clients, but the same requests give the same codes. */
const newCode = (entity: FieldEntity, field: string, { company }: Caller): string =>
  createHash('sha1').update(`${company.id} ${entity} ${company.fields.size} ${field}`).digest('hex')

function createField(entity: FieldEntity, call: Call) {
  const extras = Object.fromEntries(extrasOf(entity).map((extra) => [extra, settings[extra].optional()]))
  const schema = z.strictObject({
    field_name: name,
    field_type: body.oneOf(customTypes),
    options: givenOptions.optional(),
    ...extras,
    ...(entity === 'deal' && { description: body.text().nullish() }),
  })
  const input = validate(schema, readJson(call.body, call.behaviour), call.behaviour)
  const takesOptions = input.field_type === 'enum' || input.field_type === 'set'
  if (takesOptions !== (input.options !== undefined))
    refuse({ field: 'options', text: wording(call.behaviour, takesOptions ? 'optionsRequired' : 'noOptions') })
  const code = newCode(entity, input.field_name, call)
  const after = settingsAfter(entity, fieldDefaults(entity, true), input as GivenSettings, call)
  const problems = settingsProblems({ entity, code }, after, call)
  if (problems.length > 0) refuse(...problems)
  return call.company.fields.insert({
    ...newRow({ ...call, lateSeconds: 0 }),
    entity,
    code,
    name: input.field_name,
    type: input.field_type,
    description: ('description' in input ? (input.description as string | null) : null) ?? '',
    is_custom: true,
    is_optional: false,
    is_writable: true,
    options: input.options ? newOptions(input.options, call) : null,
    ...after,
  })
}

function changeField(entity: FieldEntity, call: Call): FieldRow {
  const field = required(entity, call)
  const { behaviour } = call
  const extras = Object.fromEntries(extrasOf(entity).map((extra) => [extra, settings[extra]]))
  const shape = { field_name: name, ...extras, ...(entity === 'deal' && { description: body.text().nullable() }) }
  const input = validate(z.strictObject(shape).partial(), readJson(call.body, behaviour), behaviour)
  if (Object.keys(input).length === 0) throw new Refusal(failure(400, wording(behaviour, 'nothingGiven'), 'ERR_SCHEMA_VALIDATION_FAILED'))
  const { field_name, description } = input as { field_name?: string; description?: string | null }
  if (!field.is_custom && field_name !== undefined) refuse({ field: 'field_code', text: wording(behaviour, 'standardField', field.code) })
  const after = settingsAfter(entity, field, input as GivenSettings, call)
  const problems = settingsProblems(field, after, call)
  if (problems.length > 0) refuse(...problems)
  call.company.fields.change(field, {
    ...after,
    ...(field_name !== undefined && { name: field_name }),
    ...(description !== undefined && { description: description ?? '' }),
    update_time: call.time,
  })
  return field
}

function deleteField(entity: FieldEntity, call: Call): FieldRow {
  const field = required(entity, call)
  const { behaviour } = call
  if (!field.is_custom) throw new Refusal(failure(400, wording(behaviour, 'standardField', field.code)))
  call.company.fields.change(field, removal(call))
  return field
}

/** The field whose options a request writes: a custom field with options, or the standard field label_ids (an assumption). */
function withOptions(entity: FieldEntity, call: Call): FieldRow {
  const field = required(entity, call)
  const { behaviour } = call
  if (!field.options) refuse({ field: 'field_code', text: wording(behaviour, 'noOptions') })
  if (!field.is_custom && field.code !== 'label_ids') refuse({ field: 'field_code', text: wording(behaviour, 'standardField', field.code) })
  return field
}

type OptionsWrite = (field: FieldRow, call: Call) => { options: FieldOption[]; written: readonly FieldOption[] }
const readOptions = <S extends z.ZodType>(schema: S, { body: text, behaviour }: Call): z.output<S> =>
  validate(schema, readJsonList(text, behaviour), behaviour)

/** An unknown option refuses the whole request. */
function existing(field: FieldRow, ids: readonly number[], { behaviour }: Call): void {
  const unknown = ids.filter((id) => !liveOptions(field).some((option) => option.id === id))
  if (unknown.length > 0) refuse({ field: 'id', text: wording(behaviour, 'unknownOption', unknown.join(', ')) })
}

const writeOptions: Readonly<Record<'POST' | 'PATCH' | 'DELETE', OptionsWrite>> = {
  POST(field, call) {
    const written = newOptions(readOptions(givenOptions, call), call)
    return { options: [...field.options!, ...written], written }
  },
  PATCH(field, call) {
    const labels = new Map(readOptions(changedOptions, call).map(({ id, label }) => [id as number | string, label]))
    existing(field, [...labels.keys()] as number[], call)
    const options = field.options!.map((option) => {
      const label = labels.get(option.id)
      return label === undefined ? option : { ...option, label, update_time: call.time }
    })
    return { options, written: options.filter(({ id }) => labels.has(id)) }
  },
  DELETE(field, call) {
    const ids = readOptions(namedOptions, call).map(({ id }) => id)
    existing(field, ids, call)
    const isNamed = ({ id }: FieldOption) => ids.includes(id as number)
    return {
      options: field.options!.map((option) => (isNamed(option) ? { ...option, is_deleted: true } : option)),
      written: field.options!.filter(isNamed),
    }
  },
}

function routesFor(entity: FieldEntity): Route[] {
  const path = `/api/v2/${entity}Fields`
  const extras = extrasOf(entity)
  const projection = { include_fields: query.someOf(extras).optional() }
  const onList = z.strictObject({ ...projection, ...inList })
  const onOne = z.strictObject(projection)
  const nothing = z.strictObject({})
  const write = (method: 'POST' | 'PATCH' | 'DELETE', below: string, tokens: number, handle: Route['handle']): Route => ({
    method,
    path: path + below,
    tokens,
    handle(call) {
      administratorsOnly(call)
      validate(nothing, call.query, call.behaviour)
      return handle(call)
    },
  })
  const options = (method: keyof typeof writeOptions, tokens: number): Route =>
    write(method, '/:field_code/options', tokens, (call) => {
      const field = withOptions(entity, call)
      const { options: after, written } = writeOptions[method](field, call)
      call.company.fields.change(field, { options: after, update_time: call.time })
      return json(200, { success: true, data: written.map(({ id, label }) => ({ id, label })), additional_data: null })
    })

  const reads: Route[] = [
    {
      method: 'GET',
      path,
      tokens: 10,
      handle(call) {
        const { include_fields = [], limit = 100, cursor } = validate(onList, call.query, call.behaviour)
        const after = cursor === undefined ? undefined : readCursor<FieldRow>(cursor, BY_ID)
        if (cursor !== undefined && !after) refuse({ field: 'cursor', text: wording(call.behaviour, 'badCursor') })
        const candidates = call.company.fields.where('entity', entity)
        const { rows, nextCursor } = pageOf<FieldRow>(call.company.fields, (field) => !field.is_deleted, BY_ID, {
          limit,
          after,
          candidates,
        })
        return page(
          rows.map((field) => showField(field, include_fields, call)),
          nextCursor,
        )
      },
    },
    {
      method: 'GET',
      path: `${path}/:field_code`,
      tokens: 1,
      handle(call) {
        const { include_fields = [] } = validate(onOne, call.query, call.behaviour)
        return one(showField(required(entity, call), include_fields, call))
      },
    },
  ]
  // Activity fields are read-only.
  if (entity === 'activity') return reads
  return [
    ...reads,
    write('POST', '', 5, (call) => one(showField(createField(entity, call), extras, call), call.behaviour.createStatus)),
    write('PATCH', '/:field_code', 5, (call) => one(showField(changeField(entity, call), extras, call))),
    write('DELETE', '/:field_code', 3, (call) => one(showField(deleteField(entity, call), [], call))),
    options('POST', 5),
    options('PATCH', 5),
    options('DELETE', 3),
  ]
}

/** The field definitions of all kinds of records, and their options. Only administrators can write them. */
export const fieldRoutes: readonly Route[] = fieldEntities.flatMap(routesFor)
