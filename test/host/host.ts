/**
 * Plays Power Automate: knows a connector by its definition alone, as JSON. It builds requests, fills lists through the operations that the definition
 * names, and tells what answers should be like. Nothing here may be imported from the connector.
 */

/** A Json is an object of the definition. */
export type Json = Record<string, unknown>

/** A Field is what a maker fills in for one step: a parameter or a property of its body. */
export interface Field {
  name: string
  in: string
  required: boolean
  schema: Json
}

/** A Step is one operation of the definition. */
export interface Step {
  id: string
  method: string
  path: string
  fields: Field[]
  operation: Json
}

/** Inputs are the values of a step by the names of its fields. */
export type Inputs = Record<string, unknown>

/** An Option is one line of a drop-down. */
export interface Option {
  value: unknown
  title: unknown
}

export type Send = (url: string, init: RequestInit) => Promise<{ status: number; headers: Headers; text: string }>

/** A Host is a designer and a runtime for one connection of one connector. */
export type Host = ReturnType<typeof createHost>

export function createHost(definition: Json, key: string, send: Send) {
  const steps = stepsOf(definition)
  const step = (id: string): Step => {
    const found = steps.find((s) => s.id === id)
    if (!found) throw new Error(`The definition has no ${id}`)
    return found
  }
  const credential = credentialOf(definition, key)
  const base = `${(definition['schemes'] as string[])[0]}://${definition['host'] as string}${definition['basePath'] as string}`.replace(
    /\/$/,
    '',
  )

  async function call(id: string, inputs: Inputs = {}) {
    const { method, path, fields } = step(id)
    const given = (place: string) => fields.filter((f) => f.in === place && inputs[f.name] !== undefined)
    const url = new URL(base + given('path').reduce((at, f) => at.replace(`{${f.name}}`, encodeURIComponent(String(inputs[f.name]))), path))
    for (const f of given('query')) url.searchParams.set(f.name, String(inputs[f.name]))
    const body = Object.fromEntries(given('body').map((f) => [f.name, inputs[f.name]]))
    const hasBody = fields.some((f) => f.in === 'body')
    return send(url.href, {
      method,
      headers: { ...credential, ...(hasBody && { 'content-type': 'application/json' }) },
      ...(hasBody && { body: JSON.stringify(body) }),
    })
  }

  /** The lines of a drop-down, as either generation of the designer reads them. */
  async function options(field: Field, inputs: Inputs, extension: 'x-ms-dynamic-list' | 'x-ms-dynamic-values'): Promise<Option[]> {
    const list = field.schema[extension] as { operationId: string; parameters: Record<string, Json> } & Json
    const [rowsAt, valueAt, titleAt] =
      extension === 'x-ms-dynamic-list'
        ? ['itemsPath', 'itemValuePath', 'itemTitlePath']
        : ['value-collection', 'value-path', 'value-title']
    const parameters = Object.entries(list.parameters).map(([name, from]) => {
      const reference = String(from['parameterReference'] ?? from['parameter'])
      return [name, inputs[reference.replace(/^body\//, '')]]
    })
    const answer = await call(list.operationId, Object.fromEntries(parameters) as Inputs)
    if (answer.status !== 200) throw new Error(`${list.operationId}: ${answer.status} ${answer.text}`)
    const rows = (JSON.parse(answer.text) as Json)[list[rowsAt] as string] as Json[]
    return rows.map((row) => ({ value: row[list[valueAt] as string], title: row[list[titleAt] as string] }))
  }

  return {
    steps,
    step,
    call,
    options,
    /** Follows a Location, which is all that a host knows of a poll that went on. */
    follow: (location: string) => send(location, { method: 'GET', headers: credential }),
    /** What a maker might fill in: the first line of each list, the last word of each choice, and else what the description asks for. */
    async inputs(id: string, which: 'required' | 'all', fixed: Inputs = {}): Promise<Inputs> {
      const filled: Inputs = {}
      for (const field of step(id).fields) {
        if (which === 'required' && !field.required) continue
        if (field.name in fixed) filled[field.name] = fixed[field.name]
        else if (field.schema['x-ms-dynamic-list'])
          filled[field.name] = asTyped(field, (await options(field, filled, 'x-ms-dynamic-list'))[0]?.value)
        else filled[field.name] = sample(field)
      }
      return filled
    },
    /** The JSON schema of an answer with this status; undefined where the definition promises none. */
    answerSchema(id: string, status: number): Json | undefined {
      const responses = step(id).operation['responses'] as Record<string, Json>
      if (!responses[status]) throw new Error(`${id} may not answer ${status}`)
      const schema = responses[status]['schema'] as Json | undefined
      if (!schema) return undefined
      return { definitions: mapped(definition['definitions'] as Record<string, Json>, toJsonSchema), ...toJsonSchema(schema) }
    },
  }
}

/** Beside its methods a path can say what subscribers there are sent. */
function stepsOf(definition: Json): Step[] {
  const isMethod = ([name]: readonly [string, Json]) => !name.startsWith('x-')
  return Object.entries(definition['paths'] as Record<string, Record<string, Json>>).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(isMethod)
      .map(([method, operation]) => ({
        id: operation['operationId'] as string,
        method: method.toUpperCase(),
        path,
        operation,
        fields: (operation['parameters'] as Json[]).flatMap(fieldsOf),
      })),
  )
}

function fieldsOf(parameter: Json): Field[] {
  if (parameter['in'] !== 'body')
    return [
      { name: parameter['name'] as string, in: parameter['in'] as string, required: parameter['required'] === true, schema: parameter },
    ]
  const { properties, required = [] } = parameter['schema'] as { properties: Record<string, Json>; required?: string[] }
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'body', required: required.includes(name), schema }))
}

function credentialOf(definition: Json, key: string): Record<string, string> {
  const [scheme] = Object.values(definition['securityDefinitions'] as Record<string, Json>)
  return scheme!['type'] === 'basic' ? { authorization: `Basic ${btoa(`anything:${key}`)}` } : { [scheme!['name'] as string]: key }
}

/** Designers write what was picked as the type that the field has. */
const asTyped = ({ schema }: Field, value: unknown): unknown => (schema['type'] === 'integer' ? Number(value) : String(value))

function sample({ schema }: Field): unknown {
  const words = schema['enum'] as string[] | undefined
  if (words) return words[0]
  if (schema['type'] === 'integer') return 12
  const description = schema['description'] as string
  return /yyyy-MM-dd/.test(description) ? '2026-12-24' : /HH:mm/.test(description) ? '09:30' : 'Text'
}

const mapped = (record: Record<string, Json>, to: (value: Json) => Json): Record<string, Json> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, to(value)]))

/** Null only where it is announced, no property that is not, and none that is announced missing. */
function toJsonSchema(schema: Json): Json {
  if (typeof schema['$ref'] === 'string') return { $ref: schema['$ref'] }
  const { type, format, items, 'x-nullable': nullable } = schema
  const properties = schema['properties'] as Record<string, Json> | undefined
  return {
    type: nullable === true ? [type, 'null'] : type,
    ...(format !== undefined && { format }),
    ...(items !== undefined && { items: toJsonSchema(items as Json) }),
    ...(properties !== undefined && {
      properties: mapped(properties, toJsonSchema),
      required: Object.keys(properties),
      additionalProperties: false,
    }),
  }
}
