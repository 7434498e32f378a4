import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkRow, checkRows } from './check-row.ts'
import { fieldTypes, type FieldType } from './field-types.ts'

const fits: Partial<Record<FieldType, (value: unknown) => boolean>> = {
  integer: (value) => Number.isSafeInteger(value),
  number: (value) => typeof value === 'number',
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  array: (value) => Array.isArray(value),
  clock: (value) => typeof value === 'string' || (typeof value === 'object' && !Array.isArray(value)),
}
const deal = { ...fieldTypes.deal, ...fieldTypes.included }

test('for any JSON in a record, each of its values fits its type or is null and noted, and the others are kept', () => {
  for (const [object, types] of [
    ['deal', deal],
    ['activity', fieldTypes.activity],
    ['person', fieldTypes.person],
    ['user', fieldTypes.me],
  ] as const) {
    const row = fc.record(Object.fromEntries(Object.keys(types).map((name) => [name, fc.jsonValue()])), { requiredKeys: [] })
    fc.assert(
      fc.property(row, (sent) => {
        const noted = new Map<string, string>()
        const checked = checkRow<Record<string, unknown>>(object, sent, (name, type) => noted.set(name, type))
        for (const [name, type] of Object.entries(types)) {
          const value = (sent as Record<string, unknown>)[name]
          const isRight = value === undefined || value === null || (fits[type]?.(value) ?? true)
          expect([name, checked[name], noted.has(name)]).toEqual([name, isRight ? value : null, !isRight])
        }
      }),
    )
  }
})

test('a record of the documented types is returned itself', () => {
  const row = { id: 1, title: 'Chairs', value: 0.5, is_deleted: false, label_ids: [], person_id: null, custom_fields: {} }
  expect(checkRow('deal', row, () => expect.unreachable())).toBe(row)
})

test('what has no id is no record of a list', () => {
  const notes: string[] = []
  const rows = checkRows('stage', [null, 5, { name: 'x' }, { id: '7' }, { id: 1, name: ['x'] }], (name, type) =>
    notes.push(`${name}: ${type}`),
  )
  expect(rows).toEqual([{ id: 1, name: null }])
  expect(notes).toEqual(['id: no record, but null', 'id: no record, but number', 'id: undefined', 'id: string', 'name: array'])
})
