import { expect, test } from 'vitest'
import { fieldRules } from '../../src/catalog/mapping.ts'
import { catalog } from '../../src/catalog/index.ts'
import { fieldSource, readRule } from './field-source.ts'

interface Row {
  name: string
  owner_id: number
  files: number
  next_activity_id: number
}
const { field, included, lookup, derived, constant, removedUpstream } = fieldRules<Row>()
/** Reads a rule for any kind of record. */
const read = (rule: unknown, ...below: string[]) => readRule(rule as Parameters<typeof readRule>[0], below)

test('a field of the record is named as in API v2, with whether include_fields must name it', () => {
  expect(read(field('name', (name) => name.trim()))).toEqual({ kind: 'field', field: 'name', include: false })
  expect(read(included('files'))).toEqual({ kind: 'field', field: 'files', include: true })
})

test('a field of another record is named with the field that points there', () => {
  const rule = lookup('activity', 'next_activity_id', (activity) => activity?.due_date ?? null, { include: true })
  expect(read(rule)).toEqual({ kind: 'linked', linked: 'activity', fields: ['due_date'], by: 'next_activity_id', include: true })
})

test('a converted field is named too, and so are two that become one', () => {
  const converted = lookup('user', 'owner_id', (user) => user?.name.toUpperCase() ?? null)
  expect(read(converted)).toMatchObject({ kind: 'linked', fields: ['name'] })
  const joined = lookup('user', 'owner_id', (user) => `${user?.name} <${user?.email}>`)
  expect(read(joined)).toMatchObject({ kind: 'linked', fields: ['name', 'email'] })
})

test('an object of another record is described value by value, and its id is the field that points there', () => {
  const rule = lookup('user', 'owner_id', (user, id) => ({ id, called: user?.name, mail: user?.email }))
  expect(read(rule, 'id')).toEqual({ kind: 'field', field: 'owner_id', include: false })
  expect(read(rule, 'called')).toMatchObject({ kind: 'linked', fields: ['name'], by: 'owner_id' })
  expect(read(rule, 'mail')).toMatchObject({ kind: 'linked', fields: ['email'], by: 'owner_id' })
})

test('a rule that takes nothing of the other record stops the build', () => {
  expect(() => read(lookup('user', 'owner_id', () => 'always this'))).toThrow('takes nothing from the user that owner_id points at')
})

test('a value without a field has a note', () => {
  expect(read(derived('activeFlag', () => 1))).toEqual({ kind: 'derived', note: 'activeFlag' })
  expect(read(constant('activeFlag', true))).toEqual({ kind: 'constant', value: true, note: 'activeFlag' })
  expect(read(removedUpstream('activeFlag'))).toEqual({ kind: 'removedUpstream', note: 'activeFlag' })
})

test('an operation says in its own definition where its fields come from', () => {
  const source = (id: string, path: string) =>
    fieldSource(
      catalog.find((operation) => operation.id === id)!,
      path,
    )
  expect(source('AddActivity', 'user_id')).toEqual({ kind: 'field', field: 'owner_id', include: false })
  expect(source('GetDeal', 'person_id.name')).toMatchObject({ linked: 'person', fields: ['name'], by: 'person_id' })
  expect(source('TrigNewDealV2', 'person_id.value')).toEqual({ kind: 'field', field: 'person_id', include: false })
  expect(source('TrigNewDealV2', 'stage_name')).toBeUndefined()
  expect(source('ListUsers', 'data.id')).toEqual({ kind: 'listed', field: 'id', isV1: true })
  expect(source('ListDeals', 'data.title')).toEqual({ kind: 'derived', note: 'titleWithId' })
})
