import type { JsonValue } from './rule.ts'

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch']

/** Beside the methods of a path: what is sent to those who subscribe there. */
export const NOTIFICATION = 'x-ms-notification-content'

/** What stands there, for a message or a comparison. */
export const say = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))
export const isObject = (value: unknown): value is JsonValue => typeof value === 'object' && value !== null && !Array.isArray(value)
export const objects = (value: unknown): JsonValue[] => (Array.isArray(value) ? value.filter(isObject) : [])
export const entries = (value: unknown): [string, JsonValue][] =>
  isObject(value) ? Object.entries(value).filter((entry): entry is [string, JsonValue] => isObject(entry[1])) : []
export const strings = (value: unknown): string[] => (Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [])

/** A PlacedOperation is an operation with where it stands. */
export interface PlacedOperation {
  path: string
  method: string
  /** Its operationId, or its method and path where it has none. */
  at: string
  item: JsonValue
  operation: JsonValue
  parameters: JsonValue[]
  responses: [string, JsonValue][]
}

export function operationsOf(document: JsonValue): PlacedOperation[] {
  return entries(document['paths']).flatMap(([path, item]) =>
    entries(item)
      .filter(([method]) => METHODS.includes(method))
      .map(([method, operation]) => ({
        path,
        method,
        at: typeof operation['operationId'] === 'string' ? operation['operationId'] : `${method.toUpperCase()} ${path}`,
        item,
        operation,
        parameters: objects(operation['parameters']),
        responses: entries(operation['responses']),
      })),
  )
}

/** What a reference points at; the schema itself where it is none. */
export function resolved(document: JsonValue, schema: JsonValue): JsonValue {
  const name = typeof schema['$ref'] === 'string' ? schema['$ref'].replace('#/definitions/', '') : undefined
  const found = name === undefined ? schema : isObject(document['definitions']) ? document['definitions'][name] : undefined
  return isObject(found) ? found : {}
}

/** A PlacedSchema is a schema, or a parameter that is its own schema, with where it stands. */
export interface PlacedSchema {
  at: string
  schema: JsonValue
  /** Whether it is what a person fills in or sees by name: a parameter or a property. */
  named: boolean
}

/** Every schema that is written down, without following references. */
export function schemasOf(document: JsonValue): PlacedSchema[] {
  const below = (schema: JsonValue, at: string, named = false): PlacedSchema[] => [
    { at, schema, named },
    ...entries(schema['properties']).flatMap(([key, property]) => below(property, `${at}.${key}`, true)),
    ...(isObject(schema['items']) ? below(schema['items'], `${at}[]`) : []),
  ]
  return [
    ...entries(document['definitions']).flatMap(([name, definition]) => below(definition, name)),
    ...entries(document['paths']).flatMap(([path, item]) => {
      const { schema } = isObject(item[NOTIFICATION]) ? item[NOTIFICATION] : {}
      return isObject(schema) ? below(schema, `${path} notification`) : []
    }),
    ...operationsOf(document).flatMap(({ at, parameters, responses }) => [
      ...parameters.flatMap((p) =>
        isObject(p['schema']) ? below(p['schema'], `${at}.${say(p['name'])}`) : [{ at: `${at}.${say(p['name'])}`, schema: p, named: true }],
      ),
      ...responses.flatMap(([status, response]) => (isObject(response['schema']) ? below(response['schema'], `${at} ${status}`) : [])),
    ]),
  ]
}

/** The properties of a body, with the references that `x-ms-dynamic-list` uses for them. */
export function bodyProperties(document: JsonValue, parameters: readonly JsonValue[]): [reference: string, schema: JsonValue][] {
  const below = (schema: JsonValue, at: string): [string, JsonValue][] =>
    entries(resolved(document, schema)['properties']).flatMap(([key, property]) => [
      [`${at}/${key}`, resolved(document, property)] as [string, JsonValue],
      ...below(property, `${at}/${key}`),
    ])
  return parameters.flatMap((p) => (p['in'] === 'body' && isObject(p['schema']) ? below(p['schema'], say(p['name'])) : []))
}
