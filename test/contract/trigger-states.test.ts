import { mkdtempSync, readdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect } from 'vitest'
import { verifies } from './verifies.ts'
import { ALICE, BOB, CAROL, createWorld, type Row, type WireError, type World } from './world.ts'

const key = (id: string, byte: number) => `${id}:${Buffer.alloc(32, byte).toString('base64')}`
let world: World
beforeEach(async () => {
  world = await createWorld({ config: { keys: key('first', 1) } })
})

const begin = async (id = 'TrigNewDealV2') => (await world.call(id)).headers.get('location')!
const follow = (location: string, apiKey = ALICE) => world.http<Row>(location, { headers: { 'x-api-key': apiKey } })
const refusal = async (location: string, apiKey?: string) => {
  const { status, body } = await follow(location, apiKey)
  return { status, ...(body as WireError) }
}

describe('whose key follows a state', () => {
  verifies('state.same-key', 'the same key is not checked upstream', async () => {
    const location = await begin()
    await world.restart()
    world.takeRequests()
    await follow(location)
    expect(world.takeRequests().map(({ path }) => path)).toEqual(['/api/v2/deals'])
  })

  verifies('state.colleague', 'the key of a colleague keeps the state, after one users/me', async () => {
    const location = await begin()
    const { id } = await world.pipedrive('POST', '/api/v2/deals', { title: 'New' })
    world.takeRequests()
    const { status, body } = await follow(location, BOB)
    expect(status).toBe(200)
    expect((body as unknown as Row[]).map((deal) => deal['id'])).toEqual([id])
    expect(world.takeRequests().filter(({ path }) => path.endsWith('/users/me'))).toHaveLength(1)
  })

  verifies('state.foreign-company', "another company's key is refused", async () => {
    const location = await begin()
    expect(await refusal(location, CAROL)).toMatchObject({
      status: 400,
      code: 'InvalidTriggerState',
      message: expect.stringContaining('company'),
    })
  })

  verifies('state.foreign-company', "another company's key is refused before the state's time as after it", async () => {
    const early = (await follow(await begin())).headers.get('location')!
    expect((await follow(early)).status).toBe(429)
    expect(await refusal(early, CAROL)).toMatchObject({ status: 400, code: 'InvalidTriggerState' })
    world.clock.advance(120_000)
    expect(await refusal(early, CAROL)).toMatchObject({ status: 400, code: 'InvalidTriggerState' })
  })

  verifies('state.colleague', 'the key of a colleague waits for the time of the state like its own', async () => {
    const early = (await follow(await begin())).headers.get('location')!
    expect(await refusal(early, BOB)).toMatchObject({ status: 429, code: 'RateLimitExceeded' })
  })
})

describe('what a state must be', () => {
  verifies('state.signed', 'one that was changed anywhere is refused, and the message says what to do', async () => {
    const location = await begin()
    const url = new URL(location)
    const state = url.searchParams.get('triggerstate')!
    for (const at of [10, Math.floor(state.length / 2), state.length - 1]) {
      const changed = state.slice(0, at) + (state[at] === 'A' ? 'B' : 'A') + state.slice(at + 1)
      url.searchParams.set('triggerstate', changed)
      expect(await refusal(url.href)).toMatchObject({ status: 400, message: expect.stringMatching(/turn the flow off and on/) })
    }
  })

  verifies('state.signed', 'also one whose last character differs only in bits that decoding drops', async () => {
    const location = await begin()
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const changed = location.slice(0, -1) + letters[letters.indexOf(location.at(-1)!) ^ 1]!
    expect(await refusal(changed)).toMatchObject({ status: 400, code: 'InvalidTriggerState' })
  })

  verifies('state.other-trigger', 'that of another trigger is refused', async () => {
    const { search } = new URL(await begin('TrigNewActivity'))
    expect(await refusal(`/trigger/v1/deals${search}`)).toMatchObject({ status: 400, code: 'InvalidTriggerState' })
  })
})

describe('signing keys', () => {
  verifies('state.key-ring', 'the first key signs, older ones still verify', async () => {
    const old = await begin()
    await world.restart({ keys: `${key('second', 2)},${key('first', 1)}` })
    const { status, headers } = await follow(old)
    expect(status).toBe(202)
    await world.restart({ keys: key('second', 2) })
    world.clock.advance(120_000)
    expect((await follow(headers.get('location')!)).status).toBe(202)
  })

  verifies('state.unknown-key', 'a state of an unknown one is refused with the way out', async () => {
    const location = await begin()
    await world.restart({ keys: key('third', 3) })
    expect(await refusal(location)).toMatchObject({
      status: 400,
      code: 'TriggerStateKeyUnknown',
      message: expect.stringMatching(/"first".*DEALBRIDGE_KEYS/s),
    })
  })

  verifies('state.key-file', 'without a ring the key comes from a 0600 file made at first start', async () => {
    const dataDir = join(mkdtempSync(join(tmpdir(), 'dealbridge-')), 'data')
    await world.restart({ keys: undefined, dataDir })
    const location = await begin()
    const [file, ...others] = readdirSync(dataDir)
    expect(others).toEqual([])
    expect((statSync(join(dataDir, file!)).mode & 0o777).toString(8)).toBe('600')
    await world.restart()
    expect((await follow(location)).status).toBe(202)
  })

  verifies('state.no-key', 'listening beyond loopback with neither ring nor file refuses to start', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'dealbridge-'))
    await expect(world.restart({ hostname: '0.0.0.0', keys: undefined, dataDir })).rejects.toThrow('DEALBRIDGE_KEYS')
    await expect(world.restart({ hostname: '127.0.0.1' })).resolves.toBeUndefined()
  })
})
