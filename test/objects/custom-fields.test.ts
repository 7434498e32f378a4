import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { catalog } from '../../src/catalog/index.ts'
import type { Action } from '../../src/catalog/define.ts'
import { objects } from '../../src/catalog/objects/index.ts'
import type { CatalogObject } from '../../src/catalog/objects/define-object.ts'
import type { Verb } from '../../src/catalog/objects/object-words.ts'
import { resources, type Resource } from '../../src/pipedrive/resources.ts'
import { createWorld, type Row, type WireError, type World } from '../contract/world.ts'
import { callAction } from './object-suite.ts'

/** A Value is one value of a custom field: as people write it, and as Pipedrive has it. `options` are the ids of two options. */
interface Value {
  byName: unknown
  byCode: (options: readonly number[]) => unknown
}
const same = (value: unknown): Value => ({ byName: value, byCode: () => value })

const VALUES: Record<string, Value> = {
  varchar: same('text'),
  varchar_auto: same('auto'),
  text: same('long text'),
  phone: same('+49 30 1'),
  double: same(1.5),
  monetary: same({ value: 12.5, currency: 'EUR' }),
  date: same('2026-12-31'),
  daterange: same({ value: '2026-12-01', until: '2026-12-31' }),
  time: same({ value: '09:30:00' }),
  timerange: same({ value: '09:00:00', until: '10:30:00' }),
  enum: { byName: 'North', byCode: ([north]) => north },
  set: { byName: ['North', 'South'], byCode: (options) => options },
  address: same({ value: 'Main Street 1' }),
  user: same(1),
  org: same(1),
  people: same(1),
}
const TYPES = Object.keys(VALUES)
const nameOf = (type: string) => `Own ${type}`

/** An object with the custom fields that a test has made for it. */
const customised = objects.filter((object: CatalogObject) => object.customFields === true)
// Leads have the custom fields of deals.
const owners = ['deal', 'person', 'organization', 'product'] as const

let world: World
const codes = new Map<string, string>()
const options = new Map<string, number[]>()
const codeOf = (object: CatalogObject, type: string) => codes.get(`${object.name === 'lead' ? 'deal' : object.name} ${type}`)!
const optionsOf = (object: CatalogObject, type: string) => options.get(codeOf(object, type)) ?? []

beforeAll(async () => {
  world = await createWorld({ config: { callsPerMinute: 10_000 } })
  const me = await world.pipedrive('GET', '/api/v1/users/me')
  VALUES['user'] = same(me['id'])
  for (const object of owners)
    for (const type of TYPES) {
      const resource: Resource = resources[object]
      const labels = type === 'enum' || type === 'set' ? ['North', 'South'] : undefined
      const made = await world.pipedrive('POST', resource.fields!, {
        field_name: nameOf(type),
        field_type: type,
        ...(labels && { options: labels.map((label) => ({ label })) }),
      })
      codes.set(`${object} ${type}`, String(made['field_code']))
      if (labels)
        options.set(
          String(made['field_code']),
          (made['options'] as { id: number }[]).map(({ id }) => id),
        )
    }
})

const call = (object: CatalogObject, verb: Verb, input: Row) => {
  const action = catalog.find(
    (o): o is Action => o.kind === 'action' && o.derivedFrom?.object === object.name && o.derivedFrom.verb === verb,
  )!
  return callAction<Row & { custom_fields: Row } & WireError>(world, action, input)
}
const least = (object: CatalogObject): Row => ({
  [object.fields['title'] ? 'title' : 'name']: 'New',
  ...(object.name === 'lead' && { person_id: 1 }),
})
const asText = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.join(',')
  const parts = typeof value === 'object' && value !== null ? Object.values(value) : []
  return parts.length === 1 ? parts[0] : value
}
/** An object has more than what was sent: Pipedrive adds parts. A time of day has seconds, or has none. */
const like = (value: unknown): unknown => {
  if (typeof value === 'string' && /^\d\d:\d\d:00$/.test(value)) return expect.stringMatching(value.slice(0, 5))
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? expect.objectContaining(Object.fromEntries(Object.entries(value).map(([part, inner]) => [part, like(inner)])))
    : value
}

describe.each(customised.map((object: CatalogObject) => [object.noun, object] as const))('%s', (_, object) => {
  test.each(TYPES)('has a custom field of type %s, created, read, changed and cleared, by code and by name', async (type) => {
    const { byName, byCode } = VALUES[type]!
    const [code, name, value] = [codeOf(object, type), nameOf(type), byCode(optionsOf(object, type))]
    // API v1, which has leads, has texts instead of lists and of objects with one part.
    const shownByCode = object.name === 'lead' ? asText(value) : value
    for (const [key, sent] of [
      [code, value],
      [name.toUpperCase(), byName],
    ] as const) {
      const made = await call(object, 'create', { ...least(object), custom_fields: { [key]: sent } })
      expect([key, made.status, made.text]).toEqual([key, 200, made.text])
      const { id } = made.body
      const read = async (by: string) => (await call(object, 'get', { id, custom_fields_by: by })).body.custom_fields
      expect((await read('code'))[code]).toEqual(like(shownByCode))
      expect((await read('name'))[name]).toEqual(like(byName))

      const cleared = await call(object, 'update', { id, clear_fields: [key] })
      expect([key, cleared.status, cleared.text]).toEqual([key, 200, cleared.text])
      expect((await read('code'))[code] ?? null).toBeNull()
      expect((await read('name'))[name]).toBeNull()
      expect((await call(object, 'update', { id, custom_fields: { [key]: sent } })).status).toBe(200)
      expect((await read('name'))[name]).toEqual(like(byName))
      expect((await call(object, 'update', { id, custom_fields: { [key]: null } })).status).toBe(200)
      expect((await read('name'))[name]).toBeNull()
    }
  })

  test('refuses a name that it does not have with the nearest, and an option with those that there are', async () => {
    const unknown = await call(object, 'create', { ...least(object), custom_fields: { 'Own varchars': 'x' } })
    expect([unknown.status, unknown.body.details[0]!.message]).toEqual([400, expect.stringContaining('did you mean "Own varchar"?')])
    const option = await call(object, 'create', { ...least(object), custom_fields: { 'Own enum': 'West' } })
    expect([option.status, option.body.details[0]!.message]).toEqual([400, expect.stringContaining('"North", "South"')])
    const { id } = (await call(object, 'create', least(object))).body
    const cleared = await call(object, 'update', { id, clear_fields: ['Own varchars'] })
    expect([cleared.status, cleared.body.details[0]!.message]).toEqual([400, expect.stringContaining('did you mean "Own varchar"?')])
  })
})

test('what is read by name can be written by name, and is the same by code', async () => {
  const person = customised.find(({ name }) => name === 'person')!
  const text = fc
    .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
    .filter((value) => value.trim() === value && !/[<>&]/.test(value))
  const values = fc.record({
    'Own varchar': text,
    'Own double': fc.integer({ min: -1_000_000, max: 1_000_000 }).map((cents) => cents / 100),
    'Own enum': fc.constantFrom('North', 'South'),
    'Own set': fc.uniqueArray(fc.constantFrom('North', 'South'), { minLength: 1 }),
    'Own date': fc.constantFrom('2026-02-28', '2028-02-29', '1999-12-31'),
  })
  await fc.assert(
    fc.asyncProperty(values, async (custom_fields) => {
      const first = (await call(person, 'create', { name: 'New', custom_fields })).body
      const byName = (await call(person, 'get', { id: first['id'], custom_fields_by: 'name' })).body.custom_fields
      expect(byName).toMatchObject(custom_fields)
      const second = (await call(person, 'create', { name: 'New', custom_fields: byName })).body
      expect(second.custom_fields).toEqual(first.custom_fields)
    }),
    { numRuns: 40 },
  )
})
