import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'

type Json = Record<string, unknown>
const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A SpecifiedShape is what Pipedrive's specification says about one request: its price, and the names that it takes and answers. */
export interface SpecifiedShape {
  price: number | undefined
  query: ReadonlySet<string>
  body: ReadonlySet<string>
  /** Of one record of the answer, with those that include_fields adds. */
  answer: ReadonlySet<string>
}

/** The shapes of a file, by `GET /api/v2/deals/{}`: names of path parameters differ between the file and us. */
export async function specifiedShapes(folder: string, file: string, prefix: string): Promise<Map<string, SpecifiedShape>> {
  const document = parse(await readFile(join(folder, file), 'utf8'), { maxAliasCount: -1 }) as Json
  const resolve = (schema: unknown): Json => {
    if (!isJson(schema)) return {}
    const { $ref } = schema
    if (typeof $ref !== 'string') return schema
    return resolve(
      $ref
        .slice(2)
        .split('/')
        .reduce<unknown>((at, key) => (isJson(at) ? at[key] : undefined), document),
    )
  }
  const parts = (schema: Json): unknown[] =>
    ['allOf', 'oneOf', 'anyOf'].flatMap((word) => (Array.isArray(schema[word]) ? schema[word] : []))
  const names = (given: unknown): string[] => {
    const schema = resolve(given)
    return [...Object.keys(isJson(schema['properties']) ? schema['properties'] : {}), ...parts(schema).flatMap(names)]
  }
  const dataOf = (given: unknown): unknown => {
    const schema = resolve(given)
    if (isJson(schema['properties']) && 'data' in schema['properties']) return schema['properties']['data']
    return parts(schema)
      .map(dataOf)
      .find((data) => data !== undefined)
  }
  const answerOf = (operation: Json): string[] => {
    const responses = Object.entries(isJson(operation['responses']) ? operation['responses'] : {})
    const [, success] = responses.find(([status]) => status.startsWith('2')) ?? []
    const content = resolve(success)['content']
    const json = isJson(content) ? content['application/json'] : undefined
    const data = resolve(dataOf(isJson(json) ? json['schema'] : undefined))
    return names(data['type'] === 'array' ? data['items'] : data)
  }
  const shapes = new Map<string, SpecifiedShape>()
  for (const [path, item] of Object.entries(document['paths'] as Record<string, Json>))
    for (const [method, operation] of Object.entries(item)) {
      if (!isJson(operation) || !('responses' in operation)) continue
      const parameters = (Array.isArray(operation['parameters']) ? operation['parameters'] : []).map(resolve)
      const query = parameters.filter((parameter) => parameter['in'] === 'query')
      const includes = query
        .filter(({ name }) => name === 'include_fields')
        .flatMap(({ schema }) => {
          const allowed = resolve(schema)['enum']
          return Array.isArray(allowed) ? allowed.map(String) : []
        })
      const request = resolve(operation['requestBody'])['content']
      const body = isJson(request) ? request['application/json'] : undefined
      const price = operation['x-token-cost']
      shapes.set(anonymous(`${method.toUpperCase()} ${prefix}${path}`), {
        price: typeof price === 'number' ? price : undefined,
        query: new Set(query.map(({ name }) => String(name))),
        body: new Set(names(isJson(body) ? body['schema'] : undefined)),
        answer: new Set([...answerOf(operation), ...includes]),
      })
    }
  return shapes
}

/** Without the names of path parameters, which differ. */
export const anonymous = (request: string): string => request.replace(/\{[^}]*\}/g, '{}')
