import { expect, test } from 'vitest'
import { sandboxClient } from '../sandbox-client.fixture.ts'
import { loadWorld } from '../seed/load-world.ts'
import type { User } from './company.ts'
import type { Follower, Owned } from './records.ts'
import { canSee, usersWhoSee } from './visibility.ts'

const BOB = 'sandbox-bob'
const [bob, chloe] = [21470312, 21470313]

const kinds = [
  ['deals', '/api/v2/deals', { title: 'x' }],
  ['persons', '/api/v2/persons', { name: 'x' }],
  ['organizations', '/api/v2/organizations', { name: 'x' }],
  ['products', '/api/v2/products', { name: 'x' }],
] as const

test.each(kinds)('small plan, %s: 1 is for the owner and followers, 3 for all users', async (_kind, path, body) => {
  const { data, ask, ids } = sandboxClient()
  const { id } = await data('POST', path, { ...body, owner_id: chloe, visible_to: 1 })
  const visible = async () => [(await ask('GET', `${path}/${id}`, undefined, BOB)).status, await ids(`${path}?ids=${id}`, BOB)]
  expect(await visible()).toEqual([404, []])
  await data('POST', `${path}/${id}/followers`, { user_id: bob })
  expect(await visible()).toEqual([200, [id]])
  await data('DELETE', `${path}/${id}/followers/${bob}`)
  expect(await visible()).toEqual([404, []])
  await data('PATCH', `${path}/${id}`, { visible_to: 3 })
  expect(await visible()).toEqual([200, [id]])
  await data('PATCH', `${path}/${id}`, { visible_to: 1, owner_id: bob })
  expect(await visible()).toEqual([200, [id]])
})

test('small plan, leads: 1 is for the owner and followers, 3 for all users', async () => {
  const { data, ask } = sandboxClient()
  const { id } = await data('POST', '/v1/leads', { title: 'x', person_id: 1, owner_id: chloe, visible_to: '1' })
  const visible = async () => (await ask('GET', `/v1/leads/${id}`, undefined, BOB)).status
  expect(await visible()).toBe(404)
  await data('PATCH', `/v1/leads/${id}`, { visible_to: '3' })
  expect(await visible()).toBe(200)
})

test('administrators see everything', async () => {
  const { ids } = sandboxClient()
  expect(await ids('/api/v2/deals?ids=14')).toEqual([14])
})

// The company of the large plan, with a user in every visibility group: 1 above 2 and 3, and 4 below 2.
function largeCompany() {
  const { company, user: carol } = loadWorld(0).get('sandbox-carol')!
  company.groups.set(4, { id: 4, name: 'Below', parent_id: 2 })
  const member = (id: number, group_id: number): User => ({ ...carol, id, group_id, is_admin: false })
  company.users.clear()
  for (const user of [member(10, 1), member(20, 2), member(21, 2), member(30, 3), member(40, 4)]) company.users.set(user.id, user)
  const see = (visible_to: number, followers: Follower[] = []) =>
    usersWhoSee({ owner_id: 20, visible_to, followers } as Owned, { company, user: company.users.get(20)!, now: 0 }).map(({ id }) => id)
  return { company, see }
}

test("large plan: the owner, the owner's group, the group with its sub-groups, all users", () => {
  const { see } = largeCompany()
  expect([1, 3, 5, 7].map((level) => see(level))).toEqual([[20], [20, 21], [20, 21, 40], [10, 20, 21, 30, 40]])
})

test('large plan: following gives no access', () => {
  const { see } = largeCompany()
  expect([1, 3, 5].map((level) => see(level, [{ user_id: 30, since: 0 }]))).toEqual([[20], [20, 21], [20, 21, 40]])
})

test('small plan: a pending or former follower sees nothing', () => {
  const { company, user } = loadWorld(0).get('sandbox-bob')!
  const visible = (follower: Follower, now: number) =>
    canSee({ owner_id: chloe, visible_to: 1, followers: [follower] } as Owned, { company, user, now })
  expect([9, 10].map((now) => visible({ user_id: bob, since: 10 }, now))).toEqual([false, true])
  expect([19, 20].map((now) => visible({ user_id: bob, since: 10, until: 20 }, now))).toEqual([true, false])
})
