import { expect, test } from 'vitest'
import { type RecordData, sandboxClient } from '../sandbox-client.fixture.ts'

const [alice, bob] = [21470311, 21470312]
const BOB = 'sandbox-bob'

interface Page {
  data: RecordData[]
  additional_data: { pagination: Record<string, unknown> }
}

test.each(['/v1', '/api/v1'])('%s: a note on a deal is also about its person and organization', async (prefix) => {
  const { ask, data } = sandboxClient()
  const reply = await ask<{ data: RecordData }>('POST', `${prefix}/notes`, { content: '<b>Hello</b>', deal_id: 2, pinned_to_deal_flag: 1 })
  expect(reply.status).toBe(201)
  expect(reply.body.data).toEqual({
    id: 7,
    user_id: alice,
    deal_id: 2,
    person_id: 2,
    org_id: 2,
    lead_id: null,
    project_id: null,
    task_id: null,
    content: '<b>Hello</b>',
    add_time: '2026-11-22 10:00:00',
    update_time: '2026-11-22 10:00:00',
    active_flag: true,
    pinned_to_lead_flag: false,
    pinned_to_deal_flag: true,
    pinned_to_organization_flag: false,
    pinned_to_person_flag: false,
    pinned_to_project_flag: false,
    pinned_to_task_flag: false,
    last_update_user_id: null,
    organization: { name: 'Bluebird Hotels' },
    person: { name: 'Marcus Webb' },
    deal: { title: 'Bluebird Boston lobby' },
    lead: null,
    project: null,
    task: null,
    user: { email: 'alice@brightwater.example', name: 'Alice Andersson', icon_url: null, is_you: true },
  })
  expect(await data('GET', `${prefix}/notes/7`)).toEqual(reply.body.data)
})

test('notes_count counts the notes of a deal, a person, an organization', async () => {
  const { data } = sandboxClient()
  const count = async (path: string) => (await data('GET', `/api/v2/${path}?include_fields=notes_count`))['notes_count']
  const counts = () => Promise.all(['deals/1', 'deals/2', 'persons/1', 'organizations/1'].map(count))
  expect(await counts()).toEqual([4, 1, 0, 0])
  const { id } = await data('POST', '/v1/notes', { content: 'x', deal_id: 1 })
  expect(await counts()).toEqual([5, 1, 1, 1])
  expect(await data('DELETE', `/v1/notes/${id}`)).toBe(true)
  expect(await counts()).toEqual([4, 1, 0, 0])
})

test('PUT changes a note and stores the user', async () => {
  const { data, clock, ask } = sandboxClient()
  clock.advance(60_000)
  const changed = await data('PUT', '/v1/notes/5', { content: 'Granite', deal_id: null, org_id: '2', pinned_to_organization_flag: true })
  expect(changed).toMatchObject({
    content: 'Granite',
    deal_id: null,
    org_id: 2,
    pinned_to_organization_flag: true,
    update_time: '2026-11-22 10:01:00',
    last_update_user_id: alice,
  })
  expect((await ask('PUT', '/v1/notes/5', { org_id: null })).status).toBe(400)
})

test('a deleted note is inactive and cannot be changed', async () => {
  const { data, ask } = sandboxClient()
  await data('DELETE', '/v1/notes/1')
  expect((await data('GET', '/v1/notes/1'))['active_flag']).toBe(false)
  expect((await ask('PUT', '/v1/notes/1', { content: 'x' })).status).toBe(404)
  expect((await ask('DELETE', '/v1/notes/1')).status).toBe(404)
})

test.each([
  [{ deal_id: 1 }, 400, 'content: This value is required.'],
  [{ content: 'x' }, 400, 'One of deal_id, lead_id, person_id, org_id, project_id, task_id must be given.'],
  [{ content: 'x', deal_id: 999 }, 404, 'Deal not found or not accessible.'],
  [{ content: 'x', lead_id: 'nothing' }, 404, 'Lead not found or not accessible.'],
  [{ content: 'x', person_id: 15 }, 404, 'Person not found or not accessible.'],
  [{ content: 'x', project_id: 1 }, 404, 'Project not found or not accessible.'],
  [{ content: 'x', deal_id: 1, user_id: 21470316 }, 404, 'User not found or not accessible.'],
  [{ content: 'x', deal_id: 'one' }, 400, "Validation failed: deal_id: The value is not a valid 'integer'"],
])('a note %j is refused', async (body, status, error) => {
  const reply = await sandboxClient().ask('POST', '/v1/notes', body)
  expect([reply.status, reply.body]).toEqual([
    status,
    {
      success: false,
      error,
      error_info: 'Please check developers.pipedrive.com for more information about Pipedrive API.',
      data: null,
      additional_data: null,
    },
  ])
})

test('notes are listed by what they are about, by whom, since when, and how they are pinned', async () => {
  const { ids } = sandboxClient()
  expect(await ids('/v1/notes')).toEqual([1, 2, 3, 4, 5, 6])
  expect(await ids('/v1/notes?deal_id=1')).toEqual([1, 2, 3, 4])
  expect(await ids('/v1/notes?deal_id=1&user_id=21470312')).toEqual([2])
  expect(await ids('/v1/notes?lead_id=2b1c9a30-6a5f-11f1-9d2e-7f4c1b0d8e55')).toEqual([6])
  expect(await ids('/v1/notes?pinned_to_deal_flag=1')).toEqual([1])
  expect(await ids('/v1/notes?pinned_to_deal_flag=0&deal_id=1')).toEqual([2, 3, 4])
  expect(await ids('/v1/notes?start_date=2026-11-01')).toEqual([3, 4, 6])
  expect(await ids('/v1/notes?end_date=2026-09-30')).toEqual([1, 2])
  expect(await ids('/v1/notes?updated_since=2026-11-14T00:00:00Z')).toEqual([4, 6])
  expect(await ids('/v1/notes?never_heard_of=1&deal_id=2')).toEqual([5])
})

test('notes are sorted by several fields, in both directions', async () => {
  const { ids, ask } = sandboxClient()
  expect(await ids('/v1/notes?sort=deal_id%20DESC,add_time%20DESC')).toEqual([5, 4, 3, 2, 1, 6])
  expect((await ask('GET', '/v1/notes?sort=colour%20ASC')).status).toBe(400)
})

test('pages of v1 go by start and limit', async () => {
  const { ask } = sandboxClient()
  const page = async (query: string) => {
    const { body } = await ask<Page>('GET', `/v1/notes?${query}`)
    return [body.data.map(({ id }) => id), body.additional_data.pagination]
  }
  expect(await page('limit=4')).toEqual([[1, 2, 3, 4], { start: 0, limit: 4, more_items_in_collection: true, next_start: 4 }])
  expect(await page('limit=4&start=4')).toEqual([[5, 6], { start: 4, limit: 4, more_items_in_collection: false }])
  expect(await page('limit=9999&start=6')).toEqual([[], { start: 6, limit: 500, more_items_in_collection: false }])
})

test('a note is as visible as what it is about, and only administrators write for others', async () => {
  const { data, ask, ids } = sandboxClient()
  const { id } = await data('POST', '/v1/notes', { content: 'secret', deal_id: 6, user_id: bob })
  expect(id).toBe(7)
  expect((await ask('GET', '/v1/notes/7', undefined, BOB)).status).toBe(404)
  expect(await ids('/v1/notes', BOB)).not.toContain(7)
  expect((await ask('POST', '/v1/notes', { content: 'x', deal_id: 2, user_id: alice }, BOB)).status).toBe(403)
})
