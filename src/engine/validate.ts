import * as z from 'zod'
import type { Operation, BodyFields } from '../catalog/define.ts'
import { CUSTOM_FIELD_KEY } from '../catalog/body-fields.ts'
import type { Detail } from '../kit/errors/dealbridge-error.ts'
import { InvalidInput } from '../kit/errors/invalid-input.ts'
import { nearest } from '../kit/nearest.ts'

/** A ValidInput is a checked input: the operation's own fields, and the extra ones that the caller sent. Empty values are removed. */
interface ValidInput {
  input: Record<string, unknown>
  extra: Record<string, unknown>
}

const isEmpty = (value: unknown): boolean => value === null || value === undefined || (typeof value === 'string' && value.trim() === '')

/** Flows send every field of a step; an empty value means that the maker left the field empty. */
export const withoutEmpty = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value)))

/** An answer lists this many unknown fields: enough to correct a flow, without an answer fifty times the size of the body. */
const UNKNOWN_FIELDS_MAX = 20
/** Longer than any field name; comparison time grows with the length. */
const NAME_LENGTH = 100

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
  const known = [...new Set([...own, ...Object.keys(writable)])]
  const isCustom = (name: string) => operation.kind === 'action' && operation.bodyFields !== undefined && CUSTOM_FIELD_KEY.test(name)
  const unknown = Object.keys(sent).filter((name) => !known.includes(name) && !isCustom(name))
  const details = unknown.slice(0, UNKNOWN_FIELDS_MAX).map((name) => unknownField(name, known))
  const nonEmpty = withoutEmpty(sent)
  const parsed = schemaOf(operation).safeParse(nonEmpty)
  if (!parsed.success)
    details.push(...parsed.error.issues.map((issue) => ({ field: issue.path.join('.') || 'body', message: issue.message })))
  if (details.length > 0 || !parsed.success) throw new InvalidInput(details)

  const valid: ValidInput = { input: {}, extra: {} }
  for (const [name, value] of Object.entries(parsed.data)) (own.includes(name) ? valid.input : valid.extra)[name] = value
  for (const [name, value] of Object.entries(nonEmpty)) if (isCustom(name)) valid.extra[name] = value
  return valid
}
