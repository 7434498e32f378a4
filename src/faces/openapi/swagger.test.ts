import { existsSync, readFileSync } from 'node:fs'
import AjvModule from 'ajv-draft-04'
import addFormatsModule from 'ajv-formats'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { defineAction, defineLookup, type Operation } from '../../catalog/define.ts'
import { catalog } from '../../catalog/index.ts'
import { ja } from '../../catalog/locales/ja.ts'
import { reachedAt, swagger, type SwaggerOperation, type SwaggerParameter } from './swagger.ts'
import type { SwaggerSchema } from './schema.ts'

const options = { host: 'localhost:8080', basePath: '/', schemes: ['http'] } as const
const document = swagger(catalog, options)
const all = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
)
const byId = (id: string): SwaggerOperation => all.find((o) => o.operation.operationId === id)!.operation
const bodyOf = (id: string): SwaggerSchema => byId(id).parameters.find((p) => p.in === 'body')!.schema!

/** Where a schema is given as a reference, what it refers to. */
const deref = (schema: SwaggerSchema): SwaggerSchema =>
  typeof schema.$ref === 'string' ? document.definitions[schema.$ref.replace('#/definitions/', '')]! : schema

describe('the definition', () => {
  test('is the same text each time', () => {
    expect(JSON.stringify(swagger(catalog, options))).toBe(JSON.stringify(document))
  })

  test('names the host, base path and schemes that it was asked for', () => {
    expect(document).toMatchObject({ swagger: '2.0', host: 'localhost:8080', basePath: '/', schemes: ['http'] })
  })

  test('is for whoever reaches the server at a URL', () => {
    expect(reachedAt('http://localhost:8080')).toEqual(options)
    expect(reachedAt('https://flows.example.com/pipedrive')).toEqual({
      host: 'flows.example.com',
      basePath: '/pipedrive',
      schemes: ['https'],
    })
  })

  test('holds each operation of the catalog at its method and path', () => {
    expect(all.map((o) => `${o.operation.operationId} ${o.method} ${o.path}`).sort()).toEqual(
      catalog.map((o) => `${o.id} ${o.method} ${o.path}`).sort(),
    )
  })

  test('asks for the key in the header x-api-key', () => {
    expect(document.securityDefinitions).toMatchObject({ api_key: { type: 'apiKey', in: 'header', name: 'x-api-key' } })
    expect(document.security).toEqual([{ api_key: [] }])
  })

  test('is available in Japanese with the same keys', () => {
    const japanese = swagger(catalog, { ...options, locale: ja })
    expect(japanese.paths['/v1/deals/{dealId}']!['get']).toMatchObject({ summary: 'ID で取引を取得する' })
    const keys = (value: unknown): unknown =>
      typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, keys(v)])) : typeof value
    expect(keys(japanese)).toEqual(keys(document))
  })
})

describe('operations', () => {
  test('a trigger answers an array with 200 and nothing with 202', () => {
    expect(byId('TrigNewDealV2')).toMatchObject({
      'x-ms-trigger': 'batch',
      responses: { 200: { schema: { type: 'array', items: { $ref: '#/definitions/DealResponseV2' } } }, 202: {} },
    })
    expect(byId('TrigNewDealV2').responses['202']).not.toHaveProperty('schema')
  })

  test('look-ups are internal, and nothing else is', () => {
    const internal = all.filter((o) => o.operation['x-ms-visibility'] === 'internal').map((o) => o.operation.operationId)
    expect(internal.sort()).toEqual(
      catalog
        .filter((o) => o.kind === 'lookup')
        .map((o) => o.id)
        .sort(),
    )
  })

  test('a deprecated one says so and names its replacement', () => {
    expect(byId('AddDeal')).toMatchObject({
      deprecated: true,
      'x-ms-api-annotation': { family: 'AddDeal', revision: 1, status: 'Production', replacement: { operationId: 'AddDealV2' } },
    })
    expect(byId('AddDeal').description).toMatch(/Please use Add deal \(V2\) instead/)
    expect(byId('AddDealV2')).toMatchObject({ 'x-ms-api-annotation': { family: 'AddDeal', revision: 2, status: 'Preview' } })
    expect(byId('AddDealV2')).not.toHaveProperty('deprecated')
  })

  test('a failure has a description and no schema', () => {
    for (const { operation } of all) expect(Object.keys(operation.responses['default']!)).toEqual(['description'])
  })

  test('a path parameter is required and encoded once', () => {
    const inPath = all.flatMap((o) => o.operation.parameters.filter((p) => p.in === 'path'))
    expect(inPath.length).toBeGreaterThan(0)
    for (const parameter of inPath) expect(parameter).toMatchObject({ required: true, 'x-ms-url-encoding': 'single' })
  })
})

describe('labels', () => {
  test('every parameter has a title and a description', () => {
    const bare = all.flatMap((o) => o.operation.parameters.filter((p) => !p['x-ms-summary'] || !p['description']))
    expect(bare).toEqual([])
  })

  test('every property has a title and a description, or is a reference alone', () => {
    const isLabelled = (p: SwaggerSchema) =>
      [p['title'], p['description'], p['x-ms-summary']].every((text) => typeof text === 'string' && text !== '')
    const bare = (schema: SwaggerSchema, at: string): string[] => [
      ...(schema.items ? bare(schema.items as SwaggerSchema, at) : []),
      ...Object.entries(schema.properties ?? {}).flatMap(([key, p]) => [
        ...((p.$ref ? Object.keys(p).length === 1 : isLabelled(p)) ? [] : [`${at}.${key}`]),
        ...bare(p, `${at}.${key}`),
      ]),
    ]
    expect(Object.entries(document.definitions).flatMap(([name, definition]) => bare(definition, name))).toEqual([])
    expect(all.flatMap(({ operation }) => operation.parameters.flatMap((p) => bare(p.schema ?? {}, operation.operationId)))).toEqual([])
  })
})

describe('types', () => {
  test('what can be empty is x-nullable, and nothing of an answer is required', () => {
    const deal = document.definitions['DealResponse']!
    expect(deal.properties!['person_id']).toMatchObject({ type: 'object', 'x-nullable': true })
    expect(deal.properties!['close_time']).toMatchObject({ type: 'string', format: 'date-time', 'x-nullable': true })
    expect(deal.properties!['id']).not.toHaveProperty('x-nullable')
    expect(JSON.stringify(document.definitions)).not.toContain('"required"')
  })

  test('a body says which fields are required', () => {
    expect(bodyOf('UpdateDealStageV2').required).toEqual(['pipeline_id', 'stage_id'])
    expect(bodyOf('AddDealV2').required).toEqual(['title'])
  })

  test('a keyword that hosts do not understand stops the build', () => {
    const odd = defineLookup({
      id: 'ListDeals',
      path: '/odd',
      input: z.object({}),
      output: z.object({ data: z.string().min(3) }).meta({ id: 'ListDealsResponse' }),
      run: () => Promise.resolve({ data: 'abc' }),
    }) as Operation
    expect(() => swagger([odd], options)).toThrow('ListDealsResponse.data: Swagger 2.0 hosts do not understand "minLength"')
  })

  test('a field without a label stops the build', () => {
    const odd = defineAction({
      id: 'GetDeal',
      method: 'GET',
      path: '/odd/{colour}',
      effect: 'read',
      input: z.object({ colour: z.string() }),
      output: z.object({}).meta({ id: 'Odd' }),
      run: () => Promise.resolve({}),
    }) as Operation
    expect(() => swagger([odd], options)).toThrow('GetDeal: parameter "colour" has no label')
  })
})

describe('drop-downs', () => {
  const deals = { operationId: 'ListDeals', parameters: {} }
  test('a path parameter is filled by a look-up', () => {
    const [dealId] = byId('GetDeal').parameters as [SwaggerParameter]
    expect(dealId).toMatchObject({
      name: 'dealId',
      'x-ms-dynamic-values': { ...deals, 'value-collection': 'data', 'value-path': 'id', 'value-title': 'title' },
      'x-ms-dynamic-list': { ...deals, itemsPath: 'data', itemValuePath: 'id', itemTitlePath: 'title' },
    })
  })

  test('stages follow the pipeline chosen in the same body', () => {
    expect(bodyOf('AddDealV2').properties!['stage_id']).toMatchObject({
      'x-ms-dynamic-values': { operationId: 'ListStages', parameters: { pipeline_id: { parameter: 'pipeline_id' } } },
      'x-ms-dynamic-list': { operationId: 'ListStages', parameters: { pipeline_id: { parameterReference: 'body/pipeline_id' } } },
    })
  })

  test('without a pipeline to choose, all stages are offered', () => {
    expect(bodyOf('AddDeal').properties!['stage_id']).toMatchObject({ 'x-ms-dynamic-list': { operationId: 'ListStages', parameters: {} } })
  })

  test('an activity takes the key of its type, a deal the code of its currency', () => {
    expect(bodyOf('AddActivity').properties!['type']).toMatchObject({ 'x-ms-dynamic-list': { itemValuePath: 'key_string' } })
    expect(bodyOf('AddDeal').properties!['currency']).toMatchObject({ 'x-ms-dynamic-list': { itemValuePath: 'code' } })
  })
})

// Both lie beside the project where the project is developed; they are not part of it.
const reference = (path: string): unknown => {
  const file = new URL(`../../../../shared/reference/${path}`, import.meta.url)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}

const microsoftSchema = reference('schemas/apiDefinition.swagger.schema.json') as object | undefined
test.skipIf(!microsoftSchema)('the definition fits the JSON schema that hosts check it with (skipped: not there)', () => {
  const ajv = new AjvModule.default({ strict: false, allErrors: true })
  addFormatsModule.default(ajv)
  const validate = ajv.compile(microsoftSchema!)
  for (const locale of [undefined, ja]) {
    validate(JSON.parse(JSON.stringify(swagger(catalog, { ...options, ...(locale && { locale }) }))))
    expect(validate.errors).toBeNull()
  }
})

interface Told {
  operationId: string
  kind: string
  method: string
  path: string
  deprecated?: boolean
  returns?: string
  parameters?: { key: string; in: 'path' | 'body'; type: string; required: boolean; enum?: string[]; label_en: string }[]
}
interface Contract {
  operations: Told[]
  definitions: Record<string, { path: string; type: string; label_en: string }[]>
}
const contract = reference('contract.json') as Contract | undefined

describe.skipIf(!contract)('against the contract as data (skipped: not there)', () => {
  const { operations, definitions } = contract ?? { operations: [], definitions: {} }

  test('it tells of as many operations as there are', () => expect(operations).toHaveLength(all.length))

  test.each(operations.map((o) => [o.operationId, o] as const))('%s is in it with its parameters and answer', (id, told) => {
    const found = all.find((o) => o.operation.operationId === id)
    expect(found).toMatchObject({ path: told.path, method: told.method })
    expect(found!.operation['deprecated'] ?? false).toBe(told.deprecated ?? false)
    const schema = found!.operation.responses['200']!.schema!
    expect(told.kind === 'trigger' ? schema.items : schema).toEqual({ $ref: `#/definitions/${told.returns ?? `${id}Response`}` })
    const body = found!.operation.parameters.find((p) => p.in === 'body')?.schema
    const flat = [
      ...found!.operation.parameters
        .filter((p) => p.in !== 'body')
        .map((p) => [p.name, p.in, p['type'], p.required, p['enum'], p['x-ms-summary']]),
      ...Object.entries(body?.properties ?? {}).map(([key, p]) => [
        key,
        'body',
        p['type'],
        body?.required?.includes(key) ?? false,
        p['enum'],
        p['x-ms-summary'],
      ]),
    ]
    // Of a look-up the contract tells no parameters: it is not a step that people fill in.
    expect(told.kind === 'lookup' ? [] : flat).toEqual(
      (told.parameters ?? []).map((p) => [p.key, p.in, p.type, p.required, p.enum, p.label_en]),
    )
  })

  test.each(Object.entries(definitions))('%s has exactly its rows, in order', (name, rows) => {
    const leaves = (schema: SwaggerSchema, path = ''): [string, unknown, unknown][] =>
      Object.entries(deref(schema).properties ?? {}).flatMap(([key, p]) => {
        const type = p['format'] === 'date-time' ? 'date-time' : p['type']
        return p.properties ? leaves(p, `${path}${key}.`) : [[path + key, type, p['x-ms-summary']] as [string, unknown, unknown]]
      })
    expect(leaves(document.definitions[name]!)).toEqual(rows.map((row) => [row.path, row.type, row.label_en]))
  })
})
