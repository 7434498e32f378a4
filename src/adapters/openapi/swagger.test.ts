import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { BODY_METHODS, defineAction, defineLookup, type Operation } from '../../catalog/define.ts'
import { catalog } from '../../catalog/index.ts'
import { ja } from '../../catalog/locales/ja.ts'
import type { SwaggerParameter } from './parameters.ts'
import { reachedAt, swagger } from './swagger.ts'
import { operationsIn, type SwaggerOperation } from './swagger-document.ts'
import type { SwaggerSchema } from './schema.ts'

const options = { host: 'localhost:8080', basePath: '/', schemes: ['http'] } as const
const document = swagger(catalog, options)
const all = operationsIn(document)
const instants = catalog.flatMap((o) => (o.kind === 'trigger' && o.instant ? [{ ...o, instant: o.instant }] : []))
const byId = (id: string): SwaggerOperation => all.find((o) => o.operation.operationId === id)!.operation
const bodyOf = (id: string): SwaggerSchema => byId(id).parameters.find((p) => p.in === 'body')!.schema!

describe('the definition', () => {
  test('is the same text each time', () => {
    expect(JSON.stringify(swagger(catalog, options))).toBe(JSON.stringify(document))
  })

  test('names the host, base path and schemes that it was asked for', () => {
    expect(document).toMatchObject({ swagger: '2.0', host: 'localhost:8080', basePath: '/', schemes: ['http'] })
  })

  test('is for clients that reach the server at a URL', () => {
    expect(reachedAt('http://localhost:8080')).toEqual(options)
    expect(reachedAt('https://flows.example.com/pipedrive')).toEqual({
      host: 'flows.example.com',
      basePath: '/pipedrive',
      schemes: ['https'],
    })
  })

  test('holds each operation of the catalog at its method and path, and each instant trigger at that of its subscription', () => {
    const expected = [
      ...catalog.map((o) => `${o.id} ${o.method} ${o.path}`),
      ...instants.map(({ id, instant }) => `${instant.id} POST /subscriptions/${id}`),
      'EndSubscription DELETE /subscriptions/{trigger}/{location}',
    ]
    expect(all.map((o) => `${o.operation.operationId} ${o.method} ${o.path}`).sort()).toEqual(expected.sort())
  })

  test('asks for the key in the header x-api-key', () => {
    expect(document.securityDefinitions).toMatchObject({ api_key: { type: 'apiKey', in: 'header', name: 'x-api-key' } })
    expect(document.security).toEqual([{ api_key: [] }])
  })

  test('or, for the on-premises gateway, by HTTP Basic, and says what goes into its two fields', () => {
    const basic = swagger(catalog, { ...options, auth: 'basic' })
    expect(basic.security).toEqual([{ basic_auth: [] }])
    expect(basic.securityDefinitions).toEqual({
      basic_auth: { type: 'basic', description: expect.stringMatching(/^Name \(anything\): .* API Key: /) as string },
    })
  })

  test('says whose connector it is, and which internal operation tells whether a connection works', () => {
    expect(document['x-ms-connector-metadata']).toEqual([
      { propertyName: 'Website', propertyValue: 'https://www.pipedrive.com/' },
      { propertyName: 'Privacy policy', propertyValue: 'https://www.pipedrive.com/privacy' },
      { propertyName: 'Categories', propertyValue: 'Sales and CRM' },
    ])
    expect(document['x-ms-capabilities']).toEqual({ testConnection: { operationId: 'ListPipelines', parameters: {} } })
    expect(byId('ListPipelines')['x-ms-visibility']).toBe('internal')
  })

  test('defines nothing but objects with properties', () => {
    for (const [name, { type, properties }] of Object.entries(document.definitions))
      expect([name, type, Object.keys(properties ?? {}).length > 0]).toEqual([name, 'object', true])
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

  test('look-ups and the end of subscriptions are internal, and nothing else is', () => {
    const internal = all.filter((o) => o.operation['x-ms-visibility'] === 'internal').map((o) => o.operation.operationId)
    const lookups = catalog.filter((o) => o.kind === 'lookup').map((o) => o.id)
    expect(internal.sort()).toEqual([...lookups, 'EndSubscription'].sort())
  })

  test('a trigger says how to see it work', () => {
    expect(byId('TrigNewActivity')['x-ms-trigger-hint']).toBe('To see it work now, add an activity in Pipedrive.')
    const hinted = all.filter((o) => 'x-ms-trigger-hint' in o.operation).map((o) => o.operation)
    expect(hinted).toEqual(all.filter((o) => 'x-ms-trigger' in o.operation).map((o) => o.operation))
    expect(hinted).toHaveLength(catalog.filter((o) => o.kind === 'trigger').length + instants.length)
  })

  test('what new flows should begin with is shown first, and so is what they must fill in', () => {
    const important = all.filter((o) => o.operation['x-ms-visibility'] === 'important').map((o) => o.operation.operationId)
    const offered = catalog
      .filter((o) => o.kind !== 'lookup' && !o.revision?.replacement && !(o.kind === 'action' && o.rank === 'normal'))
      .map((o) => o.id)
    expect(important.sort()).toEqual([...offered, ...instants.map((o) => o.instant.id)].sort())
    expect(bodyOf('AddDealV2').properties!['title']!['x-ms-visibility']).toBe('important')
    expect(bodyOf('AddDealV2').properties!['value']).not.toHaveProperty('x-ms-visibility')
    expect(byId('GetDeal').parameters[0]!['x-ms-visibility']).toBe('important')
  })

  test('every body is called body, for saved steps key their inputs by it', () => {
    const bodies = all.flatMap((o) => o.operation.parameters.filter((p) => p.in === 'body'))
    expect(bodies.map((p) => p.name)).toEqual(bodies.map(() => 'body'))
    expect(bodies).toHaveLength(catalog.filter((o) => BODY_METHODS.has(o.method)).length + instants.length)
  })

  test('and a host may not leave it out', () => {
    for (const { operation } of all) for (const p of operation.parameters) if (p.in === 'body') expect(p.required).toBe(true)
  })

  test('a deprecated one says so and names its replacement', () => {
    expect(byId('AddDeal')).toMatchObject({
      deprecated: true,
      'x-ms-api-annotation': { family: 'AddDeal', revision: 1, status: 'Production', replacement: { operationId: 'AddDealV2' } },
    })
    expect(byId('AddDeal').description).toMatch(/Deprecated: use Add deal \(V2\) instead\.$/)
    expect(byId('AddDealV2')).toMatchObject({ 'x-ms-api-annotation': { family: 'AddDeal', revision: 2, status: 'Preview' } })
    expect(byId('AddDealV2')).not.toHaveProperty('deprecated')
  })

  test('each of a family says which revision it is, how finished, and what takes its place', () => {
    const annotated = Object.fromEntries(
      all.flatMap(({ operation }) =>
        'x-ms-api-annotation' in operation ? [[operation.operationId, operation['x-ms-api-annotation']]] : [],
      ),
    )
    const family = (name: string) => ({
      [name]: { family: name, revision: 1, status: 'Production', replacement: { api: 'Pipedrive', operationId: `${name}V2` } },
      [`${name}V2`]: { family: name, revision: 2, status: 'Preview' },
    })
    expect(annotated).toMatchObject({ ...family('AddDeal'), ...family('UpdateDealStage'), ...family('TrigNewDeal') })
    for (const { operation } of all)
      expect(operation['deprecated'] ?? false).toBe(JSON.stringify(annotated[operation.operationId])?.includes('replacement') ?? false)
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

describe('instant triggers', () => {
  const item = (id: string) => document.paths[`/subscriptions/${id}`] as unknown as Record<string, unknown>
  const bodyOfPost = (id: string) => bodyOf(byId(`${id}Instant`).operationId).properties!

  test('are subscribed to by a body with the callback, which hosts fill in, and the filters of the trigger', () => {
    expect(byId('TrigDealWonInstant')).toMatchObject({ 'x-ms-trigger': 'single', 'x-ms-visibility': 'important' })
    expect(bodyOf('TrigDealWonInstant').required).toEqual(['callbackUrl'])
    expect(Object.keys(bodyOfPost('TrigDealWon'))).toEqual(['callbackUrl', 'pipeline_id', 'stage_id', 'owner_id'])
    expect(Object.keys(bodyOfPost('TrigActivityDone'))).toEqual(['callbackUrl', 'owner_id', 'type'])
    expect(bodyOfPost('TrigDealWon')['callbackUrl']).toMatchObject({
      type: 'string',
      'x-ms-notification-url': true,
      'x-ms-visibility': 'internal',
    })
  })

  test('are answered 201 without a body, and never 200', () => {
    for (const { instant } of instants) {
      expect(Object.keys(byId(instant.id).responses)).toEqual(['201', 'default'])
      expect(byId(instant.id).responses['201']).not.toHaveProperty('schema')
    }
  })

  test('say at their path what a callback brings: the record, and of a change what it was before', () => {
    const sent = Object.fromEntries(
      instants.map(({ id }) => {
        const content = item(id)['x-ms-notification-content'] as { description: string; schema: { $ref: string } }
        expect(content.description).toMatch(/\.$/)
        return [id, content.schema.$ref.replace('#/definitions/', '')]
      }),
    )
    expect(sent).toEqual({
      TrigNewDealV2: 'DealResponseV2',
      TrigNewActivity: 'ActivityResponse',
      TrigDealUpdated: 'DealChange',
      TrigDealMoved: 'DealChange',
      TrigDealWon: 'DealChange',
      TrigDealLost: 'DealChange',
      TrigDealDeleted: 'DealResponseV2',
      TrigActivityUpdated: 'ActivityChange',
      TrigActivityDone: 'ActivityChange',
    })
    expect(document.definitions['DealChange']!.properties!['changed']).toMatchObject({ type: 'array', items: { type: 'string' } })
    expect(document.definitions['DealChange']!.properties!['previous']!.properties!['person_id']).toMatchObject({ type: 'object' })
  })

  test('end by one internal operation with two parameters in its path', () => {
    const end = byId('EndSubscription')
    expect(end.parameters.map((p) => [p.name, p.in, p.required, p['x-ms-url-encoding']])).toEqual([
      ['trigger', 'path', true, 'single'],
      ['location', 'path', true, 'single'],
    ])
    expect(Object.keys(end.responses)).toEqual(['204', 'default'])
    expect(end['x-ms-visibility']).toBe('internal')
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
    for (const key of ['id', 'title', 'stage_id', 'products_count']) expect(deal.properties![key]).not.toHaveProperty('x-nullable')
    expect(deal.properties!['user_id']!.properties!['name']).toHaveProperty('x-nullable', true)
    expect(deal.properties!['user_id']!.properties!['id']).not.toHaveProperty('x-nullable')
    expect(JSON.stringify(document.definitions)).not.toContain('"required"')
  })

  test('exactly these are never null, all else is x-nullable', () => {
    const never = (name: string) => {
      const below = (schema: SwaggerSchema, at: string): string[] => [
        ...Object.entries(schema.properties ?? {}).flatMap(([key, p]) => [
          ...(p['x-nullable'] === undefined ? [at + key] : []),
          ...below(p, `${at}${key}.`),
        ]),
        ...(schema.items ? below(schema.items as SwaggerSchema, `${at}[].`) : []),
      ]
      return below(document.definitions[name]!, '').toSorted()
    }
    const ofDeal = (
      'id status title value currency stage_id active deleted pipeline_id products_count files_count notes_count followers_count email_messages_count ' +
      'activities_count done_activities_count undone_activities_count participants_count creator_user_id.id user_id.id person_id.value org_id.value'
    )
      .split(' ')
      .toSorted()
    expect([never('DealResponse'), never('DealResponseV2')]).toEqual([ofDeal, ofDeal])
    expect(never('ActivityResponse')).toEqual(['assigned_to_user_id', 'created_by_user_id', 'done', 'id', 'type', 'user_id'])
    const changed = (fields: string[]) => [...fields, 'changed', 'previous', ...fields.map((field) => `previous.${field}`)].toSorted()
    expect(never('DealChange')).toEqual(changed(ofDeal))
    expect(never('ActivityChange')).toEqual(changed(never('ActivityResponse')))
    expect(never('StageResponse')).toEqual(['id', 'name'])
    expect(JSON.stringify(document)).not.toContain('"x-nullable":false')
  })

  test('every number says how large it can be', () => {
    const bare = (value: unknown): unknown[] => {
      if (typeof value !== 'object' || value === null) return []
      const { type, format } = value as SwaggerSchema
      return [
        ...((type === 'integer' && format !== 'int32') || (type === 'number' && format !== 'double') ? [value] : []),
        ...Object.values(value).flatMap(bare),
      ]
    }
    expect(bare(document)).toEqual([])
  })

  test('what Pipedrive has no more is offered last', () => {
    const contracted = Object.entries(document.definitions).filter(([name]) => /(Response(V2)?|Change)$/.test(name))
    const last = contracted.flatMap(([name, { properties = {} }]) =>
      Object.entries(properties)
        .filter(([, p]) => p['x-ms-visibility'] === 'advanced')
        .map(([key]) => `${name}.${key}`),
    )
    expect(last.sort()).toEqual([
      'ActivityChange.gcal_event_id',
      'ActivityChange.google_calendar_id',
      'ActivityResponse.gcal_event_id',
      'ActivityResponse.google_calendar_id',
      'DealChange.reference_activities_count',
      'DealResponse.reference_activities_count',
      'DealResponseV2.reference_activities_count',
    ])
  })

  test('a choice shows its words', () => {
    expect(bodyOf('UpdateDealStatus').properties!['status']).toMatchObject({
      enum: ['open', 'won', 'lost', 'deleted'],
      'x-ms-enum-values': [
        { value: 'open', displayName: 'Open' },
        { value: 'won', displayName: 'Won' },
        { value: 'lost', displayName: 'Lost' },
        { value: 'deleted', displayName: 'Deleted' },
      ],
    })
    const japanese = swagger(catalog, { ...options, locale: ja }).paths['/update_status_deal/v1/deals/{dealId}']!['put']!
    expect(JSON.stringify(japanese.parameters)).toContain('{"value":"won","displayName":"受注"}')
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
      fields: { data: { field: 'title' } },
      run: () => Promise.resolve({ data: 'abc' }),
    }) as Operation
    expect(() => swagger([odd], options)).toThrow('ListDealsResponse.data: Swagger 2.0 hosts do not understand "minLength"')
  })

  test('a field without a label stops the build', () => {
    const odd = defineAction({
      set: 'deals',
      id: 'GetDeal',
      method: 'GET',
      path: '/odd/{colour}',
      effect: 'read',
      input: z.object({ colour: z.string() }),
      output: z.object({}).meta({ id: 'Odd' }),
      fields: {},
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

  test('and its description says what else can be typed', () => {
    expect(byId('GetDeal').parameters[0]!['description']).toBe('The deal that this step is about. Any id can be typed.')
    expect(bodyOf('AddDeal').properties!['currency']!['description']).toMatch(/\. Any currency code can be typed\.$/)
    expect(bodyOf('AddActivity').properties!['type']!['description']).toMatch(/\. Any key or name of a type can be typed\.$/)
  })

  test('users are offered where an activity is assigned', () => {
    expect(bodyOf('AddActivity').properties!['user_id']).toMatchObject({
      'x-ms-dynamic-list': { operationId: 'ListUsers', itemValuePath: 'id' },
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
