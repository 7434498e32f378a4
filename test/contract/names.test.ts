import { beforeEach, describe, expect } from 'vitest'
import { findSeedRecords, type SeedRecords } from './seed-records.ts'
import { verifies } from './verifies.ts'
import { ALICE, BOB, createWorld, type Row, type World } from './world.ts'

let world: World
let seed: SeedRecords
beforeEach(async () => {
  world = await createWorld()
  seed = await findSeedRecords(world)
  world.takeRequests()
})

const minutes = (count: number) => world.clock.advance(count * 60_000)
/** How often each collection was read, as list or by id. */
function reads(pattern: RegExp): string[] {
  return world
    .takeRequests()
    .filter(({ method, path }) => method === 'GET' && pattern.test(path))
    .map(({ path }) => path)
}
const addPerson = (fields: Row = {}) => world.pipedrive('POST', '/api/v2/persons', { name: 'Somebody', ...fields })
const addDeal = (fields: Row = {}, key = ALICE) => world.pipedrive('POST', '/api/v2/deals', { title: 'New', ...fields }, key)
const getDeal = async (dealId: unknown, key = ALICE) => (await world.call('GetDeal', { dealId }, { key })).body

/** Polls after `count` deals, each with its own person, were added. */
async function pollWithPersons(count: number): Promise<Row[]> {
  const location = (await world.call('TrigNewDealV2')).headers.get('location')!
  for (let n = 0; n < count; n++) await addDeal({ person_id: (await addPerson({ name: `Person ${n}` }))['id'] })
  world.takeRequests()
  const { body } = await world.http<Row[]>(location, { headers: { 'x-api-key': ALICE } })
  expect(body.map((deal) => (deal['person_id'] as Row)['name'])).toEqual(Array.from({ length: count }, (_, n) => `Person ${n}`))
  return body
}

describe('how names are fetched', () => {
  verifies(['names.many-by-ids', 'names.once-per-kind'], 'from 10 on by ids=, once for the whole page', async () => {
    await pollWithPersons(12)
    const sent = world.takeRequests().filter(({ path }) => path.startsWith('/api/v2/persons'))
    expect(sent).toHaveLength(1)
    expect(sent[0]!.query['ids']!.split(',')).toHaveLength(12)
  })

  verifies('names.few-by-id', 'up to 9 by single GETs', async () => {
    await pollWithPersons(9)
    const paths = reads(/persons/)
    expect(paths).toHaveLength(9)
    expect(paths.filter((path) => !/\/persons\/\d+$/.test(path))).toEqual([])
  })

  verifies('names.users-by-id', 'a user is read by id until five different ones were asked for, then the list', async () => {
    const me = (await world.pipedrive('GET', '/api/v1/users/me'))['id']
    const users = (await world.pipedrive('GET', '/api/v1/users')) as unknown as Row[]
    const others = users.filter((user) => user['active_flag'] === true && user['id'] !== me).map((user) => user['id'])
    const asked: string[][] = []
    // The creator of each is the key's own user: the first deal shows two users, every further one one more.
    for (const owner_id of others) {
      const { id } = await addDeal({ owner_id })
      world.takeRequests()
      await getDeal(id)
      asked.push(reads(/users/))
    }
    const byId = [me, ...others].slice(0, 5).map((id) => `/api/v1/users/${String(id)}`)
    expect(asked.slice(0, 4).flat().sort()).toEqual(byId.sort())
    expect(asked.slice(4).flat()).toEqual(['/api/v1/users'])
  })
})

describe('how long names are remembered', () => {
  verifies('names.reference-cached', 'users, stages, pipelines, activity types and currencies for 6 h', async () => {
    const { deal, pipeline } = seed
    const use = async () => {
      await getDeal(deal)
      await world.call('AddDealV2', { title: 'New', pipeline_id: pipeline })
      await world.call('AddActivity', { type: 'call', subject: 'New', due_date: '2026-12-01' })
      return reads(/users|stages|pipelines|activityTypes|currencies/).length
    }
    expect(await use()).toBeGreaterThan(0)
    minutes(6 * 60 - 2)
    expect(await use()).toBe(0)
    minutes(4)
    expect(await use()).toBeGreaterThan(0)
  })

  verifies('names.links-cached', 'persons and organizations for 60 s', async () => {
    const { id } = await addDeal({ person_id: seed.person, org_id: seed.organization })
    const use = async () => {
      await getDeal(id)
      return reads(/persons|organizations/).length
    }
    expect(await use()).toBe(2)
    world.clock.advance(50_000)
    expect(await use()).toBe(0)
    world.clock.advance(20_000)
    expect(await use()).toBe(2)
  })

  verifies('names.unknown-refreshes', 'an id that is not found refreshes its kind at once, at most once a minute', async () => {
    const use = async () => {
      expect((await world.call('UpdateDealStage', { dealId: seed.deal, stage_id: 999_999 })).status).toBe(400)
      return reads(/stages/).length
    }
    await getDeal(seed.deal)
    minutes(2)
    world.takeRequests()
    expect(await use()).toBe(1)
    expect(await use()).toBe(0)
    minutes(1)
    expect(await use()).toBe(1)
  })

  verifies('names.refused-key', 'a refused key loses what it knew', async () => {
    await getDeal(seed.deal)
    world.intercept(() => Response.json({ success: false, error: 'unauthorized access', errorCode: 401 }, { status: 401 }))
    expect((await world.call('GetDeal', { dealId: seed.deal })).status).toBe(401)
    world.intercept()
    minutes(6)
    world.takeRequests()
    await getDeal(seed.deal)
    expect(reads(/users|stages/).length).toBeGreaterThan(0)
  })
})

describe('what names may tell', () => {
  verifies(
    ['names.apart', 'output.invisible-link'],
    'what one user may not see keeps its id and loses its name, although a colleague knows it',
    async () => {
      const secret = await addPerson({ name: 'Secret', visible_to: 1 })
      const bob = (await world.pipedrive('GET', '/api/v1/users/me', undefined, BOB))['id']
      const { id } = await addDeal({ person_id: secret['id'], owner_id: bob })
      expect((await getDeal(id))['person_id']).toEqual({ name: 'Secret', value: secret['id'] })
      expect((await getDeal(id, BOB))['person_id']).toEqual({ name: null, value: secret['id'] })
    },
  )
})
