import { expect, test } from 'vitest'
import { clientBefore, data } from './upstream.fixture.ts'
import type { WriteBaseline, UpstreamWrite, WriteGuard } from './write-guard.ts'

const me = { id: 7, company_id: 3, name: 'Alice' }
const at = (iso: string) => new Date(iso).toUTCString()

/** A client whose writes tell where they start from. */
function watched(date: string | undefined = at('2026-11-22T10:00:03Z')) {
  let id = 40
  const world = clientBefore(({ method, path }) => {
    const body = path.includes('users/me')
      ? me
      : method === 'POST'
        ? { id: ++id, title: 'New' }
        : path.endsWith('/5')
          ? { id: 5 }
          : [{ id: 39 }, { id: 12 }]
    return { ...(data(body) as object), ...(date && { headers: { date } }) }
  })
  const from: WriteBaseline[] = []
  const writes: UpstreamWrite[] = []
  const guard: WriteGuard = {
    async around(write, attempt) {
      writes.push(write)
      from.push(await write.baseline())
      return attempt()
    },
  }
  return { ...world, from, writes, open: () => world.open('key-a', { guard }).pipedrive }
}

test('a write without cached data reads users/me, and its baseline is the date of that answer', async () => {
  const { open, from, asked } = watched()
  await open().deals.create({ title: 'New' })
  expect(asked()).toEqual(['GET /api/v1/users/me', 'POST /api/v2/deals'])
  expect(from).toEqual([{ companyId: 3, userId: 7, sinceId: undefined, sinceDateMs: Date.parse('2026-11-22T10:00:03Z') }])
})

test('a write with cached data sends nothing, and its baseline is the highest id of its object', async () => {
  const { open, from, asked, clock } = watched()
  await open().deals.create({ title: 'New' })
  await open().activities.list()
  clock.advance(3_600_000)
  asked()
  await open().deals.create({ title: 'New' })
  await open().activities.create({ subject: 'New' })
  expect(asked()).toEqual(['POST /api/v2/deals', 'POST /api/v2/activities'])
  expect(from.slice(1).map(({ sinceId }) => sinceId)).toEqual([41, 39])
})

test('a write of an object without a known id reads a new date if the last one is more than a minute old', async () => {
  const { open, asked, clock } = watched()
  await open().users.me()
  asked()
  await open().deals.list()
  clock.advance(61_000)
  asked()
  await open().activities.create({ subject: 'New' })
  expect(asked()).toEqual(['GET /api/v1/users/me', 'GET /api/v1/users/me', 'POST /api/v2/activities'].slice(1))
})

test('without a date and without an id it says so', async () => {
  const { open, from } = watched('')
  await open().deals.create({ title: 'New' })
  expect(from[0]).toMatchObject({ sinceId: undefined, sinceDateMs: undefined })
})

test('the reads of a write are the newest of its object, and its own record', async () => {
  const { open, writes, asked } = watched()
  await open().deals.create({ title: 'New', is_archived: true })
  await open().activities.create({ subject: 'New' })
  await open().deals.update(5, { title: 'New' })
  asked()
  for (const write of writes.slice(0, 2)) await write.newest?.()
  await writes[2]!.current?.()
  expect(asked()).toEqual([
    'GET /api/v2/deals/archived?sort_by=id&sort_direction=desc&limit=100',
    'GET /api/v2/activities?sort_by=id&sort_direction=desc&limit=100',
    'GET /api/v2/deals/5',
  ])
})
