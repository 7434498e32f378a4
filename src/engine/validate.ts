import * as z from 'zod'
import type { Operation, BodyFields } from '../catalog/define.ts'
import { CLEAR_FIELDS, CUSTOM_FIELD_KEY } from '../catalog/body-fields.ts'
import { momentOf } from '../catalog/inputs.ts'
import type { Detail } from '../kit/errors/dealbridge-error.ts'
import { InvalidInput } from '../kit/errors/invalid-input.ts'
import { nearest } from '../kit/nearest.ts'
import { checkClearFields, isClearable } from './clear-fields.ts'

/** A ValidInput is a checked input: the operation's own fields, and the extra ones that the caller sent. Empty values are removed. */
interface ValidInput {
  input: Record<string, unknown>
  extra: Record<string, unknown>
  /** What was understood differently from how it was sent. */
  warnings: string[]
}

const isEmpty = (value: unknown): boolean => value === null || value === undefined || (typeof value === 'string' && value.trim() === '')

/** Flows send every field of a step; an empty value means that the maker left the field empty. */
export const withoutEmpty = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value)))

/** An answer lists this many unknown fields: enough to correct a flow, without an answer fifty times the size of the body. */
const UNKNOWN_FIELDS_MAX = 20
/** Longer than any field name; comparison time grows with the length. */
const NAME_LENGTH = 100

const PLAIN_DATE = /^\d{4}-\d{2}-\d{2}$/

const writableOf = (operation: Operation): BodyFields => (operation.kind === 'action' && operation.bodyFields) || {}

const schemas = new WeakMap<Operation, z.ZodObject>()
function schemaOf(operation: Operation): z.ZodObject {
  const known = schemas.get(operation)
  if (known) return known
  const extra = Object.entries(writableOf(operation)).map(([name, { input }]) => [name, input.optional()])
  const schema = z.object({ ...(Object.fromEntries(extra) as z.ZodRawShape), ...operation.input.shape })
  schemas.set(operation, schema)
  return schema
}

function unknownField(name: string, known: string[]): Detail {
  const field = name.slice(0, NAME_LENGTH)
  const near = nearest(field, known)
  return { field, message: `is not a field of this operation${near ? `; did you mean "${near}"?` : `; it takes ${known.join(', ')}`}` }
}

/** Checks and converts what a caller sent; throws InvalidInput with all errors at once, in the caller's field names. */
export function validate(operation: Operation, sent: Record<string, unknown>): ValidInput {
  const own = Object.keys(operation.input.shape)
  const writable = writableOf(operation)
  const isUpdate = operation.kind === 'action' && operation.effect === 'update' && operation.bodyFields !== undefined
  const known = [...new Set([...own, ...Object.keys(writable), ...(isUpdate ? [CLEAR_FIELDS] : [])])]
  const takesCustomNames = operation.kind === 'action' && operation.derivedFrom !== undefined && 'custom_fields' in writable
  const isCustom = (name: string) => operation.kind === 'action' && operation.bodyFields !== undefined && CUSTOM_FIELD_KEY.test(name)
  const unknown = Object.keys(sent).filter((name) => !known.includes(name) && !isCustom(name))
  const details = unknown.slice(0, UNKNOWN_FIELDS_MAX).map((name) => unknownField(name, known))
  const nonEmpty = withoutEmpty(sent)
  const warnings = splitMoments(writable, nonEmpty)
  const { [CLEAR_FIELDS]: clearFields, ...values } = nonEmpty
  const clear = clearFields === undefined ? { names: [], details: [] } : checkClearFields(clearFields, writable, values, takesCustomNames)
  details.push(...clear.details)
  const parsed = schemaOf(operation).safeParse(values)
  if (!parsed.success)
    details.push(...parsed.error.issues.map((issue) => ({ field: issue.path.join('.') || 'body', message: issue.message })))
  if (details.length > 0 || !parsed.success) throw new InvalidInput(details)

  const valid: ValidInput = { input: {}, extra: {}, warnings }
  for (const [name, value] of Object.entries(parsed.data)) (own.includes(name) ? valid.input : valid.extra)[name] = value
  for (const [name, value] of Object.entries(nonEmpty)) if (isCustom(name)) valid.extra[name] = value
  warnings.push(...cutDates(nonEmpty, parsed.data))
  if (!isUpdate) return valid
  const empty = Object.keys(sent).filter((name) => isEmpty(sent[name]) && !clear.names.includes(name) && name !== CLEAR_FIELDS)
  // By its key, a custom field is cleared by null as in `custom_fields`: a caller who sends a key means it.
  const cleared = [...clear.names, ...empty.filter((name) => isCustom(name) && name.length === 40 && sent[name] === null)]
  if (cleared.length > 0) valid.extra[CLEAR_FIELDS] = cleared
  warnings.push(
    ...leftOut(
      writable,
      empty.filter((name) => !cleared.includes(name)),
    ),
  )
  return valid
}

/** A date-time in a field that has a time beside it fills both, in UTC, unless that time was sent. Changes `fields`; returns the warnings. */
function splitMoments(writable: BodyFields, fields: Record<string, unknown>): string[] {
  return Object.entries(writable).flatMap(([name, { timeField }]) => {
    if (timeField === undefined || fields[timeField] !== undefined) return []
    const moment = momentOf(fields[name])
    if (!moment) return []
    const sent = String(fields[name]).trim()
    fields[name] = moment.date
    fields[timeField] = moment.time
    return [`${name} "${sent}" was taken as ${moment.date} ${moment.time} UTC (${name} and ${timeField})`]
  })
}

/** A plain date has no time: the calendar day that was written is used, and the caller learns it. */
const cutDates = (sent: Readonly<Record<string, unknown>>, parsed: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(parsed).flatMap(([name, value]) => {
    const text = typeof sent[name] === 'string' ? sent[name].trim() : ''
    return typeof value === 'string' && PLAIN_DATE.test(value) && text.length > value.length && text.startsWith(value)
      ? [`${name} "${text}" was taken as the day ${value}: this field has no time`]
      : []
  })

/** An update changes nothing for an empty value. */
function leftOut(writable: BodyFields, empty: readonly string[]): string[] {
  const clearable = empty.filter((name) => isClearable(writable, name))
  const others = empty.filter((name) => !clearable.includes(name))
  return [
    ...(clearable.length > 0
      ? [`left out because empty, and unchanged: ${clearable.join(', ')}; to clear, send "${CLEAR_FIELDS}": ${JSON.stringify(clearable)}`]
      : []),
    ...(others.length > 0 ? [`left out because empty, and unchanged: ${others.join(', ')}`] : []),
  ]
}
