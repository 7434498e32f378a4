import { expect, test } from 'vitest'
import { parseWebhook } from './parse-webhook.ts'
import { bodyOf, dealData } from './webhook.fixture.ts'

const read = (action: string, data: Record<string, unknown> | null, previous: Record<string, unknown> | null, meta = {}) =>
  parseWebhook(bodyOf(action, data, previous, meta), 'deal')

test('ids may be strings, also in merges', () => {
  expect(read('delete', null, { id: '7' }, { entity_id: '7', merged_to_id: '9' })).toMatchObject({ recordId: 7, mergedInto: 9, data: null })
  expect(read('change', { ...dealData, id: '7' }, {})).toMatchObject({ recordId: 7, mergedInto: null })
})

test('the time of a change is that of the record, not the later one of its webhook', () => {
  const event = read('change', dealData, {}, { timestamp: '2026-11-22T11:00:02.089Z' })
  expect(event).toMatchObject({ stateAt: new Date('2026-11-22T11:00:00Z'), webhookAt: new Date('2026-11-22T11:00:02.089Z') })
})

test('the time of a new record is its creation, that of a deleted one the whole second of the webhook', () => {
  expect(read('create', { ...dealData, update_time: null }, null)).toMatchObject({ stateAt: new Date('2026-11-22T10:00:00Z') })
  expect(read('delete', null, dealData)).toMatchObject({ stateAt: new Date('2026-11-22T11:00:00Z') })
})

test.each([1795345200, '1795345200', '2026-11-22 11:00:00', '2026-11-22T11:00:00Z'])('a timestamp may be written as %j', (timestamp) => {
  expect(read('delete', null, dealData, { timestamp }).webhookAt).toEqual(new Date('2026-11-22T11:00:00Z'))
})

test('a webhook without a time is rejected', () => {
  expect(() => read('change', dealData, {}, { timestamp: 'soon' })).toThrow(RangeError)
})
