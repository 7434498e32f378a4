import { beforeEach, describe, expect } from 'vitest'
import { eventually } from '../../src/kit/eventually.fixture.ts'
import { findSeedRecords, type SeedRecords } from './seed-records.ts'
import { expectedRecordsOf } from './expected-record.ts'
import { verifies } from './verifies.ts'
import { ALICE, CONNECTOR, createWorld, type Row, type WireError, type World } from './world.ts'

let world: World
let seed: SeedRecords
beforeEach(async () => {
  world = await createWorld()
  seed = await findSeedRecords(world)
  world.takeRequests()
})

const broken = () => Response.json({ success: false, error: 'Broken' }, { status: 500 })
const deals = async () => (await world.pipedrive('GET', '/api/v2/deals?limit=500')) as unknown as Row[]

describe('a write', () => {
  verifies('create.no-second-read', 'of a new deal is not followed by a read of it: its counts are known', async () => {
    const { body } = await world.call('AddDeal', { title: 'New', person_id: seed.person })
    expect(world.takeRequests().filter(({ method, path }) => method === 'GET' && path.startsWith('/api/v2/deals'))).toEqual([])
    expect(body).toEqual(await expectedRecordsOf(world).deal(body['id'] as number))
    expect(body).toMatchObject({ activities_count: 0, participants_count: 1 })
  })

  verifies('write.stays-success', 'that has succeeded is a 2xx with null names, whatever fails after it', async () => {
    world.intercept((request) => (/persons|organizations/.test(request.url) ? broken() : undefined))
    const { person, organization } = seed
    const { status, body, headers } = await world.call('AddDeal', { title: 'New', person_id: person, org_id: organization })
    expect(status).toBe(200)
    expect(body).toMatchObject({ person_id: { name: null, value: person }, org_id: { name: null, value: organization } })
    expect(headers.get('x-dealbridge-incomplete')!.split(',').sort()).toEqual(['organization', 'person'])
  })

  verifies('write.stays-success', 'also when the record that it answers is not as documented', async () => {
    world.intercept(async (request, pass) => {
      if (request.method === 'GET') return undefined
      const { data } = (await (await pass()).json()) as { data: Row }
      return Response.json({
        success: true,
        data: { id: data['id'], add_time: 1_780_000_000, expected_close_date: 20_261_201, visible_to: null },
      })
    })
    const { status, body } = await world.call('AddDeal', { title: 'New', person_id: seed.person })
    expect([status, body['add_time'], body['expected_close_date'], body['visible_to']]).toEqual([200, null, null, null])
  })

  verifies('write.checked-before', 'is not made when something before it fails', async () => {
    world.intercept((request) => (/stages|dealFields|activityTypes/.test(request.url) ? broken() : undefined))
    const { stage, deal } = seed
    const replies = [
      await world.call('AddDeal', { title: 'New', stage_id: stage }),
      await world.call('AddDeal', { title: 'New', visible_to: 'Entire company' }),
      await world.call('UpdateDealStage', { dealId: deal, stage_id: stage }),
      await world.call('AddActivity', { type: 'call', subject: 'New' }),
    ]
    expect(replies.filter(({ status }) => status < 500)).toEqual([])
    expect(world.takeWrites()).toEqual([])
  })

  verifies('write.not-cancelled', 'in flight is not cancelled by a caller that hangs up', async () => {
    const before = (await deals()).length
    const caller = new AbortController()
    world.intercept(async (request, pass) => {
      if (request.method !== 'POST') return undefined
      caller.abort()
      await new Promise((resolve) => setTimeout(resolve, 20))
      expect(request.signal.aborted).toBe(false)
      return pass()
    })
    const init = {
      method: 'POST',
      headers: { 'x-api-key': ALICE, 'content-type': 'application/json' },
      body: '{"title":"New"}',
      signal: caller.signal,
    }
    await world.http(`${CONNECTOR}/v1/deals`, init).catch(() => undefined)
    await eventually(async () => expect((await deals()).length).toBe(before + 1))
  })

  verifies(
    'write.outcome-unknown',
    'whose outcome is unknown is a 409, not repeated, that says what was sent and how to check',
    async () => {
      const before = (await deals()).length
      world.intercept(async (request, pass) => {
        if (request.method !== 'POST') return undefined
        await pass()
        throw new Error('socket hang up')
      })
      const { status, body } = await world.call<WireError>('AddDeal', { title: 'Once only' })
      expect([status, body.code]).toEqual([409, 'OutcomeUnknown'])
      expect(body.message).toMatch(/POST \/api\/v2\/deals/)
      expect(world.takeWrites()).toHaveLength(1)
      expect(await deals()).toHaveLength(before + 1)
    },
  )
})
