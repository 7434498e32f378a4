import { expect, test } from 'vitest'
import { tester } from '../ask.fixture.ts'

test('a person is created, changed, listed and deleted', async () => {
  const { data, ids } = tester()
  const made = await data('POST', '/api/v2/persons', { name: 'Ada King Lovelace', org_id: 1, emails: [{ value: 'ada@example.org' }] })
  expect(made).toMatchObject({
    id: 16,
    first_name: 'Ada',
    last_name: 'King Lovelace',
    emails: [{ value: 'ada@example.org', primary: true, label: 'work' }],
    phones: [],
    custom_fields: null,
  })
  expect((await data('PATCH', '/api/v2/persons/16', { phones: [{ value: '1', label: 'home', primary: true }] }))['phones']).toHaveLength(1)
  expect(await ids('/api/v2/persons?org_id=1')).toEqual([1, 16])
  await data('DELETE', '/api/v2/persons/16')
  expect(await ids('/api/v2/persons?ids=1,16,999')).toEqual([1])
})

test('persons can be found by their deal', async () => {
  expect(await tester().ids('/api/v2/persons?deal_id=1')).toEqual([1])
})

test('an organization is created, changed, listed and deleted', async () => {
  const { data, ids } = tester()
  const made = await data('POST', '/api/v2/organizations', { name: 'Zenith', address: { value: 'Main St 1' }, employee_count: null })
  expect(made).toMatchObject({ id: 13, name: 'Zenith', address: { value: 'Main St 1' }, employee_count: null, owner_id: 21470311 })
  expect((await data('PATCH', '/api/v2/organizations/13', { website: 'https://z.example' }))['website']).toBe('https://z.example')
  await data('DELETE', '/api/v2/organizations/13')
  expect(await ids('/api/v2/organizations?ids=12,13')).toEqual([12])
})

test('counts of contacts come from their deals and activities', async () => {
  const { data } = tester()
  const shown = await data('GET', '/api/v2/persons/3?include_fields=open_deals_count,won_deals_count,closed_deals_count,activities_count')
  expect(shown).toMatchObject({ open_deals_count: 1, won_deals_count: 2, closed_deals_count: 2, activities_count: 2 })
  expect((await data('GET', '/api/v2/organizations/10?include_fields=people_count'))['people_count']).toBe(1)
})

test('add_time can be given at creation, not later', async () => {
  const { data, ask } = tester()
  const made = await data('POST', '/api/v2/organizations', { name: 'Old', add_time: '2020-01-01T00:00:00Z' })
  expect(made['add_time']).toBe('2020-01-01T00:00:00Z')
  expect((await ask('PATCH', '/api/v2/organizations/13', { add_time: '2021-01-01T00:00:00Z' })).status).toBe(400)
})
