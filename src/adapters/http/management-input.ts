import * as z from 'zod'
import { SETS, type OperationSet } from '../../catalog/set-names.ts'
import { readSets } from '../../catalog/sets.ts'
import { CONNECTION_KEY_PREFIX } from '../../connections/credential.ts'
import type { Detail } from '../../kit/errors/dealbridge-error.ts'
import { InvalidInput } from '../../kit/errors/invalid-input.ts'
import { nearest } from '../../kit/nearest.ts'
import { Secret } from '../../kit/secret.ts'
import { isPossibleKey } from './read-credential.ts'

const ID = /^[\w-]{1,64}$/
/** Ids here are database ids: far below the largest safe integer of JavaScript. */
const WHOLE_NUMBER = /^[1-9]\d{0,14}$/
/** A response names at most this many unknown fields, and at most this many characters of each, so that it stays small. */
const UNKNOWN_FIELDS_TOLD = 20
const NAME_LENGTH = 100

/** A value that cannot be an id belongs to no record, and the database would reject some of them. */
export const isPossibleId = (given: string): boolean => ID.test(given)

/** A text field; the registry checks its content. */
export const text = z.string({ error: ({ input }) => (input === undefined ? 'is required' : 'must be a text') })
export const id = text.regex(ID, 'is not an id of this server')
export const wholeNumber = text.regex(WHOLE_NUMBER, 'must be a whole number from 1 on').transform(Number)

/** The names of sets, with commas or as a list; undefined for all of them. */
export const sets = z.union([text, z.array(text)]).transform((given, context): readonly OperationSet[] | undefined => {
  try {
    const named = readSets(Array.isArray(given) ? given.join(',') : given)
    return named.length === SETS.length ? undefined : named
  } catch (error) {
    context.issues.push({ code: 'custom', message: (error as InvalidInput).details[0]!.message, input: given })
    return z.NEVER
  }
})

/** The messages never repeat the value: it may be a key, or something pasted along with one. */
export const apiKey = text
  .trim()
  .min(1, 'is required')
  .refine(isPossibleKey, {
    error: 'is longer than 256 characters, or holds blanks, control characters or letters beyond ASCII',
    when: ({ issues }) => issues.length === 0,
  })
  .refine((key) => !key.startsWith(CONNECTION_KEY_PREFIX), 'is a connection key of this server; here goes the API key of Pipedrive')
  .transform((key) => new Secret(key))

/** Checks and converts the fields of a request; throws InvalidInput with all errors at once. An unknown field is an error, because it may be a typing error. */
export function readFields(schema: z.ZodObject, sent: Record<string, unknown>): Record<string, unknown> {
  const known = Object.keys(schema.shape)
  const unknown = Object.keys(sent).filter((name) => !known.includes(name))
  const details: Detail[] = unknown.slice(0, UNKNOWN_FIELDS_TOLD).map((name) => unknownField(name.slice(0, NAME_LENGTH), known))
  const parsed = schema.safeParse(sent)
  if (!parsed.success) details.push(...parsed.error.issues.map(({ path, message }) => ({ field: path.join('.') || 'body', message })))
  if (details.length > 0 || !parsed.success) throw new InvalidInput(details)
  return parsed.data
}

function unknownField(field: string, known: readonly string[]): Detail {
  const near = nearest(field, known)
  const wayOut = near ? `did you mean "${near}"?` : known.length > 0 ? `this takes ${known.join(', ')}` : 'this takes none'
  return { field, message: `is no field here; ${wayOut}` }
}
