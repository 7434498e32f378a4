import { expect, test } from 'vitest'
import { type RecordData, sandboxClient } from '../sandbox-client.fixture.ts'

const [alice, chloe] = [21470311, 21470313]
const BOB = 'sandbox-bob'
const SEEDED = '2b1c9a30-6a5f-11f1-9d2e-7f4c1b0d8e55'
const HOT = 'f3b0c442-6a5e-11f1-8d41-2f9c5e7a1b01'
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

const titles = (leads: RecordData[]) => leads.map((lead) => lead['title'])

test.each(['/v1', '/api/v1'])('%s: a lead has a UUID, its visibility as a text, and times with milliseconds', async (prefix) => {
  const { ask, data } = sandboxClient()
  const reply = await ask<{ data: Record<string, unknown> }>('POST', `${prefix}/leads`, {
    title: 'New',
    person_id: 1,
    value: { amount: 12.5, currency: 'EUR' },
    label_ids: [HOT],
    expected_close_date: '2026-12-24',
  })
  expect(reply.status).toBe(201)
  const { id, cc_email, ...rest } = reply.body.data
  expect(id).toMatch(UUID)
  expect(cc_email).toMatch(/^brightwater\+13204417\+lead[0-9a-f]+@pipedrivemail\.com$/)
  expect(rest).toEqual({
    title: 'New',
    owner_id: alice,
    creator_id: alice,
    label_ids: [HOT],
    value: { amount: 12.5, currency: 'EUR' },
    expected_close_date: '2026-12-24',
    person_id: 1,
    organization_id: null,
    is_archived: false,
    source_name: 'API',
    source_deal_id: null,
    origin: 'API',
    origin_id: null,
    channel: null,
    channel_id: null,
    was_seen: false,
    next_activity_id: null,
    add_time: '2026-11-22T10:00:00.000Z',
    update_time: '2026-11-22T10:00:00.000Z',
    visible_to: '3',
  })
  expect(await data('GET', `${prefix}/leads/${String(id)}`)).toEqual(reply.body.data)
})

test('leads are listed from oldest to newest; archived ones have a list of their own', async () => {
  const { data } = sandboxClient()
  expect(titles(await data('GET', '/v1/leads'))).toEqual(['Trade fair contact: Camille', 'Request for 40 desks', 'Priya, second office'])
  expect(titles(await data('GET', '/v1/leads/archived'))).toEqual(['Old catalogue request'])
  expect(titles(await data('GET', '/v1/leads?sort=title%20DESC'))[0]).toBe('Trade fair contact: Camille')
  expect(titles(await data('GET', '/v1/leads?organization_id=3'))).toEqual(['Trade fair contact: Camille'])
  expect(titles(await data('GET', '/v1/leads?updated_since=2026-11-14T00:00:00Z'))).toEqual(['Priya, second office'])
})

test('a PATCH changes the given fields, and null clears one', async () => {
  const { data, ask, clock } = sandboxClient()
  clock.advance(1_000)
  const changed = await data('PATCH', `/v1/leads/${SEEDED}`, { value: null, organization_id: null, was_seen: true, is_archived: true })
  expect(changed).toMatchObject({
    value: null,
    organization_id: null,
    person_id: 10,
    was_seen: true,
    is_archived: true,
    update_time: '2026-11-22T10:00:01.000Z',
  })
  expect(titles(await data('GET', '/v1/leads/archived'))).toContain('Request for 40 desks')
  expect((await ask('PATCH', `/v1/leads/${SEEDED}`, { person_id: null })).body.error).toBe(
    'A lead must be linked to a person or an organization.',
  )
})

test('leads accept the custom fields of deals at the top level, and return those with a value', async () => {
  const { data } = sandboxClient()
  const [order, fee] = ['4f9a1c07d2be63581e0f7a94c5d8b3e26017fa9c', 'b07e5d3389c1f24a6d90e8175bc2f4a3d61e9078']
  const path = `/v1/leads/${SEEDED}`
  expect(await data('PATCH', path, { [order]: 'PO-1', [fee]: 20, [`${fee}_currency`]: 'EUR' })).toMatchObject({
    [order]: 'PO-1',
    [fee]: 20,
    [`${fee}_currency`]: 'EUR',
  })
  expect(await data('PATCH', path, { [order]: null })).not.toHaveProperty(order)
})

test('fields that leads do not have are refused', async () => {
  const { ask } = sandboxClient()
  const body = { title: 'x', person_id: 1, org_id: 1 }
  expect((await ask('POST', '/v1/leads', body)).body.error).toBe('"org_id" is not allowed')
})

test.each([
  [{ person_id: 1 }, 400, 'title: This value is required.'],
  [{ title: 'x' }, 400, 'A lead must be linked to a person or an organization.'],
  [{ title: 'x', person_id: 999 }, 400, 'person_id: Person not found or not accessible.'],
  [{ title: 'x', person_id: 1, label_ids: ['none'] }, 400, 'label_ids: Label not found.'],
  [{ title: 'x', person_id: 1, value: { amount: 1, currency: 'XXX' } }, 400, 'value.currency: Currency not found or not active.'],
  [{ title: 'x', person_id: 1, visible_to: '7' }, 403, 'Visibility is not available in your plan.'],
])('a lead %j is refused', async (body, status, error) => {
  const reply = await sandboxClient().ask('POST', '/v1/leads', body)
  expect([reply.status, reply.body.error]).toEqual([status, error])
})

test("a missing lead is a 404 with the lead service's text", async () => {
  const { ask, data } = sandboxClient()
  expect(await data('DELETE', `/v1/leads/${SEEDED}`)).toEqual({ id: SEEDED })
  for (const method of ['GET', 'DELETE', 'PATCH']) {
    const reply = await ask(method, `/v1/leads/${SEEDED}`, method === 'PATCH' ? { title: 'x' } : undefined)
    expect([reply.status, reply.body]).toEqual([
      404,
      { success: false, error: 'requested lead not found', error_info: 'Object was not found.', data: null, additional_data: null },
    ])
  }
})

test('a lead is visible to owner and followers, or to all users', async () => {
  const { data, ask } = sandboxClient()
  const visible = titles(await data('GET', '/v1/leads', undefined, BOB))
  expect(visible).toEqual(['Trade fair contact: Camille', 'Request for 40 desks'])
  const [camille] = await data<RecordData[]>('GET', '/v1/leads?organization_id=3')
  await data('PATCH', `/v1/leads/${camille!.id}`, { owner_id: chloe, visible_to: '3' })
  const [priya] = await data<RecordData[]>('GET', '/v1/leads?person_id=13')
  expect((await ask('GET', `/v1/leads/${priya!.id}`, undefined, BOB)).status).toBe(404)
  expect(titles(await data('GET', '/v1/leads', undefined, 'sandbox-carol'))).toEqual(['Anfrage Baumschule Petersen'])
})

test('next_activity_id is the next activity about the lead', async () => {
  const { data } = sandboxClient()
  expect((await data('GET', `/v1/leads/${SEEDED}`))['next_activity_id']).toBe(29)
  await data('PATCH', '/api/v2/activities/29', { done: true })
  expect((await data('GET', `/v1/leads/${SEEDED}`))['next_activity_id']).toBeNull()
})

test('lead labels are made, changed and deleted, and leads lose them', async () => {
  const { data, ask } = sandboxClient()
  const label = await data('POST', '/v1/leadLabels', { name: 'Warm', color: 'yellow' })
  expect(label).toMatchObject({ id: expect.stringMatching(UUID), name: 'Warm', color: 'yellow', add_time: '2026-11-22T10:00:00.000Z' })
  expect(await data('PATCH', `/v1/leadLabels/${label.id}`, { color: 'pink' })).toMatchObject({ name: 'Warm', color: 'pink' })
  expect((await ask('POST', '/v1/leadLabels', { name: 'x', color: 'black' })).status).toBe(400)
  expect((await ask('POST', '/v1/leadLabels', { name: 'x' })).status).toBe(400)
  expect(await data('DELETE', `/v1/leadLabels/${HOT}`)).toEqual({ id: HOT })
  expect((await data<RecordData[]>('GET', '/v1/leadLabels')).map((one) => one['name'])).toEqual(['Cold', 'Warm'])
  expect((await data('GET', `/v1/leads/${SEEDED}`))['label_ids']).toEqual([])
  expect((await ask('DELETE', `/v1/leadLabels/${HOT}`)).status).toBe(404)
})

test('the list of lead sources is fixed', async () => {
  const sources = await sandboxClient().data<{ name: string }[]>('GET', '/v1/leadSources')
  expect(sources).toHaveLength(10)
  expect(sources[9]).toEqual({ name: 'API' })
})
