import { expect, test } from 'vitest'
import { activityBodyFields, dealBodyFields, writeBody } from './body-fields.ts'

const KEY = 'f'.repeat(40)

test('only what was given is written', () => {
  expect(writeBody(dealBodyFields, { title: 'x', value: undefined })).toEqual({ title: 'x' })
})

test('names of the contract and of v1 become names of v2', () => {
  expect(writeBody(dealBodyFields, { user_id: 7, label: [1] })).toEqual({ owner_id: 7, label_ids: [1] })
  expect(writeBody(activityBodyFields, { user_id: 7, person_id: 3 })).toEqual({
    owner_id: 7,
    participants: [{ person_id: 3, primary: true }],
  })
})

test('custom fields move below custom_fields, a monetary one with its currency', () => {
  expect(writeBody(dealBodyFields, { [KEY]: 5, [`${KEY}_currency`]: 'EUR', custom_fields: { b: 1 } })).toEqual({
    custom_fields: { b: 1, [KEY]: { value: 5, currency: 'EUR' } },
  })
  expect(writeBody(dealBodyFields, { [KEY]: '12.50', [`${KEY}_currency`]: 'EUR' })).toEqual({
    custom_fields: { [KEY]: { value: 12.5, currency: 'EUR' } },
  })
  expect(() => writeBody(dealBodyFields, { [KEY]: 'much', [`${KEY}_currency`]: 'EUR' })).toThrow('not a number')
  expect(() => writeBody(dealBodyFields, { [`${KEY}_currency`]: 'EUR' })).toThrow('needs the amount beside it')
})

test('two names of one field may not contradict each other', () => {
  expect(writeBody(dealBodyFields, { user_id: 7, owner_id: 7 })).toEqual({ owner_id: 7 })
  expect(() => writeBody(dealBodyFields, { user_id: 7, owner_id: 8 })).toThrow('owner_id: contradicts user_id')
})
