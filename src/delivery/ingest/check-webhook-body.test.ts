import { expect, test } from 'vitest'
import { bodyOf, dealData } from '../process/webhook.fixture.ts'
import { checkBody } from './check-webhook-body.ts'

const expected = { companyId: 1, kind: 'deal' }
const check = (...body: Parameters<typeof bodyOf>) => checkBody(bodyOf(...body), expected)

test('a body that Pipedrive sends to this webhook is accepted, with ids as strings or numbers', () => {
  expect(() => check('change', dealData, {})).not.toThrow()
  expect(() => check('create', { ...dealData, id: '7' }, null, { entity_id: 7, company_id: 1 })).not.toThrow()
  expect(() => check('delete', null, dealData)).not.toThrow()
})

test.each<[string, () => void]>([
  ['meta', () => checkBody({}, expected)],
  ['meta', () => checkBody({ meta: null }, expected)],
  ['meta.entity', () => check('change', dealData, {}, { entity: 'person' })],
  ['meta.version', () => check('change', dealData, {}, { version: '1.0' })],
  ['meta.company_id', () => check('change', dealData, {}, { company_id: '2' })],
  ['meta.action', () => check('archived', dealData, {})],
  ['meta.id', () => check('change', dealData, {}, { id: '' })],
  ['meta.id', () => check('change', dealData, {}, { id: 'x'.repeat(201) })],
  ['meta.entity_id', () => check('delete', null, null, { entity_id: 'x' })],
  ['data', () => check('change', null, {})],
  ['data.id', () => check('change', dealData, {}, { entity_id: '8' })],
  ['previous', () => checkBody({ ...bodyOf('change', dealData, {}), previous: 'open' }, expected)],
])('a wrong %s is rejected and named', (field, run) => {
  expect(run).toThrow(expect.objectContaining({ code: 'HookBodyInvalid', details: [expect.objectContaining({ field })] }))
})
