import { beforeEach, describe, expect } from 'vitest'
import { verifies } from './verifies.ts'
import { ALICE, BOB, CAROL, createWorld, type WireError, type World } from './world.ts'

let world: World
beforeEach(async () => {
  world = await createWorld()
})

const path = '/v1/pipelines'
const basic = (user: string, password: string) => ({ authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` })
const withHeaders = async (headers: Record<string, string>) => (await world.http<WireError>(path, { headers })).status
const lookUp = (key = ALICE) => world.call<WireError>('ListPipelines', {}, { key })

describe('keys', () => {
  verifies(
    ['connection.api-key', 'key.api-token', 'key.basic'],
    'come in x-api-key, in x-api-token, or as the password of HTTP Basic',
    async () => {
      expect(await withHeaders({ 'x-api-key': ALICE })).toBe(200)
      expect(await withHeaders({ 'x-api-token': ALICE })).toBe(200)
      expect(await withHeaders(basic('anybody', ALICE))).toBe(200)
      expect(await withHeaders(basic(ALICE, ''))).toBe(401)
    },
  )

  verifies('key.missing', 'that are missing are a 401 that says how to send one', async () => {
    const { status, body } = await world.http<WireError>(path)
    expect(status).toBe(401)
    expect(body.message).toMatch(/x-api-key.*Basic/s)
    expect(world.takeRequests()).toEqual([])
  })

  verifies('key.refused', 'that Pipedrive refuses are a 401, remembered for 5 minutes', async () => {
    expect([(await lookUp('wrong')).status, world.takeRequests().length]).toEqual([401, 1])
    world.clock.advance(290_000)
    expect([(await lookUp('wrong')).status, world.takeRequests().length]).toEqual([401, 0])
    world.clock.advance(20_000)
    expect([(await lookUp('wrong')).status, world.takeRequests().length]).toEqual([401, 1])
  })

  verifies('key.refused-in-passing', 'that worked lately outlive a 401 that passes', async () => {
    const fails = (times: number) => world.sandbox.faults.add({ kind: 'status', status: 401, times })
    expect((await lookUp()).status).toBe(200)
    fails(1)
    expect((await lookUp()).status).toBe(200)
    fails(1)
    expect((await world.call('AddDeal', { title: 'Chairs' })).status).toBe(200)
    fails(2)
    expect([(await lookUp()).status, (await lookUp()).status]).toEqual([401, 401])
  })

  verifies('key.guessing', 'that worked lately and were replaced do not count as guesses', async () => {
    expect((await lookUp(BOB)).status).toBe(200)
    world.sandbox.faults.add({ kind: 'status', status: 401, times: 2 })
    expect((await lookUp(BOB)).status).toBe(401)
    const statuses: number[] = []
    for (let n = 0; n < 21; n++) statuses.push((await lookUp(`guess-${n}`)).status)
    expect(statuses).toEqual([...Array.from({ length: 20 }, () => 401), 429])
  })

  verifies('key.guessing', 'guessed from one address are a 429 after 20 in a minute', async () => {
    const statuses: number[] = []
    for (let n = 0; n < 22; n++) statuses.push((await lookUp(`guess-${n}`)).status)
    expect(statuses).toEqual([...Array.from({ length: 20 }, () => 401), 429, 429])
    world.clock.advance(60_000)
    expect((await lookUp('guess')).status).toBe(401)
  })

  verifies('key.guessing', 'do not stop a key that Pipedrive has served before, behind the same address', async () => {
    expect((await lookUp()).status).toBe(200)
    for (let n = 0; n < 21; n++) await lookUp(`guess-${n}`)
    expect([(await lookUp()).status, (await lookUp(BOB)).status]).toEqual([200, 429])
  })

  verifies('key.not-echoed', 'are never echoed', async () => {
    for (const key of [ALICE, 'wrong-key-1']) {
      const { text, headers } = await lookUp(key)
      expect(text + JSON.stringify([...headers])).not.toContain(key)
    }
  })

  verifies('key.companies', 'of other companies than --allow-companies names are refused', async () => {
    const company = (await world.pipedrive('GET', '/api/v1/users/me'))['company_id'] as number
    await world.restart({ allowCompanies: [company] })
    expect([(await lookUp(ALICE)).status, (await lookUp(BOB)).status, (await lookUp(CAROL)).status]).toEqual([200, 200, 403])
  })
})

describe('100 calls in 60 s', () => {
  const calls = async (count: number, key = ALICE) => {
    const statuses = new Set<number>()
    for (let n = 0; n < count; n++) statuses.add((await world.call('GetStage', { stageId: 1 }, { key })).status)
    return [...statuses]
  }

  verifies(
    ['limit.calls', 'limit.calls.window', 'error.rate-message'],
    'pass, and the next is a 429 until the window that the first one opened is over',
    async () => {
      const opened = world.clock.now()
      expect(await calls(50)).toEqual([200])
      world.clock.advance(40_000)
      expect(await calls(50)).toEqual([200])
      const seconds = Math.ceil((opened + 60_000 - world.clock.now()) / 1000)
      const { status, body, headers } = await lookUp()
      expect([status, headers.get('retry-after'), body.source]).toEqual([429, String(seconds), 'connector'])
      expect(body.message).toBe(`Rate limit is exceeded. Try again in ${seconds} seconds.`)
      world.clock.advance(seconds * 1000)
      expect(await calls(100)).toEqual([200])
    },
  )

  verifies('limit.calls.counted', 'include look-ups and polls, but neither our own 4xx nor /healthz', async () => {
    await world.call('TrigNewDeal')
    await lookUp()
    for (let n = 0; n < 20; n++) {
      expect((await world.call('GetDeal', { dealId: 'abc' })).status).toBe(400)
      expect((await world.http('/healthz')).status).toBe(200)
      expect((await world.http('/v1/nothing', { headers: { 'x-api-key': ALICE } })).status).toBe(404)
    }
    expect(await calls(98)).toEqual([200])
    expect((await lookUp()).status).toBe(429)
  })

  verifies('limit.calls.counted', 'and do not include our own 4xx that had to ask Pipedrive first', async () => {
    for (let n = 0; n < 20; n++) expect((await world.call('AddDealV2', { title: 'x', stage_id: 99_999 })).status).toBe(400)
    expect(await calls(100)).toEqual([200])
    expect((await lookUp()).status).toBe(429)
  })

  verifies('limit.calls.counted', 'and do not include polls that are refused here', async () => {
    const { headers } = await world.http((await world.call('TrigNewDeal')).headers.get('location')!, { headers: { 'x-api-key': ALICE } })
    for (let n = 0; n < 20; n++) {
      expect((await world.http(headers.get('location')!, { headers: { 'x-api-key': ALICE } })).status).toBe(429)
      expect((await world.http('/trigger/v1/deals?triggerstate=x', { headers: { 'x-api-key': ALICE } })).status).toBe(400)
    }
    expect(await calls(98)).toEqual([200])
    expect((await lookUp()).status).toBe(429)
  })

  verifies('limit.calls.apart', 'are counted for each connection', async () => {
    expect(await calls(100)).toEqual([200])
    expect([(await lookUp(ALICE)).status, (await lookUp(BOB)).status]).toEqual([429, 200])
  })
})
