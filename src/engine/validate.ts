import * as z from 'zod'
import type { Operation, BodyFields } from '../catalog/define.ts'
import { CUSTOM_FIELD_KEY } from '../catalog/body-fields.ts'
import type { Detail } from '../kit/errors/dealbridge-error.ts'
import { InvalidInput } from '../kit/errors/invalid-input.ts'
import { nearest } from '../kit/nearest.ts'

/** A Valid is an input that fits: the operation's own fields, and what the caller sent beyond them. Empty values are gone. */
interface Valid {
  input: Record<string, unknown>
  extra: Record<string, unknown>
}

const isEmpty = (value: unknown): boolean => value === null || value === undefined || (typeof value === 'string' && value.trim() === '')

/** Flows send every field of a step; an empty one means that the maker left it empty. */
export const withoutEmpty = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value)))

/** An answer tells about this many unknown fields: enough to mend a flow, and a body full of them makes no answer fifty times its size. */
const UNKNOWN_FIELDS_TOLD = 20
/** Longer than any name of a field; comparing takes time in proportion to the length. */
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

/** Checks and converts what a caller sent; throws InvalidInput with every fault at once, in the caller's own names. */
export function validate(operation: Operation, sent: Record<string, unknown>): Valid {
  const own = Object.keys(operation.input.shape)
  const writable = writableOf(operation)
  const known = [...new Set([...own, ...Object.keys(writable)])]
  const isCustom = (name: string) => operation.kind === 'action' && operation.bodyFields !== undefined && CUSTOM_FIELD_KEY.test(name)
  const unknown = Object.keys(sent).filter((name) => !known.includes(name) && !isCustom(name))
  const details = unknown.slice(0, UNKNOWN_FIELDS_TOLD).map((name) => unknownField(name, known))
  const given = withoutEmpty(sent)
  const parsed = schemaOf(operation).safeParse(given)
  if (!parsed.success)
    details.push(...parsed.error.issues.map((issue) => ({ field: issue.path.join('.') || 'body', message: issue.message })))
  if (details.length > 0 || !parsed.success) throw new InvalidInput(details)

  const valid: Valid = { input: {}, extra: {} }
  for (const [name, value] of Object.entries(parsed.data)) (own.includes(name) ? valid.input : valid.extra)[name] = value
  for (const [name, value] of Object.entries(given)) if (isCustom(name)) valid.extra[name] = value
  return valid
}
