import * as z from 'zod'
import type { Label } from '../../catalog/locales/locales.ts'

/** A JsonSchema is zod's description of a type, in JSON Schema draft 4. */
export type JsonSchema = Record<string, unknown>

/** A SwaggerSchema is a schema object of OpenAPI 2.0: JSON Schema draft 4 without the parts that hosts do not understand. */
export type SwaggerSchema = Record<string, unknown> & { properties?: Record<string, SwaggerSchema>; required?: string[] }

/** The keywords that Swagger 2.0 defines and hosts read. Any other one fails the build: hosts would ignore it silently. */
const KEYWORDS = new Set(['$ref', 'type', 'format', 'description', 'properties', 'items', 'enum', 'default', 'required'])
/** Keywords of zod that have no meaning here. */
const NOISE = new Set(['$schema', 'id', 'definitions'])

export const jsonSchema = (type: z.ZodType, io: 'input' | 'output'): JsonSchema => z.toJSONSchema(type, { io, target: 'draft-04' })

/** All schemas of a definition: the root schema and the schemas that it refers to, by name. */
export function resolve(schema: JsonSchema): { root: JsonSchema; definitions: Record<string, JsonSchema> } {
  const definitions = (schema.definitions ?? {}) as Record<string, JsonSchema>
  const name = referred(schema)
  return { root: name === undefined ? schema : (definitions[name] ?? schema), definitions }
}

export const referred = (schema: JsonSchema): string | undefined =>
  typeof schema.$ref === 'string' ? schema.$ref.replace('#/definitions/', '') : undefined

export const labelled = ({ summary, description }: Label) => ({ title: summary, description, 'x-ms-summary': summary })

/**
 * Turns JSON Schema into a Swagger schema, with a title and a description on every property.
 * `at` is the current path, for the message of a failure; `labels` are by dotted path below it.
 */
export function swaggerSchema(schema: JsonSchema, labels: Record<string, Label>, at: string, path = ''): SwaggerSchema {
  const here = path ? `${at}.${path}` : at
  const { nullable, ...rest } = withoutNull(schema)
  const out: SwaggerSchema = {}
  for (const [keyword, value] of Object.entries(rest)) {
    if (NOISE.has(keyword) || isNoBound(keyword, value)) continue
    if (!KEYWORDS.has(keyword) && keyword !== 'visibility') throw new Error(`${here}: Swagger 2.0 hosts do not understand "${keyword}"`)
    if (keyword === 'properties') {
      const properties = Object.entries(value as Record<string, JsonSchema>)
      // An object that is shown as Pipedrive has it.
      if (properties.length === 0) continue
      out.properties = Object.fromEntries(
        properties.map(([key, property]) => [key, swaggerProperty(property, labels, at, join(path, key))]),
      )
    } else if (keyword === 'visibility') out['x-ms-visibility'] = value
    else if (keyword === 'items') out.items = swaggerSchema(value as JsonSchema, labels, at, path)
    else out[keyword] = value
  }
  // A $ref has no siblings.
  return nullable && !out.$ref ? { ...out, 'x-nullable': true } : out
}

const join = (path: string, key: string) => (path ? `${path}.${key}` : key)

function swaggerProperty(property: JsonSchema, labels: Record<string, Label>, at: string, path: string): SwaggerSchema {
  const schema = swaggerSchema(property, labels, at, path)
  if (schema.$ref) return schema // a $ref has no siblings
  const label = labels[path]
  if (!label) throw new Error(`${at}: "${path}" has no label in the locale`)
  return { ...schema, ...labelled(label) }
}

/** zod writes "or null" in two ways; Swagger 2.0 uses a third one. */
function withoutNull({ anyOf, type, ...rest }: JsonSchema): JsonSchema & { nullable: boolean } {
  const choices = (anyOf ?? []) as JsonSchema[]
  const types = Array.isArray(type) ? (type as string[]) : []
  if (choices.length === 2 && choices[1]!.type === 'null') return { ...withoutNull(choices[0]!), ...rest, nullable: true }
  if (types.length === 2 && types[1] === 'null') return { type: types[0], ...rest, nullable: true }
  return { ...(anyOf !== undefined && { anyOf }), ...(type !== undefined && { type }), ...rest, nullable: false }
}

/** The empty schema: an object that is shown as Pipedrive has it. */
const isAny = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.keys(value).length === 0

/** zod limits each integer to JavaScript's safe range, and closes each response object; hosts need neither. */
const isNoBound = (keyword: string, value: unknown): boolean =>
  (keyword === 'minimum' && value === Number.MIN_SAFE_INTEGER) ||
  (keyword === 'maximum' && value === Number.MAX_SAFE_INTEGER) ||
  (keyword === 'additionalProperties' && (value === false || isAny(value)))
