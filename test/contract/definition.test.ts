import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import AjvModule from 'ajv-draft-04'
import addFormatsModule from 'ajv-formats'
import { describe, expect, test } from 'vitest'
import { catalog } from '../../src/catalog/index.ts'
import { en } from '../../src/catalog/locales/en.ts'
import { ja } from '../../src/catalog/locales/ja.ts'
import { swagger } from '../../src/adapters/openapi/swagger.ts'
import { operationsIn, type SwaggerDocument, type SwaggerOperation } from '../../src/adapters/openapi/swagger-document.ts'
import type { SwaggerSchema } from '../../src/adapters/openapi/schema.ts'
import { definitions } from '../host/definitions.ts'
import type { Json } from '../host/host.ts'
import { connectionLabel, definitionRows, parameterLabels, summaries } from './labels.ts'
import { addedOperations, contractOperations, newOperations } from './operations.ts'

const place = { host: 'connector.test', basePath: '/', schemes: ['https'] } as const
const languages = [
  ['English', 0, swagger(catalog, { ...place, locale: en })],
  ['Japanese', 1, swagger(catalog, { ...place, locale: ja })],
] as const

/** The only fact that a definition states differently: its annotation says Preview, not its title. */
const DIFFERENCE = { of: ' (プレビュー)', insteadOf: 'x-ms-api-annotation.status: Preview' }

const find = (document: SwaggerDocument, method: string, path: string): SwaggerOperation => document.paths[path]![method.toLowerCase()]!

/** `[key, place, type, required, enum, label]` of everything that a caller fills in. */
function inputs({ parameters }: SwaggerOperation): unknown[][] {
  return parameters.flatMap((parameter) => {
    if (parameter.in !== 'body')
      return [[parameter.name, parameter.in, parameter['type'], parameter.required, parameter['enum'], parameter['x-ms-summary']]]
    expect(parameter.name).toBe('body')
    const { properties = {}, required = [] } = parameter.schema!
    return Object.entries(properties).map(([key, p]) => [key, 'body', p['type'], required.includes(key), p['enum'], p['x-ms-summary']])
  })
}

function leaves(schema: SwaggerSchema, at = ''): unknown[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, p]) => {
    const type = p['format'] === 'date-time' ? 'date-time' : p['type']
    return p.properties ? leaves(p, `${at}${key}.`) : [[at + key, type, p['title'], p['x-ms-summary']]]
  })
}

describe.each(languages)('the %s definition', (_, language, document) => {
  test('holds exactly the operations of the contract, and the triggers that go beyond it', () => {
    const contracted = operationsIn(document).map(({ path, method, operation: { operationId } }) => `${operationId} ${method} ${path}`)
    const expected = [...contractOperations, ...addedOperations, ...newOperations].map(({ id, method, path }) => `${id} ${method} ${path}`)
    expect(contracted.sort()).toEqual(expected.sort())
  })

  test.each(contractOperations.map((o) => [o.id, o] as const))('contains %s as in the contract', (id, contracted) => {
    const operation = find(document, contracted.method, contracted.path)
    expect(operation.operationId).toBe(id)
    expect(operation['deprecated'] ?? false).toBe(contracted.deprecated ?? false)
    const answer = operation.responses['200']!.schema!
    expect(contracted.kind === 'trigger' ? answer.items : answer).toEqual({ $ref: `#/definitions/${contracted.returns}` })
    // Users do not fill in a look-up: the contract has neither its title nor its filters.
    if (contracted.kind === 'lookup') return
    const title = summaries[id]![language]
    expect(operation['summary']).toBe(title.replace(DIFFERENCE.of, ''))
    const annotation = (operation['x-ms-api-annotation'] ?? {}) as { status?: string }
    if (title !== operation['summary']) expect(annotation.status).toBe('Preview')
    expect(inputs(operation)).toEqual(
      contracted.parameters.map((p) => [p.key, p.in, p.type, p.required ?? false, p.enum, parameterLabels[p.key]![language]]),
    )
  })

  test.each(Object.entries(definitionRows))('has exactly the rows of %s, in order', (name, rows) => {
    expect(leaves(document.definitions[name]!)).toEqual(rows.map((row) => [row[0], row[1], row[2 + language], row[2 + language]]))
  })
})

test('a connection asks for what the contract calls it, in both variants', () => {
  for (const [at, locale] of [en, ja].entries())
    expect([locale.connection.api_key.summary, locale.connection.password.summary]).toEqual([connectionLabel[at], connectionLabel[at]])
})

// The collected contract is a file outside the project, present only where the project is developed.
const collected = join(import.meta.dirname, '../../../shared/reference/contract.json')
interface Collected {
  connection: { parameters: { label_en: string; label_ja: string }[] }
  operations: {
    operationId: string
    kind: string
    method: string
    path: string
    summary_en: string
    summary_ja: string
    deprecated?: boolean
    returns?: string
    parameters?: { key: string; in: string; type: string; required: boolean; enum?: string[]; label_en: string; label_ja: string }[]
  }[]
  definitions: Record<string, { path: string; type: string; label_en: string; label_ja: string }[]>
}

test.skipIf(!existsSync(collected))('what the definition is held against is what was collected (skipped: not there)', () => {
  const contract = JSON.parse(readFileSync(collected, 'utf8')) as Collected
  const labels = (o: { label_en: string; label_ja: string }) => [o.label_en, o.label_ja]
  const ours = contractOperations.filter(({ id }) => id !== 'ListUsers')
  expect(
    contract.operations.map(({ operationId, kind, method, path, deprecated }) => [operationId, kind, method, path, deprecated ?? false]),
  ).toEqual(ours.map(({ id, kind, method, path, deprecated }) => [id, kind, method, path, deprecated ?? false]))
  for (const { operationId, kind, summary_en, summary_ja, returns, parameters = [] } of contract.operations) {
    if (kind === 'lookup') continue
    const contracted = ours.find(({ id }) => id === operationId)!
    expect([summary_en, summary_ja, returns]).toEqual([...summaries[operationId]!, contracted.returns])
    expect(parameters.map((p) => [p.key, p.in, p.type, p.required, p.enum, labels(p)])).toEqual(
      contracted.parameters.map((p) => [p.key, p.in, p.type, p.required ?? false, p.enum, parameterLabels[p.key]]),
    )
  }
  const rows = Object.entries(contract.definitions).map(([name, contracted]) => [
    name,
    contracted.map((row) => [row.path, row.type, ...labels(row)]),
  ])
  expect(Object.fromEntries(rows)).toEqual(definitionRows)
  expect(labels(contract.connection.parameters[0]!)).toEqual(connectionLabel)
})

const schemaFile = join(import.meta.dirname, '../../../shared/reference/schemas/apiDefinition.swagger.schema.json')
test.skipIf(!existsSync(schemaFile))("every definition fits Microsoft's JSON schema (skipped: not there)", () => {
  const ajv = new AjvModule.default({ strict: false, allErrors: true })
  addFormatsModule.default(ajv)
  const validate = ajv.compile(JSON.parse(readFileSync(schemaFile, 'utf8')) as object)
  for (const [name, definition] of definitions) {
    validate(definition)
    expect([name, validate.errors]).toEqual([name, null])
  }
})

test('the variants differ in nothing but how the key is brought', () => {
  const withoutSecurity = ({ securityDefinitions: _, security: __, ...rest }: Json) => rest
  const [enKey, enBasic, jaKey, jaBasic] = definitions.map(([, definition]) => definition)
  expect(withoutSecurity(enBasic!)).toEqual(withoutSecurity(enKey!))
  expect(withoutSecurity(jaBasic!)).toEqual(withoutSecurity(jaKey!))
  expect(enKey!['security']).toEqual([{ api_key: [] }])
  expect(enBasic).toMatchObject({ security: [{ basic_auth: [] }], securityDefinitions: { basic_auth: { type: 'basic' } } })
})

test('the languages differ in nothing but texts', () => {
  const skeleton = (value: unknown, key = ''): unknown => {
    if (typeof value === 'string')
      return ['title', 'summary', 'description', 'x-ms-summary', 'x-ms-trigger-hint', 'displayName'].includes(key) ? 'text' : value
    if (Array.isArray(value)) return value.map((item) => skeleton(item))
    return typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, skeleton(v, k)]))
      : value
  }
  const [enKey, , jaKey] = definitions.map(([, definition]) => skeleton(definition))
  expect(jaKey).toEqual(enKey)
})
