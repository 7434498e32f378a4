import { expect, test } from 'vitest'
import { addActivity } from '../catalog/contract/actions/add-activity.ts'
import { addDeal } from '../catalog/contract/actions/add-deal.ts'
import { updateDealStage } from '../catalog/contract/actions/update-deal-stage.ts'
import type { Operation } from '../catalog/define.ts'
import { DealbridgeError } from '../kit/errors/dealbridge-error.ts'
import { translateRejection } from './translate-rejection.ts'

const KEY = 'a'.repeat(40)
const OTHER = 'b'.repeat(40)

/** What the caller reads when upstream finds fault with this field. */
function told(operation: unknown, sent: Record<string, unknown>, field: string, message = 'wrong'): string | undefined {
  const error = new DealbridgeError({ status: 400, code: 'Rejected', source: 'pipedrive', message: 'no', details: [{ field, message }] })
  return (translateRejection(error, operation as Operation, sent) as DealbridgeError).details[0]?.field
}

test('a field that was sent under an older name has that name', () => {
  expect(told(addDeal, { user_id: 7 }, 'owner_id')).toBe('user_id')
  expect(told(addDeal, { user_id: 7, owner_id: '' }, 'owner_id')).toBe('user_id')
  expect(told(addDeal, { owner_id: 7 }, 'owner_id')).toBe('owner_id')
})

test('a part of a field has the name that its whole was sent under', () => {
  expect(told(addActivity, { person_id: 7 }, 'participants[0].person_id')).toBe('person_id')
  expect(told(addActivity, { location: {} }, 'location.country')).toBe('location.country')
})

test('a custom field that was sent at the top level has its own name', () => {
  expect(told(addDeal, { [KEY]: 1, [OTHER]: 2 }, 'custom_fields', `Unknown key '${OTHER}'`)).toBe(OTHER)
  expect(told(addDeal, { [KEY]: 1, [OTHER]: 2 }, `custom_fields.${KEY}`)).toBe(KEY)
  expect(told(addDeal, { [KEY]: 1 }, 'custom_fields')).toBe('custom_fields')
})

test('a field that was cleared has the name that it was cleared under', () => {
  expect(told(updateDealStage, { clear_fields: ['label'] }, 'label_ids')).toBe('label')
  expect(told(updateDealStage, { [KEY]: null, [OTHER]: 1 }, 'custom_fields', `Unknown key '${KEY}'`)).toBe(KEY)
})

test('a field that was not sent keeps the name that upstream gave it', () => {
  expect(told(addDeal, { title: 'x' }, 'pipeline_id')).toBe('pipeline_id')
  expect(told(addDeal, { title: 'x' }, 'constructor')).toBe('constructor')
})
