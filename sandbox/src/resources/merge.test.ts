import { expect, test } from 'vitest'
import { type RecordData, sandboxClient } from '../sandbox-client.fixture.ts'
import { webhookClient } from '../webhooks/receiver.fixture.ts'

const counts = 'notes_count,followers_count,activities_count,participants_count,files_count,products_count'

test.each(['/v1', '/api/v1'])('%s: the deal in the path is merged into the other, which keeps its values', async (prefix) => {
  const { data, ask } = sandboxClient()
  const merged = await data('PUT', `${prefix}/deals/2/merge`, { merge_with_id: 1 })
  expect(merged).toMatchObject({
    id: 1,
    merge_what_id: 2,
    title: 'Acme headquarters, floors 3 to 5',
    value: 128400.5,
    currency: 'EUR',
    visible_to: '3',
    active: true,
    update_time: '2026-11-22 10:00:00',
    person_name: 'Jane Smith',
    owner_name: 'Alice Andersson',
  })
  expect(await data('GET', `/api/v2/deals/1?include_fields=${counts}`)).toMatchObject({
    title: 'Acme headquarters, floors 3 to 5',
    person_id: 1,
    notes_count: 5,
    activities_count: 8,
    participants_count: 2,
    files_count: 3,
    products_count: 3,
  })
  expect(await data('GET', '/api/v2/deals/2')).toMatchObject({ is_deleted: true })
  expect((await ask('PUT', `${prefix}/deals/2/merge`, { merge_with_id: 1 })).status).toBe(404)
})

test('a merge fills empty fields, and adds the followers and custom fields', async () => {
  const { data } = sandboxClient()
  const order = '4f9a1c07d2be63581e0f7a94c5d8b3e26017fa9c'
  const { id } = await data('POST', '/api/v2/deals', { title: 'Twin', custom_fields: {} })
  await data('PUT', '/v1/deals/19/merge', { merge_with_id: id })
  const deal = await data('GET', `/api/v2/deals/${id}?custom_fields=${order}`)
  expect(deal).toMatchObject({
    title: 'Twin',
    status: 'open',
    value: 88000,
    currency: 'USD',
    person_id: 8,
    org_id: 8,
    custom_fields: { [order]: 'HU-10045' },
  })
  expect(await data('GET', `/api/v2/deals/${id}/followers`)).toMatchObject([{ user_id: 21470312 }])
})

test('merged persons: deals, activities, leads and notes point at the one that stays', async () => {
  const { data, ids } = sandboxClient()
  const merged = await data('PUT', '/v1/persons/3/merge', { merge_with_id: 1 })
  expect(merged).toMatchObject({ id: 1, merge_what_id: 3, name: 'Jane Smith', org_name: 'Acme Corporation' })
  expect((merged['email'] as { value: string }[]).map(({ value }) => value)).toEqual([
    'jane.smith@acme.example',
    'jane@home.example',
    'camille@lumiere.example',
  ])
  expect(await ids('/api/v2/deals?person_id=3')).toEqual([])
  expect(await ids('/api/v2/deals?person_id=1')).toEqual([1, 3, 11, 12, 15])
  expect(await ids('/api/v2/activities?person_id=3')).toEqual([])
  expect(await data('GET', '/v1/leads?person_id=1')).toMatchObject([{ title: 'Trade fair contact: Camille' }])
})

test('merged organizations: their persons and deals move; the answer is the id', async () => {
  const { data, ids } = sandboxClient()
  expect(await data('PUT', '/v1/organizations/3/merge', { merge_with_id: 1 })).toEqual({ id: 1, merge_what_id: 3 })
  expect(await ids('/api/v2/persons?org_id=1')).toEqual([1, 3])
  expect(await data('GET', '/api/v2/organizations/1')).toMatchObject({ name: 'Acme Corporation', website: 'https://acme.example' })
  expect(await ids('/api/v2/organizations?ids=3')).toEqual([])
})

test('a record cannot be merged with itself, or with what the caller does not see', async () => {
  const { ask } = sandboxClient()
  expect((await ask('PUT', '/v1/deals/1/merge', { merge_with_id: 1 })).body.error).toBe('Deal can not be merged with itself.')
  expect((await ask('PUT', '/v1/deals/1/merge', { merge_with_id: 999 })).status).toBe(404)
  expect((await ask('PUT', '/v1/deals/1/merge', { merge_with_id: 6 }, 'sandbox-bob')).status).toBe(404)
  expect((await ask('PUT', '/v1/deals/1/merge', {})).status).toBe(400)
})

test('a duplicate has the data of the deal and its products, but not what happened to it', async () => {
  const { data } = sandboxClient()
  const copy = await data('POST', '/v1/deals/1/duplicate')
  expect(copy).toMatchObject({
    id: 31,
    title: 'Acme headquarters, floors 3 to 5',
    value: 128400.5,
    stage_change_time: null,
    notes_count: 0,
  })
  const shown = await data('GET', `/api/v2/deals/31?include_fields=${counts}`)
  expect(shown).toMatchObject({ origin: 'API', notes_count: 0, activities_count: 0, products_count: 3, label_ids: [11] })
  const original: RecordData = await data('GET', '/api/v2/deals/1')
  expect(shown['custom_fields']).toEqual(original['custom_fields'])
})

test.each(['deals', 'persons', 'organizations'])('%s: receivers of webhooks get two events, and none of what moves', async (kind) => {
  const client = webhookClient()
  await client.hook('*.*')
  await client.data('PUT', `/v1/${kind}/3/merge`, { merge_with_id: 1 })
  await client.settle()
  expect(client.received.map(({ meta }) => [meta.action, meta.entity, meta.entity_id, meta.merged_to_id, meta.merged_from_id])).toEqual([
    ['delete', kind.slice(0, -1), '3', '1', undefined],
    ['change', kind.slice(0, -1), '1', undefined, '3'],
  ])
})
