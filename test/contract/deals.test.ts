import { beforeEach, describe, expect } from 'vitest'
import { findSeedRecords, type SeedRecords } from './seed-records.ts'
import { valueAt, expectedRecordsOf } from './expected-record.ts'
import { verifies } from './verifies.ts'
import { ALICE, CAROL, createWorld, type Row, type WireError, type World } from './world.ts'

let world: World
let seed: SeedRecords
async function start(options: Parameters<typeof createWorld>[0] = {}, key = ALICE) {
  world = await createWorld(options)
  seed = await findSeedRecords(world, key)
  world.takeRequests()
}
beforeEach(() => start())

const warning = (headers: Headers) => headers.get('x-dealbridge-warning')

describe('stage and pipeline', () => {
  verifies('stage.decides', 'upstream gets the pipeline of the stage', async () => {
    await world.call('AddDeal', { title: 'New', stage_id: seed.foreignStage })
    expect(world.takeWrites()[0]!.body).toMatchObject({ stage_id: seed.foreignStage, pipeline_id: seed.foreignPipeline })
  })

  verifies('stage.mismatch-warns', 'another pipeline_id succeeds, with a warning that names both', async () => {
    const { pipeline, foreignPipeline, foreignStage, deal } = seed
    const { status, headers, body } = await world.call('UpdateDealStageV2', { dealId: deal, pipeline_id: pipeline, stage_id: foreignStage })
    expect(status).toBe(200)
    expect(body).toMatchObject({ stage_id: foreignStage, pipeline_id: foreignPipeline })
    expect(warning(headers)).toMatch(new RegExp(`\\b${pipeline}\\b.*\\b${foreignPipeline}\\b`))
    const matching = await world.call('UpdateDealStageV2', { dealId: deal, pipeline_id: foreignPipeline, stage_id: foreignStage })
    expect(warning(matching.headers)).toBeNull()
  })

  verifies('stage.unknown', 'a stage that does not exist is a 400 after one fresh read of the list', async () => {
    await world.call('UpdateDealStage', { dealId: seed.deal, stage_id: seed.stage })
    world.clock.advance(120_000)
    world.takeRequests()
    const { status, body } = await world.call<WireError>('UpdateDealStage', { dealId: seed.deal, stage_id: 999_999 })
    expect([status, body.details[0]!.field]).toEqual([400, 'stage_id'])
    const sent = world.takeRequests()
    expect(sent.filter(({ path }) => path === '/api/v2/stages')).toHaveLength(1)
    expect(sent.filter(({ method }) => method !== 'GET')).toEqual([])
  })

  verifies('stage.new', 'a stage that was made since is found by that fresh read', async () => {
    const { stage, firstStage, deal } = seed
    world.intercept(async (request, pass) => {
      if (new URL(request.url).pathname !== '/api/v2/stages') return undefined
      const answer = (await (await pass()).json()) as { data: Row[] }
      return Response.json({ ...answer, data: answer.data.filter(({ id }) => id !== stage) })
    })
    await world.call('UpdateDealStage', { dealId: deal, stage_id: firstStage })
    world.intercept()
    const { status, body } = await world.call('UpdateDealStage', { dealId: deal, stage_id: stage })
    expect([status, body['stage_id']]).toEqual([200, stage])
  })

  verifies('stage.pipeline-only', 'pipeline_id alone means its first stage', async () => {
    const { body } = await world.call('AddDealV2', { title: 'New', pipeline_id: String(seed.pipeline) })
    expect(body).toMatchObject({ stage_id: seed.firstStage, pipeline_id: seed.pipeline })
  })

  verifies('stage.pipeline-only', 'but a deal that is in that pipeline already stays in its stage', async () => {
    const { deal, stage, pipeline, foreignPipeline, foreignStage } = seed
    await world.call('UpdateDealStage', { dealId: deal, stage_id: stage })
    const move = async (pipeline_id: number) => (await world.call('UpdateDealStatus', { dealId: deal, status: 'open', pipeline_id })).body
    expect(await move(pipeline)).toMatchObject({ stage_id: stage, pipeline_id: pipeline })
    expect(await move(foreignPipeline)).toMatchObject({ stage_id: foreignStage, pipeline_id: foreignPipeline })
  })
})

describe('updates', () => {
  verifies(
    ['update.only-given', 'update.one-get'],
    'an update sends what the caller gave, and reads once for what PATCH does not answer',
    async () => {
      const { deal, stage, pipeline } = seed
      await world.call('UpdateDealStage', { dealId: deal, stage_id: stage })
      const sent = world.takeRequests()
      expect(sent.filter(({ method }) => method === 'PATCH').map(({ body }) => body)).toEqual([{ stage_id: stage, pipeline_id: pipeline }])
      const reads = sent.filter(({ method, path }) => method === 'GET' && path === `/api/v2/deals/${deal}`)
      expect(reads).toHaveLength(1)
      expect(reads[0]!.query['include_fields']).toContain('products_count')
    },
  )

  verifies('update.patch-wins', 'what the PATCH answered wins over what the GET answered', async () => {
    const { deal, stage } = seed
    const { body } = await world.call('UpdateDealStage', { dealId: deal, stage_id: stage, expected_close_date: '2027-01-31' })
    expect(body).toEqual(await expectedRecordsOf(world).deal(deal))
    expect(body).toMatchObject({ stage_id: stage, expected_close_date: '2027-01-31' })
  })
})

describe('visible_to', () => {
  const given = async (visible_to: unknown, key = ALICE) => {
    world.takeRequests()
    const { status, body } = await world.call('AddDeal', { title: 'New', visible_to }, { key })
    const sent = world.takeRequests()
    return {
      status,
      body,
      written: sent.find(({ method }) => method !== 'GET')?.body?.['visible_to'],
      looks: sent.filter(({ path }) => path.includes('dealFields')).length,
    }
  }

  verifies('visible.two-options', 'with the options 1 and 3 the display names mean 1 and 3', async () => {
    await start({ behaviour: { visibilityOptions: '1,3' } })
    expect((await given('Owner and followers')).written).toBe(1)
    expect((await given('Entire company')).written).toBe(3)
  })

  verifies('visible.four-options', 'with the options 1, 3, 5 and 7 the display names mean 1 and 7', async () => {
    await start({ behaviour: { visibilityOptions: '1,3,5,7' } })
    expect((await given('Owner and followers')).written).toBe(1)
    expect((await given('Entire company')).written).toBe(7)
  })

  verifies('visible.numbers', 'a number is taken as it is, without a look at the options', async () => {
    for (const number of [3, '3']) expect(await given(number)).toMatchObject({ written: 3, looks: 0 })
  })

  verifies('visible.other-options', 'a display name with any other set of options, or none, is a 400 that lists them', async () => {
    for (const visibilityOptions of ['1,7', '3,7', 'none'] as const) {
      await start({ behaviour: { visibilityOptions } })
      const { status, body } = await given('Entire company')
      expect([status, (body as WireError).details[0]!.field]).toEqual([400, 'visible_to'])
      const offered = visibilityOptions === 'none' ? /1, 3, 5 or 7/ : new RegExp(visibilityOptions.replace(',', ', '))
      expect((body as WireError).message).toMatch(offered)
    }
  })

  verifies('visible.cached', 'the options are read once in 24 h', async () => {
    const looks = async () => (await given('Entire company')).looks
    expect(await looks()).toBe(1)
    world.clock.advance(23 * 3_600_000)
    expect(await looks()).toBe(0)
    world.clock.advance(2 * 3_600_000)
    expect(await looks()).toBe(1)
  })

  verifies('visible.leaves-as-text', 'visible_to leaves as the number in text', async () => {
    const { body } = await given('Owner and followers')
    expect(body['visible_to']).toBe('1')
  })
})

describe('deleted and archived', () => {
  verifies('deleted.status-deletes', 'deleted deletes the deal and answers it as it was', async () => {
    const before = await expectedRecordsOf(world).deal(seed.deal)
    const { status, body } = await world.call('UpdateDealStatus', { dealId: seed.deal, status: 'deleted' })
    expect(status).toBe(200)
    expect(body).toEqual({ ...before, status: 'deleted', deleted: true, active: false })
    expect(world.takeWrites()).toMatchObject([{ method: 'DELETE', path: `/api/v2/deals/${seed.deal}` }])
    expect((await world.pipedrive('GET', `/api/v2/deals/${seed.deal}`))['is_deleted']).toBe(true)
  })

  verifies('deleted.again', 'deleting a deleted deal is the same 200, whichever way Pipedrive serves it', async () => {
    for (const getDeletedDeal of ['served', '404'] as const) {
      await start({ behaviour: { getDeletedDeal } })
      await world.call('UpdateDealStatus', { dealId: seed.deal, status: 'deleted' })
      const { status, body } = await world.call('UpdateDealStatus', { dealId: seed.deal, status: 'deleted' })
      expect(status).toBe(200)
      expect(body).toMatchObject({ id: seed.deal, status: 'deleted', deleted: true, active: false })
    }
  })

  verifies('deleted.add', 'a new deal with status deleted is created, then deleted', async () => {
    const { status, body } = await world.call('AddDealV2', { title: 'New', status: 'deleted' })
    expect(status).toBe(200)
    expect(body).toMatchObject({ title: 'New', status: 'deleted', deleted: true, active: false })
    expect(world.takeWrites().map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /api/v2/deals',
      `DELETE /api/v2/deals/${String(body['id'])}`,
    ])
  })

  verifies('deleted.add-failed', 'when that deletion fails, the error carries the id of the new deal', async () => {
    world.intercept((request) =>
      request.method === 'DELETE' ? Response.json({ success: false, error: 'Broken' }, { status: 500 }) : undefined,
    )
    const { status, body } = await world.call<WireError>('AddDealV2', { title: 'New', status: 'deleted' })
    const [newest] = (await world.pipedrive('GET', '/api/v2/deals?sort_by=id&sort_direction=desc&limit=1')) as unknown as Row[]
    expect(status).toBe(409)
    expect(body.message).toContain(String(newest!['id']))
  })

  verifies('deleted.change-refused', 'a change of a deleted deal is a 409 that says so and how to bring it back', async () => {
    for (const getDeletedDeal of ['served', '404'] as const) {
      await start({ behaviour: { getDeletedDeal } })
      await world.pipedrive('DELETE', `/api/v2/deals/${seed.deal}`)
      const { status, body } = await world.call<WireError>('UpdateDealStatus', { dealId: seed.deal, status: 'won' })
      expect(status).toBe(409)
      expect(body.message).toMatch(/deleted.*restore/s)
      expect(world.takeWrites()).toEqual([])
    }
  })

  verifies('archived.change-refused', 'a change of an archived deal is a 409 that says so and how to bring it back', async () => {
    for (const getArchivedDeal of ['served', '404'] as const) {
      await start({ behaviour: { getArchivedDeal } })
      await world.pipedrive('PATCH', `/api/v2/deals/${seed.deal}`, { is_archived: true })
      const { status, body } = await world.call<WireError>('UpdateDealStage', { dealId: seed.deal, stage_id: seed.stage })
      expect(status).toBe(409)
      expect(body.message).toMatch(/archived.*unarchive/s)
      expect(world.takeWrites()).toEqual([])
    }
  })

  /** Something happens to the deal in Pipedrive between our read and our write. */
  const meanwhile = (happens: () => Promise<unknown>) =>
    world.intercept(async (request) => {
      if (request.method === 'GET') return undefined
      world.intercept()
      await happens()
      return undefined
    })
  const archive = () => world.pipedrive('PATCH', `/api/v2/deals/${seed.deal}`, { is_archived: true })
  const remove = () => world.pipedrive('DELETE', `/api/v2/deals/${seed.deal}`)

  verifies('archived.change-refused', 'also of one that was archived since it was read, however Pipedrive refuses it', async () => {
    for (const getArchivedDeal of ['served', '404'] as const)
      for (const refusal of [400, 403, 404, 409] as const) {
        await start({ behaviour: { getArchivedDeal, changeArchivedDeal: refusal, deleteArchivedDeal: refusal } })
        meanwhile(archive)
        const changed = await world.call<WireError>('UpdateDealStage', { dealId: seed.deal, stage_id: seed.stage })
        expect([changed.status, changed.body.code]).toEqual([409, 'DealArchived'])
        const deleted = await world.call<WireError>('UpdateDealStatus', { dealId: seed.deal, status: 'deleted' })
        expect([deleted.status, deleted.body.code]).toEqual([409, 'DealArchived'])
      }
  })

  verifies('deleted.change-refused', 'also of one that was deleted since it was read, however Pipedrive refuses it', async () => {
    for (const getDeletedDeal of ['served', '404'] as const)
      for (const changeDeletedRecord of [400, 403, 404, 409] as const) {
        await start({ behaviour: { getDeletedDeal, changeDeletedRecord } })
        meanwhile(remove)
        const { status, body } = await world.call<WireError>('UpdateDealStatus', { dealId: seed.deal, status: 'won' })
        expect([status, body.code]).toEqual([409, 'DealDeleted'])
      }
  })

  verifies('deleted.again', 'and so is deleting one that was deleted since it was read, whatever the second DELETE answers', async () => {
    for (const getDeletedDeal of ['served', '404'] as const)
      for (const deleteDeletedRecord of [200, 400, 403, 404, 409, 410] as const) {
        await start({ behaviour: { getDeletedDeal, deleteDeletedRecord } })
        meanwhile(remove)
        const { status, body } = await world.call('UpdateDealStatus', { dealId: seed.deal, status: 'deleted' })
        expect([status, body['status'], body['deleted']]).toEqual([200, 'deleted', true])
      }
  })

  verifies(['deleted.served', 'deleted.again'], 'an archived deal that was deleted is a deleted one', async () => {
    for (const getDeletedDeal of ['served', '404'] as const)
      for (const getArchivedDeal of ['served', '404'] as const)
        for (const deletedDealStatus of ['deleted', 'kept'] as const) {
          await start({ behaviour: { getDeletedDeal, getArchivedDeal, deletedDealStatus } })
          await archive()
          await remove()
          const deleted = { id: seed.deal, status: 'deleted', deleted: true, active: false }
          expect((await world.call('GetDeal', { dealId: seed.deal })).body).toMatchObject(deleted)
          expect((await world.call('UpdateDealStatus', { dealId: seed.deal, status: 'deleted' })).body).toMatchObject(deleted)
          expect(world.takeWrites()).toEqual([])
        }
  })

  verifies('deleted.served', 'GetDeal serves a deal deleted less than 30 days ago, whichever way Pipedrive serves it', async () => {
    for (const getDeletedDeal of ['served', '404'] as const)
      for (const deletedDealStatus of ['deleted', 'kept'] as const) {
        await start({ behaviour: { getDeletedDeal, deletedDealStatus } })
        await world.pipedrive('DELETE', `/api/v2/deals/${seed.deal}`)
        const { status, body } = await world.call('GetDeal', { dealId: seed.deal })
        expect(status).toBe(200)
        expect(body).toMatchObject({ id: seed.deal, status: 'deleted', deleted: true, active: false })
        world.clock.advance(31 * 24 * 3_600_000)
        expect((await world.call('GetDeal', { dealId: seed.deal })).status).toBe(404)
      }
  })

  verifies('archived.served', 'GetDeal serves an archived deal, whichever way Pipedrive serves it', async () => {
    for (const getArchivedDeal of ['served', '404'] as const) {
      await start({ behaviour: { getArchivedDeal } })
      const before = await expectedRecordsOf(world).deal(seed.deal)
      await world.pipedrive('PATCH', `/api/v2/deals/${seed.deal}`, { is_archived: true })
      const { status, body } = await world.call('GetDeal', { dealId: seed.deal })
      expect(status).toBe(200)
      expect({ ...body, update_time: null }).toEqual({ ...before, update_time: null })
    }
  })
})

describe('details', () => {
  verifies('lost-reason.other-status', 'lost_reason with another status is left out and named in a warning', async () => {
    const { status, headers } = await world.call('UpdateDealStatus', { dealId: seed.deal, status: 'won', lost_reason: 'Too dear' })
    expect(status).toBe(200)
    expect(world.takeWrites()[0]!.body).toEqual({ status: 'won' })
    expect(warning(headers)).toContain('lost_reason')
  })

  verifies(
    'output.deal-clock',
    "the next activity's time and duration leave as HH:MM:SS on a deal, in whatever form they come",
    async () => {
      for (const activityTimes of ['HH:MM:SS', 'HH:MM'] as const) {
        await start({ behaviour: { activityTimes } })
        const { body: deal } = await world.call('AddDeal', { title: 'New' })
        await world.call('AddActivity', {
          type: 'call',
          subject: 'Call',
          due_date: '2026-12-01',
          due_time: '09:30',
          duration: '00:45',
          deal_id: deal['id'],
        })
        const { body } = await world.call('GetDeal', { dealId: deal['id'] })
        expect(body).toMatchObject({ next_activity_date: '2026-12-01', next_activity_time: '09:30:00', next_activity_duration: '00:45:00' })
      }
    },
  )

  verifies('output.activity-clock', 'activity times and durations leave as HH:MM, in whatever form they come', async () => {
    for (const activityTimes of ['HH:MM:SS', 'HH:MM'] as const)
      for (const emptyActivityTime of [null, ''] as const) {
        await start({ behaviour: { activityTimes, emptyActivityTime } })
        const { body } = await world.call('AddActivity', { type: 'call', subject: 'Call', due_time: '09:30', duration: '00:45:00' })
        expect(body).toMatchObject({ due_time: '09:30', duration: '00:45' })
        expect((await world.call('AddActivity', { type: 'call', subject: 'Call' })).body).toMatchObject({ due_time: null, duration: null })
      }
  })

  verifies('activity.type.key-or-name', 'the type of an activity is its key or its display name', async () => {
    const types = (await world.pipedrive('GET', '/api/v1/activityTypes')) as unknown as Row[]
    const { name, key_string } = types.find((type) => type['active_flag'] === true && type['name'] !== type['key_string'])!
    for (const type of [name, key_string, String(name).toUpperCase()]) {
      const { body } = await world.call('AddActivity', { type, subject: 'New' })
      expect(body['type']).toBe(key_string)
    }
  })

  verifies('activity.type.unknown', 'an unknown activity type is a 400 with the list', async () => {
    const { status, body } = await world.call<WireError>('AddActivity', { type: 'seance', subject: 'New' })
    expect([status, body.details[0]!.field]).toEqual([400, 'type'])
    expect(body.message).toContain('Call, Meeting')
    expect(world.takeWrites()).toEqual([])
  })

  verifies(
    ['activity.due-date.today', 'activity.not-done'],
    "an activity without due_date is due today in the user's time zone, and is not done",
    async () => {
      for (const key of [ALICE, CAROL]) {
        const { timezone_name } = await world.pipedrive('GET', '/api/v1/users/me', undefined, key)
        for (const time of ['2026-11-22T00:30:00Z', '2026-11-22T12:00:00Z', '2026-11-22T23:30:00Z']) {
          world.clock.set(Date.parse(time))
          const today = new Intl.DateTimeFormat('sv-SE', { timeZone: timezone_name as string }).format(new Date(time))
          const { body } = await world.call('AddActivity', { type: 'call', subject: 'New' }, { key })
          expect(body).toMatchObject({ due_date: today, done: false })
          expect(valueAt(world.takeWrites()[0]!.body!, 'due_date')).toBe(today)
        }
      }
    },
  )
})
