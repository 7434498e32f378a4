import { expect, test } from 'vitest'
import { catalog } from '../catalog/index.ts'
import { InvalidInput } from '../kit/errors/invalid-input.ts'
import { validate } from './validate.ts'

const operation = (id: string) => catalog.find((o) => o.id === id)!
const faults = (id: string, sent: Record<string, unknown>) => {
  try {
    validate(operation(id), sent)
  } catch (error) {
    if (error instanceof InvalidInput) return error.details
    throw error
  }
  return []
}
const KEY = 'a'.repeat(40)

test('an empty optional field is absent, an empty required one is a fault', () => {
  expect(validate(operation('AddDealV2'), { title: 'x', stage_id: '', currency: null, value: ' ' }).input).toEqual({ title: 'x' })
  for (const title of ['', null, '  ', undefined])
    expect(faults('AddDealV2', { title })).toEqual([{ field: 'title', message: 'is required' }])
})

test('all faults are reported at once', () => {
  expect(
    faults('AddDealV2', { stage_id: 'x', status: 'closed' })
      .map((d) => d.field)
      .sort(),
  ).toEqual(['stage_id', 'status', 'title'])
})

test('an unknown field is a fault that names the nearest one, even when it is empty', () => {
  expect(faults('AddDealV2', { title: 'x', stage: 5 })).toEqual([
    { field: 'stage', message: 'is not a field of this operation; did you mean "stage_id"?' },
  ])
  expect(faults('AddDealV2', { title: 'x', currancy: null })[0]?.message).toContain('"currency"')
})

test('fields that API v2 can write are accepted under the names of v2 and v1, and custom fields under their keys', () => {
  const { input, extra } = validate(operation('AddDealV2'), {
    title: 'x',
    user_id: '7',
    label: '1,2',
    probability: '60',
    [KEY]: 'gold',
    [`${KEY}_currency`]: 'EUR',
  })
  expect(input).toEqual({ title: 'x' })
  expect(extra).toEqual({ user_id: 7, label: [1, 2], probability: 60, [KEY]: 'gold', [`${KEY}_currency`]: 'EUR' })
})

test('hostile names and values are faults, not crashes', () => {
  const hostile = JSON.parse('{"title":"x","__proto__":{"a":1},"constructor":1,"toString":{}}') as Record<string, unknown>
  expect(faults('AddDealV2', hostile).map((d) => d.field)).toEqual(expect.arrayContaining(['constructor', 'toString']))
})

test('a body full of unknown fields makes no large answer', () => {
  const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`field_${n}`, n]))
  expect(faults('AddDealV2', { title: 'x', ...many })).toHaveLength(20)
  expect(faults('AddDealV2', { title: 'x', ['long'.repeat(100_000)]: 1 })[0]?.field).toHaveLength(100)
})
