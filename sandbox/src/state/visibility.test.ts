import { expect, test } from 'vitest'
import { type RecordData, sandboxClient } from '../sandbox-client.fixture.ts'
import { createBehaviour } from '../behaviour.ts'
import { loadWorld } from '../seed/load-world.ts'
import type { Caller } from './caller.ts'
import type { User } from './company.ts'
import type { Owned } from './records.ts'
import { canSee } from './visibility.ts'

const BOB = 'sandbox-bob'
const CAROL = 'sandbox-carol'

test('an administrator sees every deal of the company, other users their own, followed and public ones', async () => {
  const { ids } = sandboxClient()
  const alice = await ids('/api/v2/deals?limit=500')
  const bob = await ids('/api/v2/deals?limit=500', BOB)
  expect(alice.filter((id) => !bob.includes(id))).toEqual([6, 14])
  expect(bob).toContain(13)
})

test('what is invisible is a 404 by id and silently absent from lists', async () => {
  const { ask, ids } = sandboxClient()
  for (const [path, singular] of [
    ['/api/v2/deals/6', 'Deal'],
    ['/api/v2/persons/6', 'Person'],
    ['/api/v2/organizations/11', 'Organization'],
    ['/api/v2/activities/24', 'Activity'],
  ] as const) {
    expect((await ask('GET', path)).status, path).toBe(200)
    const reply = await ask('GET', path, undefined, BOB)
    expect([reply.status, reply.body], path).toEqual([404, { success: false, error: `${singular} not found` }])
  }
  expect(await ids('/api/v2/persons?ids=1,6', BOB)).toEqual([1])
  for (const method of ['PATCH', 'DELETE']) expect((await ask(method, '/api/v2/deals/6', { title: 'x' }, BOB)).status).toBe(404)
})

test('a visible deal may point at a person whom the reader may not see', async () => {
  const { data, ask } = sandboxClient()
  const { person_id } = await data('GET', '/api/v2/deals/18', undefined, BOB)
  expect(person_id).toBe(6)
  expect((await ask('GET', `/api/v2/persons/${String(person_id)}`, undefined, BOB)).status).toBe(404)
  expect((await ask('POST', '/api/v2/deals', { title: 'x', person_id }, BOB)).status).toBe(400)
})

test('on the large plan others see what their group allows', async () => {
  const { ids } = sandboxClient()
  expect(await ids('/api/v2/deals?limit=500', CAROL)).toEqual([1, 2, 5, 6, 7, 8])
  expect(await ids('/api/v2/persons', CAROL)).toEqual([1, 2])
})

test('a change of owner changes who sees the deal', async () => {
  const { data, ids } = sandboxClient()
  await data('PATCH', '/api/v2/deals/1', { visible_to: 1, owner_id: 21470313 })
  expect(await ids('/api/v2/deals?ids=1', BOB)).toEqual([1])
  await data('PATCH', '/api/v2/deals/5', { visible_to: 1 })
  expect(await ids('/api/v2/deals?ids=5', BOB)).toEqual([])
  await data('PATCH', '/api/v2/deals/5', { owner_id: 21470312 })
  expect(await ids('/api/v2/deals?ids=5', BOB)).toEqual([5])
})

test('companies do not see each other, though their ids overlap', async () => {
  const { data } = sandboxClient()
  const title = async (key: string) => (await data('GET', '/api/v2/deals/1', undefined, key))['title']
  expect(await title(CAROL)).toBe('Pflückroboter Halle 1')
  expect(await title(BOB)).toBe('Acme headquarters, floors 3 to 5')
})

test('the field visible_to offers the levels of the plan in the language of the company, or another set when switched', async () => {
  const { data, sandbox, ask } = sandboxClient()
  const options = async (key?: string) =>
    (await data('GET', '/api/v2/dealFields/visible_to', undefined, key))['options'] as RecordData[] | null
  expect(await options()).toEqual([
    { id: 1, label: 'Owner & followers' },
    { id: 3, label: 'Entire company' },
  ])
  expect((await options(CAROL))?.map(({ id }) => id)).toEqual([1, 3, 5, 7])
  expect((await options(CAROL))?.[0]).toEqual({ id: 1, label: 'Besitzer' })
  sandbox.behaviour.visibilityOptions = '3,7'
  expect((await options())?.map(({ id }) => id)).toEqual([3, 7])
  expect((await ask('POST', '/api/v2/deals', { title: 'x', visible_to: 1 })).status).toBe(403)
  sandbox.behaviour.visibilityOptions = 'none'
  expect(await options()).toBeNull()
})

test('group levels: 3 is for the group of the owner, 5 also for the groups below it', () => {
  const { company, user: carol } = loadWorld(0).get('sandbox-carol')!
  const [, jonas, mei] = [...company.users.values()]
  // Jonas' group is above Carol's, Mei's is beside it.
  const sees = (reader: User, owner: User, visible_to: number) => {
    const caller: Caller = {
      company,
      user: { ...reader, is_admin: false },
      key: '',
      now: 0,
      time: '',
      lateSeconds: 0,
      behaviour: createBehaviour(),
    }
    return canSee({ owner_id: owner.id, visible_to } as Owned, caller)
  }
  const levels = [1, 3, 5, 7]
  expect(levels.map((level) => sees(carol, jonas!, level))).toEqual([false, false, true, true])
  expect(levels.map((level) => sees(jonas!, carol, level))).toEqual([false, false, false, true])
  expect(levels.map((level) => sees(mei!, carol, level))).toEqual([false, false, false, true])
  expect(levels.map((level) => sees({ ...mei!, group_id: carol.group_id }, carol, level))).toEqual([false, true, true, true])
})
