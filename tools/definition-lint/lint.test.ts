import { describe, expect, test } from 'vitest'
import { catalog } from '../../src/catalog/index.ts'
import { en } from '../../src/catalog/locales/en.ts'
import { ja } from '../../src/catalog/locales/ja.ts'
import { swagger } from '../../src/adapters/openapi/swagger.ts'
import { exceptions } from './exceptions.ts'
import { lint, lintRules } from './lint.ts'
import type { JsonValue } from './rule.ts'

const place = { host: 'connector.example.com', basePath: '/', schemes: ['https'] } as const
const locales = { en, ja }
const definition = (language: 'en' | 'ja' = 'en', auth: 'key' | 'basic' = 'key'): JsonValue =>
  JSON.parse(JSON.stringify(swagger(catalog, { ...place, locale: locales[language], auth }))) as JsonValue

describe('Microsoft would find nothing', () => {
  test.each([
    ['en', 'key'],
    ['en', 'basic'],
    ['ja', 'key'],
    ['ja', 'basic'],
  ] as const)('in the definition in %s for %s', (language, auth) => {
    expect(lint(definition(language, auth), { language })).toEqual([])
  })

  test('but for exceptions, each of which is needed', () => {
    const found = lint(definition(), { exceptions: [] })
    expect(found.map(({ rule, at }) => ({ rule, at })).sort(byText)).toEqual(exceptions.map(({ rule, at }) => ({ rule, at })).sort(byText))
  })
})

const byText = (a: object, b: object) => JSON.stringify(a).localeCompare(JSON.stringify(b))

/** What stands at a path of keys, for breaking it. */
const at = (document: JsonValue, ...path: (string | number)[]): JsonValue =>
  path.reduce<JsonValue>((value, key) => (value as Record<string | number, JsonValue>)[key]!, document)
const DEAL = '/v1/deals/{dealId}'
const ADD = '/connector-v2/v1/deals'
const TRIGGER = '/connector-v2/trigger/v1/deals'
const WON = '/subscriptions/TrigDealWon'
const getDeal = (d: JsonValue) => at(d, 'paths', DEAL, 'get')
const dealId = (d: JsonValue) => at(d, 'paths', DEAL, 'get', 'parameters', 0)
const addDeal = (d: JsonValue) => at(d, 'paths', ADD, 'post')
const body = (d: JsonValue) => at(d, 'paths', ADD, 'post', 'parameters', 0)
const newDeal = (d: JsonValue) => at(body(d), 'schema', 'properties')
const won = (d: JsonValue) => at(d, 'paths', WON, 'post')
const trigger = (d: JsonValue) => at(d, 'paths', TRIGGER, 'get')
const deal = (d: JsonValue) => at(d, 'definitions', 'DealResponse', 'properties')
const paths = (d: JsonValue) => at(d, 'paths')

/** One way to break each rule. */
const breaks: Record<string, (d: JsonValue) => unknown> = {
  'path-unique': (d) => (paths(d)['/V1/deals/{id}'] = { put: getDeal(d) }),
  'path-distinct': (d) => (paths(d)['/v1/deals/search'] = { get: { ...getDeal(d), operationId: 'Search', parameters: [] } }),
  'path-characters': (d) => (paths(d)['/v1/*'] = {}),
  'path-parameter': (d) => delete dealId(d)['x-ms-url-encoding'],
  'operation-id': (d) => (getDeal(d)['operationId'] = 'GetStage'),
  'operation-id-case': (d) => (getDeal(d)['operationId'] = 'getDeal'),
  'operations-count': (d) => {
    for (let n = 0; n < 256; n++) paths(d)[`/many/${n}`] = { get: { ...getDeal(d), operationId: `Many${n}`, parameters: [] } }
  },
  'definition-size': (d) => (getDeal(d)['description'] = `${'x'.repeat(1_000_000)}.`),
  'media-type': (d) => (d['consumes'] = ['application/xml']),
  'one-security': (d) => (d['security'] = [{ basic_auth: [] }]),
  annotation: (d) => (at(addDeal(d), 'x-ms-api-annotation')['revision'] = 3),
  'known-extension': (d) => (getDeal(d)['x-ms-agentic-protocol'] = 'mcp-streamable-1.0'),
  'test-connection': (d) => (at(d, 'x-ms-capabilities', 'testConnection')['operationId'] = 'GetDeal'),
  'ref-alone': (d) => (at(getDeal(d), 'responses', '200', 'schema')['title'] = 'Deal'),
  'ref-known': (d) => delete at(d, 'definitions')['StageResponse'],
  depth: (d) => (deal(d)['parent'] = { $ref: '#/definitions/DealResponse' }),
  'array-items': (d) => delete at(trigger(d), 'responses', '200', 'schema')['items'],
  'definitions-are-objects': (d) => (at(d, 'definitions')['Deals'] = { type: 'array', items: { $ref: '#/definitions/DealResponse' } }),
  'required-defined': (d) => (at(body(d), 'schema')['required'] = ['title', 'colour']),
  'value-type': (d) => (at(newDeal(d), 'value')['default'] = 'ten'),
  'enum-values': (d) => delete at(newDeal(d), 'status')['x-ms-enum-values'],
  'read-only': (d) => (at(newDeal(d), 'title')['readOnly'] = true),
  visibility: (d) => (at(newDeal(d), 'title')['x-ms-visibility'] = 'internal'),
  body: (d) => (body(d)['name'] = 'deal'),
  'parameter-name': (d) => (dealId(d)['name'] = 'connectionId'),
  'success-response': (d) => (getDeal(d)['responses'] = { default: { description: 'It failed.' } }),
  'one-answer': (d) => (at(getDeal(d), 'responses', 'default')['schema'] = { type: 'object' }),
  'dynamic-operation': (d) => (at(dealId(d), 'x-ms-dynamic-values')['operationId'] = 'ListColours'),
  'dynamic-answer': (d) => (at(dealId(d), 'x-ms-dynamic-list')['itemTitlePath'] = 'colour'),
  'dynamic-parameters': (d) => (at(newDeal(d), 'pipeline_id')['type'] = 'integer'),
  'dynamic-list': (d) => delete at(newDeal(d), 'stage_id')['x-ms-dynamic-list'],
  'trigger-answer': (d) => (at(trigger(d), 'responses', '200')['schema'] = { $ref: '#/definitions/DealResponseV2' }),
  'trigger-nothing-new': (d) => delete at(trigger(d), 'responses')['202'],
  'trigger-hint': (d) => delete trigger(d)['x-ms-trigger-hint'],
  webhook: (d) => (at(newDeal(d), 'title')['x-ms-notification-url'] = true),
  'webhook-is-trigger': (d) => delete won(d)['x-ms-trigger'],
  'webhook-answer': (d) => delete at(won(d), 'responses')['201'],
  'webhook-end': (d) => delete paths(d)['/subscriptions/{trigger}/{location}'],
  'notification-content': (d) => delete at(d, 'paths', WON, 'x-ms-notification-content')['schema'],
  'notification-url-filled': (d) => delete at(won(d), 'parameters', 0, 'schema')['required'],
  'webhook-parameters': (d) =>
    (at(paths(d), WON)['get'] = {
      ...trigger(d),
      operationId: 'Fetch',
      parameters: [{ ...dealId(d), in: 'query', name: 'pipeline_id', type: 'integer' }],
    }),
  'notification-url': (d) => (dealId(d)['x-ms-notification-url'] = true),
  pageable: (d) => (getDeal(d)['x-ms-pageable'] = { nextLinkName: 'more' }),
  'has-title': (d) => delete at(deal(d), 'person_id', 'properties', 'name')['x-ms-summary'],
  'has-description': (d) => delete at(deal(d), 'person_id', 'properties', 'name')['description'],
  'description-says-more': (d) => (at(deal(d), 'title')['description'] = 'Deal Title.'),
  'description-is-sentence': (d) => (at(deal(d), 'title')['description'] = 'yyyy-MM-dd'),
  'title-length': (d) => (getDeal(d)['summary'] = `Get ${'a'.repeat(80)}`),
  'title-characters': (d) => (getDeal(d)['summary'] = 'Get deal/stage by id'),
  'title-end': (d) => (getDeal(d)['summary'] = 'Get deal by id:'),
  'title-is-english': (d) => (getDeal(d)['summary'] = 'ID で取引を取得する'),
  'operation-title-case': (d) => (getDeal(d)['summary'] = 'Get Deal by id'),
  'field-title-case': (d) => (dealId(d)['x-ms-summary'] = 'Deal id'),
  'trigger-text': (d) => (trigger(d)['summary'] = 'On new deals'),
  'connector-title': (d) => (at(d, 'info')['title'] = 'Pipedrive Connector'),
  'connector-description': (d) => (at(d, 'info')['description'] = 'Deals.'),
  addresses: (d) => (at(d, 'info')['contact'] = { email: 'nobody' }),
}

/** More ways to break a rule that has several. */
const alsoBreaks: [rule: string, breakIt: (d: JsonValue) => unknown][] = [
  ['path-characters', (d) => (paths(d)['/v1/x=y'] = {})],
  ['path-parameter', (d) => (dealId(d)['required'] = false)],
  ['path-parameter', (d) => (getDeal(d)['parameters'] = [])],
  ['operation-id', (d) => (getDeal(d)['operationId'] = 'Get-Deal')],
  ['operation-id', (d) => delete getDeal(d)['operationId']],
  ['one-security', (d) => (d['security'] = [{ api_key: [] }, { basic_auth: [] }])],
  ['annotation', (d) => (at(d, 'paths', '/v1/deals', 'post')['deprecated'] = false)],
  ['annotation', (d) => delete at(d, 'paths', ADD)['post']],
  [
    'annotation',
    (d) => {
      for (const operation of [getDeal(d), addDeal(d), trigger(d)])
        operation['x-ms-api-annotation'] = { family: 'Deals', revision: 1, status: 'Production' }
    },
  ],
  ['test-connection', (d) => (at(d, 'x-ms-capabilities', 'testConnection')['operationId'] = 'Nothing')],
  ['required-defined', (d) => (at(body(d), 'schema')['required'] = [])],
  ['value-type', (d) => (at(newDeal(d), 'status')['enum'] = ['open', 5])],
  ['value-type', (d) => (at(newDeal(d), 'status')['default'] = 'colourful')],
  ['enum-values', (d) => (at(newDeal(d), 'status', 'x-ms-enum-values', 0)['displayName'] = 'Won')],
  ['visibility', (d) => (at(newDeal(d), 'title')['x-ms-visibility'] = 'hidden')],
  ['visibility', (d) => Object.assign(at(newDeal(d), 'value'), { 'x-ms-visibility': 'internal', default: 1 })],
  ['body', (d) => (getDeal(d)['parameters'] = [body(d)])],
  ['parameter-name', (d) => (getDeal(d)['parameters'] = [{ ...dealId(d), in: 'header', name: 'authorization' }])],
  ['parameter-name', (d) => (addDeal(d)['parameters'] = [{ ...dealId(d), name: 'title' }, body(d)])],
  ['one-answer', (d) => (at(getDeal(d), 'responses')['201'] = at(getDeal(d), 'responses', '200'))],
  ['one-answer', (d) => delete at(addDeal(d), 'responses', '200')['schema']],
  ['one-answer', (d) => (at(getDeal(d), 'responses')['202'] = { description: 'x', schema: { type: 'object' } })],
  ['dynamic-answer', (d) => (at(dealId(d), 'x-ms-dynamic-values')['value-collection'] = 'rows')],
  ['dynamic-parameters', (d) => (at(newDeal(d), 'stage_id', 'x-ms-dynamic-list')['parameters'] = { colour: { value: 1 } })],
  [
    'dynamic-parameters',
    (d) => (at(newDeal(d), 'stage_id', 'x-ms-dynamic-list', 'parameters', 'pipeline_id')['parameterReference'] = 'pipeline_id'),
  ],
  ['dynamic-parameters', (d) => (at(d, 'paths', '/v1/stages', 'get', 'parameters', 0)['required'] = true)],
  ['dynamic-list', (d) => (at(dealId(d), 'x-ms-dynamic-list')['operationId'] = 'ListStages')],
  ['trigger-answer', (d) => (trigger(d)['x-ms-trigger'] = 'many')],
  ['trigger-hint', (d) => (trigger(d)['x-ms-trigger-hint'] = 'Add a deal')],
  ['trigger-hint', (d) => (getDeal(d)['x-ms-trigger-hint'] = 'Add a deal.')],
  ['webhook', (d) => (at(paths(d), ADD)['x-ms-notification-content'] = { schema: { type: 'object' } })],
  ['webhook', (d) => delete at(d, 'paths', WON)['x-ms-notification-content']],
  ['webhook-end', (d) => delete at(d, 'paths', '/subscriptions/{trigger}/{location}', 'delete')['x-ms-visibility']],
  ['notification-content', (d) => (at(d, 'paths', WON, 'x-ms-notification-content')['description'] = 'A deal')],
  ['notification-url-filled', (d) => delete at(won(d), 'parameters', 0, 'schema', 'properties', 'callbackUrl')['x-ms-visibility']],
  ['ref-known', (d) => (at(d, 'paths', WON, 'x-ms-notification-content', 'schema')['$ref'] = '#/definitions/Nothing')],
  ['has-title', (d) => (dealId(d)['x-ms-summary'] = ' ')],
  ['has-title', (d) => delete body(d)['x-ms-summary']],
  ['has-description', (d) => delete getDeal(d)['description']],
  [
    'has-description',
    (d) => delete at(d, 'definitions', 'ListDealsResponse', 'properties', 'data', 'items', 'properties', 'id')['description'],
  ],
  ['description-says-more', (d) => (dealId(d)['description'] = 'Deal id.')],
  ['description-is-sentence', (d) => (getDeal(d)['description'] = 'Reads one deal')],
  ['description-is-sentence', (d) => (at(deal(d), 'user_id', 'properties', 'email')['description'] = 'Where mails go')],
  ['connector-title', (d) => (at(d, 'info')['title'] = 'x'.repeat(31))],
  ['connector-description', (d) => (at(d, 'info')['description'] = 'x'.repeat(501))],
  ['addresses', (d) => (at(d, 'info')['license'] = { url: 'nowhere' })],
  ['addresses', (d) => delete at(d, 'x-ms-connector-metadata', 1)['propertyValue']],
  ['addresses', (d) => delete at(d, 'x-ms-connector-metadata', 2)['propertyValue']],
]

describe('rules', () => {
  test('each has a definition that breaks it, and a source', () => {
    expect(Object.keys(breaks)).toEqual(lintRules.map(({ id }) => id))
    expect(lintRules.filter(({ source }) => source.length < 10)).toEqual([])
  })

  test.each(Object.entries(breaks))('%s is found where it is broken', (rule, breakIt) => {
    const document = definition()
    breakIt(document)
    expect(lint(document).map((finding) => finding.rule)).toContain(rule)
  })

  test.each(alsoBreaks)('%s is found in another way to break it too (%#)', (rule, breakIt) => {
    const document = definition()
    breakIt(document)
    expect(lint(document).map((finding) => finding.rule)).toContain(rule)
  })

  test('what ends a webhook, and what makes one, need not answer anything', () => {
    const document = definition()
    const empty = { operationId: 'EndHook', summary: 'End hook', description: 'Ends it.', parameters: [], responses: { 204: {} } }
    paths(document)['/hooks'] = {
      delete: empty,
      post: { ...empty, operationId: 'MakeHook' },
      'x-ms-notification-content': { schema: { $ref: '#/definitions/DealResponse' } },
    }
    paths(document)['/other-hooks'] = { delete: { ...empty, operationId: 'EndOther' } }
    expect(lint(document).filter(({ rule }) => rule === 'one-answer')).toEqual([])
  })

  test('where a host is called back is hidden and required, without a default', () => {
    const document = definition()
    Object.assign(at(newDeal(document), 'title'), { 'x-ms-notification-url': true, 'x-ms-visibility': 'internal' })
    const found = () => lint(document).filter(({ rule }) => rule === 'visibility')
    expect(found()).toEqual([])
    delete at(body(document), 'schema')['required']
    expect(found().map(({ at: place }) => place)).toEqual(['AddDealV2.body.title'])
  })

  test('those about English text are not for other languages', () => {
    expect(lint(definition('ja'), { language: 'en' }).some(({ rule }) => rule === 'title-is-english')).toBe(true)
    expect(lintRules.filter(({ english }) => english).map(({ id }) => id)).toEqual([
      'title-is-english',
      'operation-title-case',
      'field-title-case',
      'trigger-text',
    ])
  })

  test('all others are, and so a Japanese title that ends in a mark is found', () => {
    const document = definition('ja')
    getDeal(document)['summary'] = 'ID で取引を取得する。'
    expect(lint(document, { language: 'ja' }).map(({ rule }) => rule)).toEqual(['title-characters', 'title-end'])
  })

  test('a definition that is nothing of the kind is no crash', () => {
    for (const odd of [{}, { paths: 5 }, { paths: { '/x': { get: {} } } }, { definitions: [], paths: { '/x': null } }] as JsonValue[])
      expect(() => lint(odd)).not.toThrow()
  })
})
