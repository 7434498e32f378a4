import { expect, test } from 'vitest'
import { sandboxClient } from '../sandbox-client.fixture.ts'

const [alice, bob] = [21470311, 21470312]
const ORDER = '4f9a1c07d2be63581e0f7a94c5d8b3e26017fa9c'

interface Flow {
  data: { object: string; timestamp: string; data: Record<string, unknown> }[]
}

test.each(['/v1', '/api/v1'])('%s: the changelog of a deal lists each field change with its user, newest first', async (prefix) => {
  const { data, clock, ask } = sandboxClient()
  await data('PATCH', '/api/v2/deals/2', { title: 'Lobby', value: 70000 }, 'sandbox-bob')
  clock.advance(1_000)
  await data('PATCH', '/api/v2/deals/2', { stage_id: 5, custom_fields: { [ORDER]: 'PO-7' } })
  const { body } = await ask<{ data: Record<string, unknown>[]; additional_data: { next_cursor: string } }>(
    'GET',
    `${prefix}/deals/2/changelog?limit=3`,
  )
  const summaries = (entries: Record<string, unknown>[]) =>
    entries.map((entry) => [entry['field_key'], entry['old_value'], entry['new_value']])
  expect(summaries(body.data)).toEqual([
    [ORDER, null, 'PO-7'],
    ['stage_id', '4', '5'],
    ['value', '64250', '70000'],
  ])
  expect(body.data[1]).toMatchObject({
    actor_user_id: alice,
    time: '2026-11-22 10:00:01',
    change_source: 'api',
    is_bulk_update_flag: false,
  })
  const rest = await data<Record<string, unknown>[]>('GET', `${prefix}/deals/2/changelog?cursor=${body.additional_data.next_cursor}`)
  expect(summaries(rest)).toEqual([['title', 'Bluebird Boston lobby', 'Lobby']])
  expect(rest[0]).toMatchObject({ actor_user_id: bob })
})

test('the flow of a deal has its changes, activities and notes; those of custom fields only on demand', async () => {
  const { data, ask, clock } = sandboxClient()
  clock.advance(1_000)
  await data('PATCH', '/api/v2/deals/2', { title: 'Lobby', custom_fields: { [ORDER]: 'PO-7' } })
  const flow = async (query = '') => (await ask<Flow>('GET', `/v1/deals/2/flow${query}`)).body.data
  const all = await flow()
  expect(all.map(({ object }) => object)).toEqual(['dealChange', 'activity', 'activity', 'note', 'activity'])
  expect(all[0]).toMatchObject({ timestamp: '2026-11-22 10:00:01', data: { item_id: 2, field_key: 'title', new_value: 'Lobby' } })
  expect(await flow('?all_changes=1')).toHaveLength(6)
  expect((await flow('?items=note,change')).map(({ object }) => object)).toEqual(['dealChange', 'note'])
})

test.each(['persons', 'organizations'])('%s have a changelog and a flow', async (kind) => {
  const { data, ask } = sandboxClient()
  await data('PATCH', `/api/v2/${kind}/1`, { name: 'Other', owner_id: bob })
  const log = await data<Record<string, unknown>[]>('GET', `/v1/${kind}/1/changelog`)
  expect(log.map((entry) => entry['field_key'])).toEqual(expect.arrayContaining(['name', 'user_id']))
  expect((await ask<Flow>('GET', `/v1/${kind}/1/flow?items=${kind.slice(0, -1)}Change`)).body.data.length).toBe(log.length)
  expect((await ask('GET', `/v1/${kind}/999/changelog`)).status).toBe(404)
})

test('hidden records have no changelog', async () => {
  const { ask } = sandboxClient()
  expect((await ask('GET', '/v1/deals/6/changelog', undefined, 'sandbox-bob')).status).toBe(404)
  expect((await ask('GET', '/v1/deals/6/flow', undefined, 'sandbox-bob')).status).toBe(404)
})
