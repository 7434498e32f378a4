import { beforeEach, describe, expect } from 'vitest'
import { verifies } from './verifies.ts'
import { ALICE, BOB, CONNECTOR, createWorld, type Row, type WireError, type World } from './world.ts'

let world: World
async function start(options: Parameters<typeof createWorld>[0] = {}) {
  world = await createWorld(options)
}
beforeEach(() => start())

const addDeal = (title = 'New', key = ALICE) => world.pipedrive('POST', '/api/v2/deals', { title }, key)
const addDeals = async (count: number) => {
  for (let n = 0; n < count; n++) await addDeal(`New ${n}`)
}
const addActivity = (fields: Row = {}) => world.pipedrive('POST', '/api/v2/activities', { type: 'call', subject: 'New', ...fields })

/** One poll: of the Location that a former one answered, or the first. */
async function poll(location?: string, { key = ALICE, id = 'TrigNewDealV2' } = {}) {
  const reply = location ? await world.http<Row[]>(location, { headers: { 'x-api-key': key } }) : await world.call<Row[]>(id, {}, { key })
  return {
    ...reply,
    ids: reply.status === 200 ? reply.body.map((row) => row['id'] as number) : [],
    location: reply.headers.get('location') ?? '',
    retryAfter: Number(reply.headers.get('retry-after')),
  }
}
const wait = (seconds: number) => world.clock.advance(seconds * 1000)

describe('a chain of polls', () => {
  verifies('poll.first', 'begins with a 202 and never answers history', async () => {
    const { status, text, location, retryAfter } = await poll()
    expect([status, text, retryAfter]).toEqual([202, '', 120])
    expect(location).not.toBe('')
  })

  verifies('poll.nothing-new', 'returns 202 without a body while nothing is new', async () => {
    const { location } = await poll()
    const next = await poll(location)
    expect([next.status, next.text, next.retryAfter]).toEqual([202, '', 120])
    expect(next.location).not.toBe('')
  })

  verifies(
    ['poll.new-records', 'new.by-id'],
    'answers what is new, oldest first, at the root of the body, and a new Location',
    async () => {
      const { location } = await poll()
      const made = [await addDeal('One'), await addDeal('Two'), await addDeal('Three')].map((deal) => deal['id'])
      const next = await poll(location)
      expect([next.status, next.ids, next.retryAfter]).toEqual([200, made, 120])
      expect(next.body.map((deal) => deal['title'])).toEqual(['One', 'Two', 'Three'])
      expect(next.location).not.toBe(location)
      wait(120)
      expect((await poll(next.location)).status).toBe(202)
    },
  )

  verifies(
    ['poll.at-most-100', 'poll.retry-after', 'poll.backlog', 'poll.limit.first-free'],
    'answers a backlog 100 at a time, at once, each record once, oldest first',
    async () => {
      let { location } = await poll()
      await addDeals(250)
      const batches: number[][] = []
      const waits: number[] = []
      for (let n = 0; n < 3; n++) {
        const next = await poll(location)
        expect(next.status).toBe(200)
        batches.push(next.ids)
        waits.push(next.retryAfter)
        location = next.location
      }
      expect(batches.map((ids) => ids.length)).toEqual([100, 100, 50])
      expect(waits).toEqual([1, 1, 120])
      const all = batches.flat()
      expect(all).toEqual([...new Set(all)].sort((a, b) => a - b))
    },
  )

  verifies('poll.limit.first-free', 'asks for the next poll immediately after exactly 100 records, although no more exist', async () => {
    const { location } = await poll()
    await addDeals(100)
    const full = await poll(location)
    expect([full.ids.length, full.retryAfter, (await poll(full.location)).status]).toEqual([100, 120, 202])
  })

  verifies('poll.repeated', 'answers the same records again when a host repeats an older Location', async () => {
    const first = await poll()
    const idle = await poll(first.location)
    wait(120)
    const { id } = await addDeal()
    const lost = await poll(idle.location)
    const again = await poll(idle.location)
    expect([lost.ids, again.ids]).toEqual([[id], [id]])
    expect(again.body).toEqual(lost.body)
  })

  verifies('poll.survives-restart', 'continues after a restart and on any instance', async () => {
    const { location } = await poll()
    const { id } = await addDeal()
    await world.restart()
    expect((await poll(location)).ids).toEqual([id])
  })

  verifies('poll.idle-cost', 'costs 10 tokens a poll while idle, on any instance', async () => {
    const first = await poll()
    const warm = await poll(first.location)
    wait(120)
    await world.restart()
    const cold = await poll(warm.location)
    expect([warm, cold].map(({ headers }) => headers.get('x-dealbridge-token-cost'))).toEqual(['10', '10'])
  })

  verifies('poll.exactly-once', 'returns each record once, with lost responses and on any instance', async () => {
    let { location } = await poll()
    const made: unknown[] = []
    const seen: number[] = []
    for (let round = 0; round < 12; round++) {
      for (let n = 0; n < round % 4; n++) made.push((await addDeal())['id'])
      if (round % 3 === 1) await world.restart()
      if (round % 5 === 2) await poll(location) // an answer that never arrives
      const next = await poll(location)
      expect([200, 202]).toContain(next.status)
      seen.push(...next.ids)
      location = next.location
      wait(120)
    }
    expect(seen).toEqual(made)
  })
})

describe('the limit of polls', () => {
  verifies(['limit.polls', 'poll.limit.early'], 'is one in 120 s, less 5 s for clocks; an earlier one asks nothing upstream', async () => {
    const { location } = await poll((await poll()).location)
    world.takeRequests()
    wait(100)
    const early = await poll(location)
    expect([early.status, early.retryAfter]).toEqual([429, 15])
    expect((early.body as unknown as WireError).message).toBe('Rate limit is exceeded. Try again in 15 seconds.')
    expect(world.takeRequests()).toEqual([])
    wait(14)
    expect((await poll(location)).status).toBe(429)
    wait(1)
    expect((await poll(location)).status).toBe(202)
  })

  verifies('poll.error-no-location', 'leaves a 429 or 5xx without a Location, so that the host repeats the one it has', async () => {
    const { location } = await poll((await poll()).location)
    const early = await poll(location)
    wait(120)
    world.intercept(() => Response.json({ success: false, error: 'Broken' }, { status: 500 }))
    const broken = await poll(location)
    expect([early.status, early.location, broken.location]).toEqual([429, '', ''])
    expect(broken.status).toBeGreaterThanOrEqual(500)
    world.intercept()
    expect((await poll(location)).status).toBe(202)
  })
})

describe('Location', () => {
  verifies(
    ['location.form', 'location.host'],
    'is absolute, at the host and path of the request, with one opaque triggerstate',
    async () => {
      for (const [id, path] of [
        ['TrigNewDealV2', '/connector-v2/trigger/v1/deals'],
        ['TrigNewActivity', '/trigger/v1/activities'],
      ]) {
        const url = new URL((await poll(undefined, { id })).location)
        expect(url.origin + url.pathname).toBe(CONNECTOR + path!)
        expect([...url.searchParams.keys()]).toEqual(['triggerstate'])
        expect(url.search).not.toContain(ALICE)
      }
    },
  )

  verifies('location.public-url', 'begins with --public-url where that is given', async () => {
    await start({ config: { publicUrl: 'https://flows.example.com/pipedrive' } })
    expect((await poll()).location).toMatch(/^https:\/\/flows\.example\.com\/pipedrive\/connector-v2\/trigger\/v1\/deals\?triggerstate=/)
  })

  verifies('location.forwarded', 'believes X-Forwarded-* headers only from trusted proxies', async () => {
    const headers = { 'x-api-key': ALICE, 'x-forwarded-host': 'flows.example.com', 'x-forwarded-proto': 'http' }
    const from = async (address: string) => {
      const reply = await world.http('/connector-v2/trigger/v1/deals', { headers }, address)
      return new URL(reply.headers.get('location')!).origin
    }
    await start({ config: { trustedProxies: ['10.0.0.0/8'] } })
    expect([await from('10.1.2.3'), await from('203.0.113.7')]).toEqual(['http://flows.example.com', CONNECTOR])
  })

  verifies('location.short', 'stays under 1,500 characters, also when every other record of thousands is gone', async () => {
    let { location } = await poll()
    await addDeals(2_100)
    const deals = (await world.pipedrive('GET', '/api/v2/deals?sort_by=id&sort_direction=desc&limit=500')) as unknown as Row[]
    for (const { id } of deals.filter((_, n) => n % 2 === 0)) await world.pipedrive('DELETE', `/api/v2/deals/${String(id)}`)
    const lengths: number[] = []
    for (let next = await poll(location); next.status === 200; next = await poll(location)) {
      location = next.location
      lengths.push(location.length)
      wait(60)
    }
    expect(Math.max(...lengths)).toBeGreaterThan(200)
    expect(Math.max(...lengths)).toBeLessThan(1_500)
  })
})

describe('what is new', () => {
  verifies(
    'new.late-commit',
    'a record that became visible late, below the watermark, is new within 10 minutes of its add_time',
    async () => {
      const first = await poll()
      world.sandbox.lateCommits(200)
      const late = await addDeal('Late')
      world.sandbox.lateCommits(0)
      const prompt = await addDeal('Prompt')
      const second = await poll(first.location)
      wait(240)
      const third = await poll(second.location)
      expect([second.ids, third.ids]).toEqual([[prompt['id']], [late['id']]])
    },
  )

  verifies('new.not-again', 'a re-assigned, restored, un-archived or newly visible record is not new', async () => {
    const own = await addDeal()
    const hidden = await world.pipedrive('POST', '/api/v2/deals', { title: 'Hidden', visible_to: 1 })
    const deleted = (await addDeal())['id'] as number
    await world.pipedrive('DELETE', `/api/v2/deals/${deleted}`)
    await addDeal('The newest, seen by all')
    wait(700)
    const mine = await poll()
    const bobs = await poll(undefined, { key: BOB })
    const colleague = (await world.pipedrive('GET', '/api/v1/users/me', undefined, BOB))['id']
    const patch = (deal: Row, body: Row) => world.pipedrive('PATCH', `/api/v2/deals/${String(deal['id'])}`, body)
    await patch(own, { is_archived: true })
    const away = await poll(mine.location)
    wait(120)
    await patch(own, { is_archived: false })
    await patch(own, { owner_id: colleague })
    await patch(hidden, { owner_id: colleague })
    world.sandbox.restoreDeal(deleted)
    expect([(await poll(away.location)).ids, (await poll(bobs.location, { key: BOB })).ids]).toEqual([[], []])
    expect((await world.call('GetDeal', { dealId: hidden['id'] }, { key: BOB })).status).toBe(200)
  })

  verifies('new.mine', 'activities are those of the authorized user', async () => {
    const { location } = await poll(undefined, { id: 'TrigNewActivity' })
    const colleague = (await world.pipedrive('GET', '/api/v1/users/me', undefined, BOB))['id']
    await addActivity({ owner_id: colleague })
    const own = await addActivity()
    expect((await poll(location)).ids).toEqual([own['id']])
  })

  verifies('new.all', 'with --activities all they are those of the company that the user can see', async () => {
    await start({ config: { activities: 'all' } })
    const { location } = await poll(undefined, { id: 'TrigNewActivity' })
    const colleague = (await world.pipedrive('GET', '/api/v1/users/me', undefined, BOB))['id']
    const made = [await addActivity({ owner_id: colleague }), await addActivity()].map((activity) => activity['id'])
    expect((await poll(location)).ids).toEqual(made)
  })
})
