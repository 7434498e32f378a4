import { expect, test } from 'vitest'
import { sandboxClient } from '../sandbox-client.fixture.ts'

const [alice, bob, chloe, frank] = [21470311, 21470312, 21470313, 21470316]
const BOB = 'sandbox-bob'

const people = (list: { user_id: number }[]) => list.map(({ user_id }) => user_id)

test.each([
  ['deals', { title: 'x' }],
  ['persons', { name: 'x' }],
  ['organizations', { name: 'x' }],
  ['products', { name: 'x' }],
])('%s: the owner follows after a second; other users can be added and removed', async (kind, body) => {
  const { data, ask, clock } = sandboxClient()
  const { id } = await data('POST', `/api/v2/${kind}`, body)
  const path = `/api/v2/${kind}/${id}/followers`
  expect(await data('GET', path)).toEqual([])
  clock.advance(1_000)
  expect(await data('GET', path)).toEqual([{ user_id: alice, add_time: '2026-11-22T10:00:01Z' }])

  const added = await ask('POST', path, { user_id: bob })
  expect([added.status, added.body]).toEqual([201, { success: true, data: { user_id: bob, add_time: '2026-11-22T10:00:01Z' } }])
  expect(await data('DELETE', `${path}/${alice}`)).toEqual({ user_id: alice })
  expect(people(await data('GET', path))).toEqual([bob])
  expect((await ask('DELETE', `${path}/${alice}`)).status).toBe(404)
})

test('followers_count counts the current followers', async () => {
  const { data } = sandboxClient()
  const count = async () => (await data('GET', '/api/v2/deals/1?include_fields=followers_count'))['followers_count']
  expect(await count()).toBe(2)
  await data('POST', '/api/v2/deals/1/followers', { user_id: chloe })
  expect(await count()).toBe(3)
  await data('DELETE', `/api/v2/deals/1/followers/${bob}`)
  expect(await count()).toBe(2)
  expect((await data('GET', '/api/v2/persons/1?include_fields=followers_count'))['followers_count']).toBe(1)
})

test('a current or pending follower cannot be added again', async () => {
  const { ask, data } = sandboxClient()
  const reply = await ask('POST', '/api/v2/deals/1/followers', { user_id: bob })
  expect([reply.status, reply.body]).toEqual([400, { success: false, error: 'User is already following.' }])
  const { id } = await data('POST', '/api/v2/deals', { title: 'x' })
  expect((await ask('POST', `/api/v2/deals/${id}/followers`, { user_id: alice })).status).toBe(400)
})

test.each([
  [{}, 'user_id: This value is required.'],
  [{ user_id: '1' }, "user_id: The value is not a valid 'integer'"],
  [{ user_id: frank }, 'user_id: User not found or not accessible.'],
  [{ user_id: 31880104 }, 'user_id: User not found or not accessible.'],
  [{ user_id: 1, since: 'x' }, "since: Parameter 'since' is not allowed for this request"],
])('a follower %j is refused', async (body, text) => {
  const reply = await sandboxClient().ask('POST', '/api/v2/deals/1/followers', body)
  expect([reply.status, reply.body.error]).toEqual([400, `Validation failed: ${text}`])
})

test('the changelog has the actor and the follower, newest first', async () => {
  const { data, clock } = sandboxClient()
  clock.advance(60_000)
  await data('POST', '/api/v2/deals/2/followers', { user_id: chloe })
  clock.advance(60_000)
  await data('DELETE', `/api/v2/deals/2/followers/${chloe}`, undefined, BOB)
  const path = '/api/v2/deals/2/followers/changelog'
  const entry = (action: string, actor_user_id: number, follower_user_id: number, time: string) => ({
    action,
    actor_user_id,
    follower_user_id,
    time,
  })
  const log = await data<object[]>('GET', path)
  expect(log).toEqual([
    entry('removed', bob, chloe, '2026-11-22T10:02:00Z'),
    entry('added', alice, chloe, '2026-11-22T10:01:00Z'),
    entry('added', bob, bob, '2026-08-28T10:00:00Z'),
  ])
  expect(await data<object[]>('GET', `${path}?limit=2`)).toHaveLength(2)
})

test('following does not change update_time', async () => {
  const { data } = sandboxClient()
  const { update_time } = await data('GET', '/api/v2/deals/2')
  await data('POST', '/api/v2/deals/2/followers', { user_id: chloe })
  expect((await data('GET', '/api/v2/deals/2'))['update_time']).toBe(update_time)
})

test('a new owner follows too, added by the user who made the change', async () => {
  const { data, clock } = sandboxClient()
  await data('PATCH', '/api/v2/deals/2', { owner_id: chloe })
  clock.advance(1_000)
  expect(people(await data('GET', '/api/v2/deals/2/followers'))).toEqual([bob, chloe])
  expect((await data<object[]>('GET', '/api/v2/deals/2/followers/changelog'))[0]).toMatchObject({
    actor_user_id: alice,
    follower_user_id: chloe,
  })
})

test('on a small plan a follower sees records for owner and followers, until they are removed', async () => {
  const { data, ask } = sandboxClient()
  expect((await ask('GET', '/api/v2/deals/14', undefined, BOB)).status).toBe(404)
  expect((await ask('POST', '/api/v2/deals/14/followers', { user_id: bob }, BOB)).status).toBe(404)
  await data('POST', '/api/v2/deals/14/followers', { user_id: bob })
  expect((await ask('GET', '/api/v2/deals/14', undefined, BOB)).status).toBe(200)
  await data('DELETE', `/api/v2/deals/14/followers/${bob}`)
  expect((await ask('GET', '/api/v2/deals/14', undefined, BOB)).status).toBe(404)
})

test('followers of a user are listed', async () => {
  const { data, ask } = sandboxClient()
  expect(people(await data('GET', `/api/v2/users/${alice}/followers`))).toEqual([bob])
  expect(await data('GET', `/api/v2/users/${bob}/followers`)).toEqual([])
  expect((await ask('GET', '/api/v2/users/1/followers')).status).toBe(404)
})

test('a deleted record refuses new followers', async () => {
  const { data, ask } = sandboxClient()
  await data('DELETE', '/api/v2/deals/2')
  expect((await ask('POST', '/api/v2/deals/2/followers', { user_id: alice })).status).toBe(400)
})
