import type { Operation } from '../../catalog/define.ts'
import { en } from '../../catalog/locales/en.ts'
import type { Label, Locale, OperationText } from '../../catalog/locales/locales.ts'
import { dropDown } from './drop-down.ts'
import { jsonSchema, labelled, referred, resolve, swaggerSchema, type JsonSchema, type SwaggerSchema } from './schema.ts'

/** The version of the definition, not of the program: hosts show it beside the connector. */
const DEFINITION_VERSION = '1.0'

export interface SwaggerOptions {
  /** With the port, if any. */
  host: string
  basePath: string
  schemes: readonly ('http' | 'https')[]
  locale?: Locale
}

/** The options for a server that the outside reaches at this URL. */
export function reachedAt(baseUrl: string): Pick<SwaggerOptions, 'host' | 'basePath' | 'schemes'> {
  const { host, pathname, protocol } = new URL(baseUrl)
  return { host, basePath: pathname, schemes: [protocol === 'https:' ? 'https' : 'http'] }
}

/** A SwaggerParameter is a parameter object of OpenAPI 2.0. */
export type SwaggerParameter = Record<string, unknown> & {
  name: string
  in: 'path' | 'query' | 'body'
  required: boolean
  schema?: SwaggerSchema
}

/** A SwaggerOperation is an operation object of OpenAPI 2.0. */
export type SwaggerOperation = Record<string, unknown> & {
  operationId: string
  parameters: SwaggerParameter[]
  responses: Record<string, { description: string; schema?: SwaggerSchema }>
}

/** A SwaggerDocument is the definition that hosts import as a custom connector. */
export type SwaggerDocument = Record<string, unknown> & {
  paths: Record<string, Record<string, SwaggerOperation>>
  definitions: Record<string, SwaggerSchema>
}

/** The Swagger 2.0 definition of these operations. Pure: the same catalog and options yield the same document, key by key. */
export function swagger(operations: readonly Operation[], { host, basePath, schemes, locale = en }: SwaggerOptions): SwaggerDocument {
  const definitions: Record<string, SwaggerSchema> = {}
  const paths: SwaggerDocument['paths'] = {}
  for (const operation of operations) {
    const item = (paths[operation.path] ??= {})
    const method = operation.method.toLowerCase()
    if (item[method]) throw new Error(`${operation.id}: ${operation.method} ${operation.path} is taken by ${item[method].operationId}`)
    item[method] = swaggerOperation(operations, operation, locale, definitions)
  }
  return {
    swagger: '2.0',
    info: { ...locale.info, version: DEFINITION_VERSION },
    host,
    basePath,
    schemes,
    consumes: ['application/json'],
    produces: ['application/json'],
    paths,
    definitions,
    securityDefinitions: {
      api_key: { type: 'apiKey', in: 'header', name: 'x-api-key', description: locale.connection.api_key.description },
    },
    security: [{ api_key: [] }],
  }
}

function swaggerOperation(
  operations: readonly Operation[],
  operation: Operation,
  locale: Locale,
  definitions: SwaggerDocument['definitions'],
): SwaggerOperation {
  const text = (locale.operations as Record<string, OperationText>)[operation.id]
  if (!text) throw new Error(`${operation.id} has no text in the locale`)
  const output = answer(operation, locale, definitions)
  return {
    operationId: operation.id,
    summary: text.summary,
    description: text.deprecation ? `${text.description} ${text.deprecation}` : text.description,
    ...(operation.kind === 'lookup' && { 'x-ms-visibility': 'internal' }),
    ...(operation.kind === 'trigger' && { 'x-ms-trigger': 'batch' }),
    ...(operation.revision?.replacement && { deprecated: true }),
    ...annotation(operation, locale),
    parameters: parameters(operations, operation, text, locale),
    responses: {
      200: { description: locale.responses.success, schema: operation.kind === 'trigger' ? { type: 'array', items: output } : output },
      ...(operation.kind === 'trigger' && { 202: { description: locale.responses.nothingNew } }),
      default: { description: locale.responses.failure },
    },
  }
}

function annotation({ revision, preview }: Operation, locale: Locale) {
  if (!revision) return {}
  const { family, number, replacement } = revision
  return {
    'x-ms-api-annotation': {
      family,
      revision: number,
      status: preview ? 'Preview' : 'Production',
      ...(replacement && { replacement: { api: locale.info.title, operationId: replacement } }),
    },
  }
}

function parameters(operations: readonly Operation[], operation: Operation, text: OperationText, locale: Locale): SwaggerParameter[] {
  const schema = jsonSchema(operation.input, 'input')
  const required = new Set(schema.required as string[] | undefined)
  const fields = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>)
  const takesBody = operation.method === 'POST' || operation.method === 'PUT'
  const inPath = (key: string) => operation.path.includes(`{${key}}`)
  const inBody = (key: string) => takesBody && !inPath(key)
  const extensions = (choices: unknown) => (choices === undefined ? {} : dropDown(operations, operation, choices as string, inBody))

  const outside: SwaggerParameter[] = []
  const body: Record<string, SwaggerSchema> = {}
  for (const [key, { choices, ...field }] of fields) {
    const label = text.parameters[key]
    if (!label) throw new Error(`${operation.id}: parameter "${key}" has no label in the locale`)
    const { title, ...shown } = labelled(label) // a schema has a title, a parameter has not
    const type = { ...swaggerSchema(field, {}, `${operation.id}.${key}`), ...shown, ...extensions(choices) }
    if (inPath(key)) outside.push({ name: key, in: 'path', ...type, required: true, 'x-ms-url-encoding': 'single' })
    else if (takesBody) body[key] = { ...type, title }
    else outside.push({ name: key, in: 'query', ...type, required: required.has(key) })
  }
  if (!takesBody) return outside
  const needed = Object.keys(body).filter((key) => required.has(key))
  return [
    ...outside,
    {
      name: 'body',
      in: 'body',
      required: true,
      description: locale.request.body.description,
      'x-ms-summary': locale.request.body.summary,
      schema: { type: 'object', properties: body, ...(needed.length > 0 && { required: needed }) },
    },
  ]
}

/** The answer's schema, a reference; what it refers to goes into `definitions`. */
function answer(operation: Operation, locale: Locale, definitions: SwaggerDocument['definitions']): SwaggerSchema {
  const schema = jsonSchema(operation.output, 'output')
  const name = referred(schema)
  if (!name) throw new Error(`${operation.id}: its output needs an id, for definitions are by name`)
  for (const [id, definition] of Object.entries(resolve(schema).definitions)) {
    const labels = (locale.definitions as Record<string, Record<string, Label>>)[id] ?? {}
    definitions[id] ??= optional(swaggerSchema(definition, labels, id))
  }
  return { $ref: `#/definitions/${name}` }
}

/** Typed clients take a required field for one that is never null, whatever `x-nullable` says: so nothing is required in an answer. */
function optional({ required: _, ...schema }: SwaggerSchema): SwaggerSchema {
  const items = schema.items as SwaggerSchema | undefined
  return {
    ...schema,
    ...(items && { items: optional(items) }),
    ...(schema.properties && { properties: Object.fromEntries(Object.entries(schema.properties).map(([key, p]) => [key, optional(p)])) }),
  }
}
