import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { V2ActivityBody, V2DealBody, V2DealField } from './api-types.ts'
import { fieldTypes, type FieldType, type FieldTypes } from './field-types.ts'

const { deal, included, activity, stage, pipeline, person, organization, user, me, activityType, currency } = fieldTypes
/** How the specification calls our own types. */
const SPECIFIED: Partial<Record<FieldType, string>> = { flag: 'boolean', clock: 'string' }

const dealBody: FieldTypes<V2DealBody> = {
  title: 'string',
  owner_id: 'integer',
  person_id: 'integer',
  org_id: 'integer',
  pipeline_id: 'integer',
  stage_id: 'integer',
  value: 'number',
  currency: 'string',
  status: 'string',
  probability: 'number',
  lost_reason: 'string',
  visible_to: 'integer',
  close_time: 'string',
  won_time: 'string',
  lost_time: 'string',
  expected_close_date: 'string',
  is_archived: 'boolean',
  archive_time: 'string',
  label_ids: 'array',
  custom_fields: 'object',
}
const activityBody: FieldTypes<V2ActivityBody> = {
  subject: 'string',
  type: 'string',
  owner_id: 'integer',
  deal_id: 'integer',
  lead_id: 'string',
  org_id: 'integer',
  project_id: 'integer',
  due_date: 'string',
  due_time: 'string',
  duration: 'string',
  busy: 'boolean',
  done: 'boolean',
  note: 'string',
  public_description: 'string',
  priority: 'integer',
  location: 'object',
  participants: 'array',
  attendees: 'array',
}
const dealField: FieldTypes<V2DealField> = {
  field_code: 'string',
  field_name: 'string',
  field_type: 'string',
  is_custom_field: 'boolean',
  options: 'array',
}

/** What recorded answers have and the specification has not. */
const KNOWN_GAPS = ['creator_user_id', 'archive_time', 'local_won_date', 'local_lost_date', 'local_close_date'].map((key) => `deals ${key}`)

interface SpecSchema {
  type?: string
  properties?: Record<string, SpecSchema>
  items?: SpecSchema
  allOf?: SpecSchema[]
  $ref?: string
  enum?: string[]
}
interface SpecOperation {
  parameters?: { name: string; schema: SpecSchema }[]
  requestBody?: { content: Record<string, { schema: SpecSchema }> }
  responses: Record<string, { content: Record<string, { schema: SpecSchema }> }>
}
interface SpecDocument {
  paths: Record<string, Record<string, SpecOperation>>
}

const folder = new URL('../../../shared/reference/openapi/', import.meta.url)
const read = (file: string) => parse(readFileSync(new URL(file, folder), 'utf8'), { maxAliasCount: -1 }) as SpecDocument

function propertiesOf(specification: SpecDocument, schema: SpecSchema): Record<string, SpecSchema> {
  const target = schema.$ref
    ?.slice(2)
    .split('/')
    .reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], specification) as SpecSchema | undefined
  if (target) return propertiesOf(specification, target)
  return Object.assign({}, ...(schema.allOf ?? []).map((part) => propertiesOf(specification, part)), schema.properties) as Record<
    string,
    SpecSchema
  >
}

describe.skipIf(!existsSync(folder))("wire types against Pipedrive's OpenAPI files (../shared/reference/openapi)", () => {
  const files = existsSync(folder) ? { v1: read('pipedrive-v1.yaml'), v2: read('pipedrive-v2.yaml') } : undefined

  test.each([
    ['v2', '/deals/{id}', deal],
    ['v2', '/activities/{id}', activity],
    ['v2', '/stages/{id}', stage],
    ['v2', '/pipelines/{id}', pipeline],
    ['v2', '/persons/{id}', person],
    ['v2', '/organizations/{id}', organization],
    ['v2', '/dealFields/{field_code}', dealField],
    ['v1', '/users/{id}', user],
    ['v1', '/users/me', me],
    ['v1', '/activityTypes', activityType],
    ['v1', '/currencies', currency],
  ] as const)('every field that we read of GET %s %s is specified, with its type', (version, path, keys) => {
    const specification = files![version]
    const data = propertiesOf(specification, specification.paths[path]!['get']!.responses['200']!.content['application/json']!.schema)[
      'data'
    ]!
    const specified = propertiesOf(specification, data.type === 'array' ? data.items! : data)
    const kind = path.split('/')[1]!
    const checked = Object.entries(keys)
      .filter(([key]) => !KNOWN_GAPS.includes(`${kind} ${key}`))
      .map(([key, type]) => [key, SPECIFIED[type] ?? type] as const)
    expect(checked.map(([key]) => [key, specified[key]?.type])).toEqual(checked)
  })

  test.each([
    ['/deals', dealBody],
    ['/activities', activityBody],
  ] as const)('every field that we write to POST %s is specified, with its type', (path, keys) => {
    const specification = files!.v2
    const specified = propertiesOf(specification, specification.paths[path]!['post']!.requestBody!.content['application/json']!.schema)
    expect(Object.keys(keys).map((key) => [key, specified[key]?.type])).toEqual(Object.entries(keys))
  })

  test('every include_fields key that we know is specified', () => {
    const parameter = files!.v2.paths['/deals/{id}']!['get']!.parameters!.find(({ name }) => name === 'include_fields')!
    expect(parameter.schema.enum).toEqual(expect.arrayContaining(Object.keys(included)))
  })
})
