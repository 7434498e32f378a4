import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'

type Json = Record<string, unknown>

interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required?: boolean
  schema?: Json
}

interface SpecifiedOperation {
  parameters?: Parameter[]
  requestBody?: { required?: boolean; content: Record<string, { schema: Json }> }
  responses: Record<string, { content?: Record<string, { schema?: Json }> }>
}

interface Document {
  paths: Record<string, Record<string, SpecifiedOperation> & { parameters?: Parameter[] }>
}

/** An Operation is one method and path of a specification, as things that can be checked. Each check answers what is wrong. */
export interface Operation {
  /** `GET /api/v2/deals/{id}` */
  name: string
  checkPath(params: Record<string, string | number>): string[]
  checkQuery(query: Record<string, string>): string[]
  checkBody(body: unknown): string[]
  checkAnswer(status: number, body: unknown): string[]
}

/** A Specification is one of Pipedrive's OpenAPI files; `prefix` is where the sandbox serves it. */
export interface Specification {
  operations: readonly Operation[]
  find(method: string, path: string): Operation | undefined
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete']
/** Names of path parameters differ between us and the file. */
const anonymous = (path: string): string => path.replace(/\{[^}]*\}|:\w+/g, '{}')

const starred = (path: string): string => path.replace(/\/\d+(?=\/|$)/g, '/*')

const problemsOf = (where: string, errors: readonly ErrorObject[] | null | undefined): string[] =>
  (errors ?? []).map(({ instancePath, message, params, data }) => {
    const at = starred(where + instancePath)
    if (data === null) return `${at} is null`
    const more = 'allowedValues' in params ? ` ${JSON.stringify(params['allowedValues'])}` : ''
    return `${at} ${message}${more}`
  })

/** Of several allowed shapes the one that is meant: whose enums allow what the value says, as `item` does in a list of mixed records. */
function meantShape({ keyword, schema, data }: ErrorObject): Json | undefined {
  if (keyword !== 'anyOf' || typeof data !== 'object' || data === null) return undefined
  const shapes = (schema as Json[]).filter(({ properties = {} }) =>
    Object.entries(properties as Record<string, Json>).every(
      ([name, { enum: allowed }]) => !Array.isArray(allowed) || allowed.includes((data as Json)[name]),
    ),
  )
  return shapes.length === 1 ? shapes[0] : undefined
}

/** OpenAPI 3.0 says `nullable: true` beside an enum that does not list null. */
function withNullInEnums(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withNullInEnums)
  if (typeof schema !== 'object' || schema === null) return schema
  const copy: Json = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, key === 'example' ? value : withNullInEnums(value)]),
  )
  if (copy['nullable'] === true && Array.isArray(copy['enum']) && !copy['enum'].includes(null))
    copy['enum'] = [...(copy['enum'] as unknown[]), null]
  if (copy['nullable'] === true && copy['type'] === undefined) delete copy['nullable']
  return copy
}

export async function readSpecification(folder: string, file: string, prefix: string): Promise<Specification> {
  const document = withNullInEnums(parse(await readFile(join(folder, file), 'utf8'), { maxAliasCount: -1 })) as Document & Json
  const ajv = new Ajv({ strict: false, verbose: true, allErrors: true, validateSchema: false, logger: false })
  formats.default(ajv)
  ajv.addSchema(document, file)
  const compiled = new Map<Json, ValidateFunction>()
  const check = (schema: Json | undefined, value: unknown, where: string): string[] => {
    if (!schema) return []
    let validate = compiled.get(schema)
    // Schemas point at `#/components/…` of the file that they stand in.
    if (!validate) compiled.set(schema, (validate = ajv.compile({ components: document['components'], ...schema })))
    if (validate(value)) return []
    const errors = validate.errors ?? []
    const mixed = errors.flatMap((error) => {
      const shape = meantShape(error)
      return shape ? [{ at: error.instancePath, shape, data: error.data }] : []
    })
    // What the other shapes would have wanted says nothing.
    const others = errors.filter(({ instancePath }) => !mixed.some(({ at }) => `${instancePath}/`.startsWith(`${at}/`)))
    return [...problemsOf(where, others), ...mixed.flatMap(({ at, shape, data }) => check(shape, data, starred(where + at)))]
  }

  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method): Operation => {
      const operation = item[method]!
      const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])]
      return {
        name: `${method.toUpperCase()} ${prefix}${path}`,
        checkPath: (params) =>
          parameters
            .filter((p) => p.in === 'path')
            .flatMap(({ name, schema }) => (name in params ? check(schema, params[name], `path ${name}`) : [`path ${name} is required`])),
        checkQuery: (query) => [
          ...Object.entries(query).flatMap(([name, text]) => checkParameter(parameters, name, text, check)),
          ...parameters
            .filter((p) => p.in === 'query' && p.required && query[p.name] === undefined)
            .map((p) => `query ${p.name} is required`),
        ],
        checkBody(body) {
          const schema = operation.requestBody?.content['application/json']?.schema
          if (body === undefined) return operation.requestBody?.required ? ['body is required'] : []
          return schema ? check(schema, body, 'body') : ['body is not specified']
        },
        checkAnswer(status, body) {
          const response = operation.responses[String(status)]
          if (!response) return [`answer ${status} is not specified: ${Object.keys(operation.responses).join(', ')}`]
          return check(response.content?.['application/json']?.schema, body, 'answer')
        },
      }
    }),
  )
  const byPath = new Map(operations.map((operation) => [anonymous(operation.name), operation]))
  return { operations, find: (method, path) => byPath.get(anonymous(`${method} ${path}`)) }
}

/** A query is text: what the file types as a number or flag is read as one, and a comma list item by item. */
function checkParameter(
  parameters: Parameter[],
  name: string,
  text: string,
  check: (schema: Json | undefined, value: unknown, where: string) => string[],
): string[] {
  const parameter = parameters.find((p) => p.in === 'query' && p.name === name)
  if (!parameter) return [`query ${name} is not specified`]
  const { schema = {} } = parameter
  const typed = (value: string, { type }: Json) =>
    type === 'integer' || type === 'number' ? Number(value) : type === 'boolean' ? value === 'true' : value
  if (schema['type'] === 'array') {
    const items = text.split(',').map((value) => typed(value, schema['items'] as Json))
    return check(schema, items, `query ${name}`)
  }
  const values = Array.isArray(schema['enum']) ? text.split(',') : [text]
  return values.flatMap((value) => check(schema, typed(value, schema), `query ${name}`))
}
