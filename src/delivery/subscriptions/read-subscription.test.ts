import { expect, test } from 'vitest'
import { trigNewActivity } from '../../catalog/contract/triggers/new-activity.ts'
import { trigNewDealV2 } from '../../catalog/contract/triggers/new-deal.ts'
import { filtersHash, readSubscription } from './read-subscription.ts'

const callbackUrl = 'https://hooks.example.com/in/1'
const deals = (body: Record<string, unknown>) => readSubscription(trigNewDealV2, { callbackUrl, ...body })

test('empty fields are not filters, and numbers may be strings', () => {
  expect(deals({ stage_id: '', pipeline_id: ' 2 ', owner_id: null })).toEqual({
    callbackUrl,
    format: 'record',
    sign: false,
    filters: { pipeline_id: 2 },
  })
})

test('a trigger accepts its own filters only', () => {
  expect(readSubscription(trigNewActivity, { callbackUrl, type: 'call' }).filters).toEqual({ type: 'call' })
  expect(() => deals({ type: 'call' })).toThrow(/^type: is not a field of this operation/)
})

test('the format standard-webhooks is always signed', () => {
  expect(deals({ format: 'Standard-Webhooks' })).toMatchObject({ format: 'standard-webhooks', sign: true })
  expect(deals({ sign: 'true' })).toMatchObject({ format: 'record', sign: true })
  expect(deals({ format: 'cloudevents' })).toMatchObject({ sign: false })
})

test('deliveries are sent to a URL or fetched, never both', () => {
  expect(deals({ callbackUrl: '', pull: true })).toMatchObject({ callbackUrl: undefined })
  expect(() => deals({ pull: true })).toThrow('callbackUrl: cannot be combined with "pull"')
  expect(() => deals({ callbackUrl: ' ' })).toThrow('callbackUrl: is required')
  expect(() => deals({ callbackUrl: { url: callbackUrl } })).toThrow('callbackUrl: takes a single value')
})

test('the order of filters makes no difference', () => {
  expect(filtersHash({ stage_id: 1, pipeline_id: 2 })).toBe(filtersHash({ pipeline_id: 2, stage_id: 1 }))
  expect(filtersHash({ stage_id: 1 })).not.toBe(filtersHash({ stage_id: 2 }))
  expect(filtersHash({})).not.toBe(filtersHash({ stage_id: 1 }))
})
