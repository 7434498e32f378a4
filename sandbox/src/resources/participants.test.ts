import { expect, test } from 'vitest'
import { type RecordData, sandboxClient } from '../sandbox-client.fixture.ts'

const [alice, bob, chloe, diego, emi, grace] = [21470311, 21470312, 21470313, 21470314, 21470315, 21470317]

const names = (list: RecordData[]) => list.map((one) => (one['person'] as { name: string }).name)

test.each(['/v1', '/api/v1'])("%s: the deal's person is a participant, and so are added persons", async (prefix) => {
  const { data } = sandboxClient()
  const path = `${prefix}/deals/1/participants`
  const count = async () => (await data('GET', '/api/v2/deals/1?include_fields=participants_count'))['participants_count']
  expect(await count()).toBe(1)
  const added = await data('POST', path, { person_id: 8 })
  expect(added).toMatchObject({
    person_id: { name: 'Denise Carter', value: 8, active_flag: true },
    add_time: '2026-11-22 10:00:00',
    related_item_data: { deal_id: 1, title: 'Acme headquarters, floors 3 to 5' },
    person: { id: 8, org_name: 'Hollister University', owner_id: { id: bob, name: 'Bob Becker' }, participant_open_deals_count: 1 },
    added_by_user_id: { id: alice },
    related_item_type: 'deal',
    related_item_id: 1,
  })
  expect(names(await data('GET', path))).toEqual(['Jane Smith', 'Denise Carter'])
  expect(await count()).toBe(2)
  expect(await data('DELETE', `${path}/${added.id}`)).toEqual({ id: added.id })
  expect(await count()).toBe(1)
})

test('lists of participants have related objects without duplicates', async () => {
  const { ask } = sandboxClient()
  const { body } = await ask<{ related_objects: object }>('GET', '/v1/deals/1/participants')
  expect(body.related_objects).toMatchObject({
    user: { [alice]: { id: alice, name: 'Alice Andersson' } },
    person: { 1: { id: 1, name: 'Jane Smith' } },
    organization: { 1: { id: 1, owner_id: expect.any(Number) as number } },
  })
})

test('without its own participant a deal has no person', async () => {
  const { data } = sandboxClient()
  const [own] = await data<RecordData[]>('GET', '/v1/deals/1/participants')
  await data('DELETE', `/v1/deals/1/participants/${own!.id}`)
  expect((await data('GET', '/api/v2/deals/1'))['person_id']).toBeNull()
})

test('a participant cannot be added twice, nor an unknown person', async () => {
  const { ask } = sandboxClient()
  const refused = async (person_id: number) => (await ask('POST', '/v1/deals/1/participants', { person_id })).body.error
  expect(await refused(1)).toBe('Person is already a participant of the deal.')
  expect(await refused(999)).toBe('Person not found or not accessible.')
  expect((await ask('DELETE', '/v1/deals/1/participants/999')).status).toBe(404)
  expect((await ask('GET', '/v1/deals/999/participants')).status).toBe(404)
})

test('the changelog of participants has a cursor', async () => {
  const { data, clock, ask } = sandboxClient()
  const added = await data('POST', '/v1/deals/1/participants', { person_id: 8 })
  clock.advance(1_000)
  await data('DELETE', `/v1/deals/1/participants/${added.id}`)
  const { body } = await ask<{ data: object[]; additional_data: object }>('GET', '/v1/deals/1/participantsChangelog')
  expect(body.data).toEqual([
    { actor_user_id: alice, person_id: 8, action: 'removed', time: '2026-11-22 10:00:01' },
    { actor_user_id: alice, person_id: 8, action: 'added', time: '2026-11-22 10:00:00' },
  ])
  expect(body.additional_data).toEqual({ next_cursor: null })
})

test('the permitted users of a record are the active ones who see it', async () => {
  const { data } = sandboxClient()
  expect(await data('GET', '/v1/deals/1/permittedUsers')).toEqual([alice, bob, chloe, diego, emi, grace])
  expect(await data('GET', '/v1/deals/13/permittedUsers')).toEqual([alice, bob, chloe])
  expect(await data('GET', '/v1/persons/11/permittedUsers')).toEqual([alice, chloe])
  expect(await data('GET', '/v1/organizations/1/permittedUsers')).toHaveLength(6)
  const [camille] = await data<RecordData[]>('GET', '/v1/leads?organization_id=3')
  expect(await data('GET', `/v1/leads/${camille!.id}/permittedUsers`)).toEqual([alice, bob, chloe])
})
