import type * as z from 'zod'
import { BODY_METHODS, type HttpMethod, type Operation } from '../../catalog/define.ts'
import type { Locale } from '../../catalog/locales/en.ts'
import type { OperationText } from '../../catalog/locales/locales.ts'
import { dropDown } from './drop-down.ts'
import { jsonSchema, labelled, swaggerSchema, type JsonSchema, type SwaggerSchema } from './schema.ts'

/** A SwaggerParameter is a parameter object of OpenAPI 2.0. */
export type SwaggerParameter = Record<string, unknown> & {
  name: string
  in: 'path' | 'query' | 'body'
  required: boolean
  schema?: SwaggerSchema
}

/** An OperationRequest is the part of an operation that describes its request. */
export interface OperationRequest {
  id: string
  method: HttpMethod
  path: string
  input: z.ZodObject
}

/** A field that is not in the path goes into the body of POST, PUT and PATCH, or into the query of GET. */
export function parameters(
  operations: readonly Operation[],
  operation: OperationRequest,
  text: OperationText,
  locale: Locale,
): SwaggerParameter[] {
  const schema = jsonSchema(operation.input, 'input')
  const required = new Set(schema.required as string[] | undefined)
  const takesBody = BODY_METHODS.has(operation.method)
  const inPath = (key: string) => operation.path.includes(`{${key}}`)
  const inBody = (key: string) => takesBody && !inPath(key)

  const describe = (key: string, { choices, ...field }: JsonSchema): SwaggerSchema => {
    const label = text.parameters[key]
    if (!label) throw new Error(`${operation.id}: parameter "${key}" has no label in the locale`)
    const list = choices === undefined ? undefined : dropDown(operations, operation, choices as string, inBody)
    const typed = list && locale.request.typed[list.sends]
    if (list && !typed) throw new Error(`${operation.id}.${key}: the locale does not say that any ${list.sends} can be typed`)
    const description = typed ? `${label.description} ${typed}` : label.description
    return {
      ...swaggerSchema(field, below(text.parameters, key), `${operation.id}.${key}`),
      ...enumValues(field.enum, locale),
      ...labelled({ ...label, description }),
      ...(required.has(key) && { 'x-ms-visibility': 'important' }),
      ...list?.extensions,
    }
  }

  const outside: SwaggerParameter[] = []
  const body: Record<string, SwaggerSchema> = {}
  for (const [key, field] of Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>)) {
    const { title, ...type } = describe(key, field)
    if (inPath(key)) outside.push({ name: key, in: 'path', ...type, required: true, 'x-ms-url-encoding': 'single' })
    // A schema has a title, a parameter does not.
    else if (takesBody) body[key] = { ...type, title }
    else outside.push({ name: key, in: 'query', ...type, required: required.has(key) })
  }
  return takesBody ? [...outside, bodyParameter(body, required, locale)] : outside
}

/** The name is part of the contract: saved steps key their inputs `body/title`. */
function bodyParameter(properties: Record<string, SwaggerSchema>, required: ReadonlySet<string>, locale: Locale): SwaggerParameter {
  const { summary, description } = locale.request.body
  const needed = Object.keys(properties).filter((key) => required.has(key))
  return {
    name: 'body',
    in: 'body',
    required: true,
    description,
    'x-ms-summary': summary,
    schema: { type: 'object', properties, ...(needed.length > 0 && { required: needed }) },
  }
}

/** The labels of what is inside this parameter, by their path below it. */
const below = (labels: OperationText['parameters'], key: string) =>
  Object.fromEntries(
    Object.entries(labels).flatMap(([path, label]) => (path.startsWith(`${key}.`) ? [[path.slice(key.length + 1), label]] : [])),
  )

function enumValues(values: unknown, locale: Locale) {
  if (!Array.isArray(values)) return {}
  const shown = (value: string) => {
    const displayName = (locale.values as Record<string, string>)[value]
    if (!displayName) throw new Error(`"${value}" has no display name in the locale`)
    return { value, displayName }
  }
  return { 'x-ms-enum-values': values.map((value) => shown(value as string)) }
}
