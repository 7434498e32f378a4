import { expect, test } from 'vitest'
import { sandboxClient } from '../sandbox-client.fixture.ts'

interface Recents {
  data: { item: string; id: number; data: Record<string, unknown> }[]
  additional_data: Record<string, unknown>
}

const since = '2026-11-22%2009:00:00'

test.each(['/v1', '/api/v1'])('%s: what changed since then, oldest first, in the form of v1', async (prefix) => {
  const { data, ask, clock } = sandboxClient()
  await data('PATCH', '/api/v2/deals/2', { title: 'Renamed' })
  clock.advance(1_000)
  await data('POST', '/api/v2/activities', { subject: 'Soon', deal_id: 2, type: 'call', due_time: '10:30' })
  const { body } = await ask<Recents>('GET', `${prefix}/recents?since_timestamp=${since}&items=deal,activity,note`)
  expect(body.data.map(({ item, id }) => `${item} ${id}`)).toEqual(['deal 2', 'activity 41'])
  expect(body.data[0]?.data).toMatchObject({
    title: 'Renamed',
    user_id: 21470312,
    person_id: 2,
    org_id: 2,
    active: true,
    deleted: false,
    visible_to: '3',
    update_time: '2026-11-22 10:00:00',
    person_name: 'Marcus Webb',
    org_name: 'Bluebird Hotels',
    owner_name: 'Bob Becker',
    stage_order_nr: 3,
    next_activity_id: 41,
    next_activity_type: 'call',
  })
  expect(body.data[1]?.data).toMatchObject({
    subject: 'Soon',
    due_time: '10:30',
    done: false,
    deal_title: 'Renamed',
    marked_as_done_time: '',
  })
  expect(body.additional_data).toEqual({
    since_timestamp: '2026-11-22 09:00:00',
    last_timestamp_on_page: '2026-11-22 10:00:01',
    pagination: { start: 0, limit: 100, more_items_in_collection: false },
  })
})

test('v1 spreads addresses over fields: empty parts of a known address, null without one', async () => {
  const { data, ask } = sandboxClient()
  await data('POST', '/api/v2/organizations', { name: 'Somewhere', address: { value: 'Sveav. 1', locality: 'Stockholm' } })
  await data('POST', '/api/v2/organizations', { name: 'Nowhere' })
  const { body } = await ask<Recents>('GET', `/v1/recents?since_timestamp=${since}&items=organization`)
  const [somewhere, nowhere] = body.data.map((recent) => recent.data)
  expect(somewhere).toMatchObject({ address: 'Sveav. 1', address_locality: 'Stockholm', address_route: '' })
  expect(nowhere).toMatchObject({ address: null, address_locality: null, address_route: null })
})

test('a deal returns only a flag for a hidden person', async () => {
  const { data, ask } = sandboxClient()
  await data('PATCH', '/api/v2/deals/18', { title: 'Bergen' })
  const visible = async (key?: string) =>
    (await ask<Recents>('GET', `/v1/recents?since_timestamp=${since}&items=deal`, undefined, key)).body.data[0]?.data
  expect(await visible()).toMatchObject({ person_name: 'Ingrid Haugen', person_hidden: false, org_hidden: false })
  expect(await visible('sandbox-bob')).toMatchObject({
    person_id: 6,
    person_name: null,
    person_hidden: true,
    org_name: null,
    org_hidden: true,
  })
})

test('hidden records are not in recents', async () => {
  const { data, ask } = sandboxClient()
  await data('PATCH', '/api/v2/deals/6', { title: 'Secret' })
  const { body } = await ask<Recents>('GET', `/v1/recents?since_timestamp=${since}&items=deal`, undefined, 'sandbox-bob')
  expect(body.data).toEqual([])
})

test('every kind can be selected; other names and a missing time are refused', async () => {
  const { ask } = sandboxClient()
  const { body } = await ask<Recents>('GET', '/v1/recents?since_timestamp=2026-01-01%2000:00:00&limit=500')
  expect(new Set(body.data.map(({ item }) => item))).toEqual(
    new Set(['activity', 'activityType', 'deal', 'note', 'organization', 'person', 'product', 'user']),
  )
  expect((await ask('GET', '/v1/recents?since_timestamp=2026-01-01%2000:00:00&items=lead')).status).toBe(400)
  expect((await ask('GET', '/v1/recents')).status).toBe(400)
})
