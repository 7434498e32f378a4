import * as z from 'zod'
import { BODY_METHODS, type HttpMethod } from '../../src/catalog/define.ts'

type Schema = Record<string, unknown> & { properties?: Record<string, Schema>; items?: Schema; anyOf?: Schema[] }

/** A ParameterRow is one input of an operation. */
export interface ParameterRow {
  key: string
  in: 'path' | 'query' | 'body'
  type: string
  required: boolean
  enum?: readonly string[]
  /** The look-up that offers its values. */
  choices?: string
}

export function parameterRows({ input, path, method }: { input: z.ZodObject; path: string; method: HttpMethod }): ParameterRow[] {
  const { properties = {}, required = [] } = z.toJSONSchema(input, { io: 'input', target: 'draft-04' }) as Schema & { required?: string[] }
  const outside = BODY_METHODS.has(method) ? 'body' : 'query'
  return Object.entries(properties).map(([key, field]) => ({
    key,
    in: path.includes(`{${key}}`) ? 'path' : outside,
    type: typeOf(field),
    required: required.includes(key),
    ...(field['enum'] !== undefined && { enum: field['enum'] as string[] }),
    ...(field['choices'] !== undefined && { choices: field['choices'] as string }),
  }))
}

/** A DefinitionRow is one value of an answer; `path` is in dots, through lists too. */
export interface DefinitionRow {
  path: string
  type: string
  nullable: boolean
  /** The definition that the value, or each value of a list, has. */
  refers?: string
}

/** An Answering is an operation, or what an instant trigger sends. */
export interface Answering {
  id: string
  output: z.ZodType
}

/** The definitions that an operation answers, its own first. */
export function definitionsOf({ id, output }: Answering): Map<string, DefinitionRow[]> {
  const { $ref, definitions = {} } = z.toJSONSchema(output, { io: 'output', target: 'draft-04' }) as {
    $ref?: string
    definitions?: Record<string, Schema>
  }
  const own = referred({ $ref })
  if (own === undefined) throw new Error(`${id}: its output needs an id, for definitions are by name`)
  const names = [own, ...Object.keys(definitions).filter((name) => name !== own)]
  return new Map(names.map((name) => [name, leaves(definitions[name]!, '', false)]))
}

const referred = ({ $ref }: Schema): string | undefined => (typeof $ref === 'string' ? $ref.replace('#/definitions/', '') : undefined)

/** The values that hold no others. */
function leaves(schema: Schema, path: string, nullable: boolean): DefinitionRow[] {
  const { inner, canBeNull } = withoutNull(schema)
  const emptyToo = nullable || canBeNull
  if (inner.properties && Object.keys(inner.properties).length > 0)
    return Object.entries(inner.properties).flatMap(([key, field]) => leaves(field, path ? `${path}.${key}` : key, emptyToo))
  const { items } = inner
  if (items?.properties) return leaves(items, path, emptyToo)
  const refers = referred(items ?? inner)
  return [{ path, type: items ? 'array' : refers ? 'object' : typeOf(inner), nullable: emptyToo, ...(refers && { refers }) }]
}

/** zod says "or null" in two ways. */
function withoutNull(schema: Schema): { inner: Schema; canBeNull: boolean } {
  const { anyOf, type } = schema
  if (anyOf?.length === 2 && anyOf[1]!['type'] === 'null') return { inner: { ...schema, ...anyOf[0], anyOf: undefined }, canBeNull: true }
  if (Array.isArray(type) && type.length === 2 && type[1] === 'null')
    return { inner: { ...schema, type: type[0] as string }, canBeNull: true }
  return { inner: schema, canBeNull: false }
}

/** As the contract calls it: a format that a host shows goes before the type that carries it. */
const typeOf = ({ type, format }: Schema): string => (format === 'date-time' ? format : String(type))
