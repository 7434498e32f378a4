import { expect, test } from 'vitest'
import { defineMapping, fillRow, includeFields, linkedIds, fieldRules } from './mapping.ts'
import { dealFields, dealFieldsV2 } from './contract/mappings/deal.ts'
import type { V2DealWithIncluded } from '../pipedrive/api-types.ts'

const deal = {
  id: 1,
  owner_id: 7,
  creator_user_id: 8,
  person_id: 3,
  org_id: null,
  stage_id: 5,
  next_activity_id: 9,
  last_activity_id: null,
  status: 'open',
} as V2DealWithIncluded

test('a mapping knows which include_fields it needs', () => {
  expect(includeFields(dealFields)).toContain('next_activity_id')
  expect(includeFields(dealFields)).toContain('participants_count')
  expect(new Set(includeFields(dealFields)).size).toBe(includeFields(dealFields).length)
})

test('ids of a page are gathered once per kind; the V2 shape asks for no stage', () => {
  const ids = linkedIds(dealFields, [deal, { ...deal, owner_id: 8 }])
  expect(ids.get('user')).toEqual(new Set([7, 8]))
  expect(ids.get('stage')).toEqual(new Set([5]))
  expect(ids.has('organization')).toBe(false)
  expect(linkedIds(dealFieldsV2, [deal]).has('stage')).toBe(false)
})

test('a linked record that cannot be seen leaves its id and a null name, a missing link is null', () => {
  const row = fillRow(dealFields, deal, {})
  expect(row).toMatchObject({
    person_id: { value: 3, name: null },
    org_id: null,
    user_id: { id: 7, name: null, email: null },
    next_activity_subject: null,
    reference_activities_count: null,
  })
})

test('the keys of a row stand in the order of the contract', () => {
  expect(Object.keys(fillRow(dealFields, deal, {})).slice(0, 3)).toEqual(['id', 'creator_user_id', 'user_id'])
})

test('a shape that says null where the table cannot, or does not where it can, does not compile', () => {
  const { field } = fieldRules<{ always: number; sometimes: number | null }>()
  const right = defineMapping<{ always: number; sometimes: number | null }, { a: number; b: number | null }>()({
    a: field('always'),
    b: field('sometimes'),
  })
  expect(Object.keys(right)).toEqual(['a', 'b'])
  // @ts-expect-error -- the shape says that it may be null, but it cannot
  defineMapping<{ always: number; sometimes: number | null }, { a: number | null }>()({ a: field('always') })
  // @ts-expect-error -- the shape says that it is never null, but it may be
  defineMapping<{ always: number; sometimes: number | null }, { b: number }>()({ b: field('sometimes') })
})
