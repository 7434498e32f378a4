import { beforeAll, beforeEach, describe, expect } from 'vitest'
import { findSeedRecords, type SeedRecords } from './seed-records.ts'
import { verifies } from './verifies.ts'
import { ALICE, createWorld, type Row, type WireError, type World } from './world.ts'

let world: World
let seed: SeedRecords
beforeAll(async () => {
  world = await createWorld({ config: { callsPerMinute: 10_000 } })
  seed = await findSeedRecords(world)
})
beforeEach(() => void world.takeRequests())

/** What Pipedrive is asked to write when the caller gives this. */
async function writtenBy(operation: string, input: Row): Promise<Row> {
  world.takeRequests()
  const { status, text } = await world.call(operation, input)
  expect(text && status).toBe(200)
  return world.takeWrites()[0]!.body!
}
const deal = (fields: Row) => writtenBy('AddDealV2', { title: 'New', ...fields })
const activity = (fields: Row) => writtenBy('AddActivity', { type: 'call', subject: 'New', ...fields })

/** Why a call is refused, field by field. Nothing may have been written. */
async function refusal(operation: string, input: Row): Promise<Record<string, string>> {
  world.takeRequests()
  const { status, body } = await world.call<WireError>(operation, input)
  expect(status).toBe(400)
  expect(body).toMatchObject({ code: 'InvalidInput', source: 'connector' })
  expect(world.takeWrites()).toEqual([])
  return Object.fromEntries(body.details.map(({ field, message }) => [field, message]))
}
const refusedDeal = (fields: Row) => refusal('AddDealV2', { title: 'New', ...fields })
const refusedActivity = (fields: Row) => refusal('AddActivity', { type: 'call', subject: 'New', ...fields })

describe('ids and numbers', () => {
  verifies(
    'input.id.leniency',
    'an id is a number or its decimal text, in a path and in a body, whatever its type in the contract',
    async () => {
      for (const person_id of [seed.person, String(seed.person), ` ${seed.person} `])
        expect(await deal({ person_id })).toMatchObject({ person_id: seed.person })
      for (const deal_id of [seed.deal, String(seed.deal)]) expect(await activity({ deal_id })).toMatchObject({ deal_id: seed.deal })
      expect((await world.call('GetDeal', { dealId: seed.deal })).status).toBe(200)
    },
  )

  verifies('input.id.refused', 'an id of 0, below 0, with a fraction, or like "12abc" is a 400 that shows the id', async () => {
    for (const org_id of [0, -1, 1.5, '0', '-3', '1.5', '12abc', 'abc', true, '1e3'])
      expect(await refusedDeal({ org_id })).toEqual({ org_id: expect.stringContaining(`"${org_id}"`) })
    for (const dealId of ['0', '-1', '1.5', '12abc']) expect(Object.keys(await refusal('GetDeal', { dealId }))).toEqual(['dealId'])
  })

  verifies(['input.number.leniency', 'input.value.decimals'], 'value is a number or its decimal text, with decimals', async () => {
    for (const value of [1250.5, '1250.5', '1250.50']) expect(await deal({ value })).toMatchObject({ value: 1250.5 })
    expect(await deal({ value: 0 })).toMatchObject({ value: 0 })
    expect(await refusedDeal({ value: 'a lot' })).toEqual({ value: expect.stringMatching(/not a number; write it like/) })
  })
})

describe('texts', () => {
  verifies('input.text.leniency', 'a text may be given as a number or a boolean', async () => {
    expect(await deal({ title: 42 })).toMatchObject({ title: '42' })
    expect(await activity({ subject: true, note: 3.5 })).toMatchObject({ subject: 'true', note: '3.5' })
  })

  verifies('input.structure.refused', 'an object or a list where a single value belongs is a 400', async () => {
    for (const value of [{}, [], { id: 1 }, [1]]) {
      const fields = Object.fromEntries(
        ['title', 'stage_id', 'status', 'value', 'currency', 'expected_close_date', 'visible_to'].map((key) => [key, value]),
      )
      expect(Object.keys(await refusedDeal(fields)).sort()).toEqual(Object.keys(fields).sort())
    }
  })

  verifies('input.enum.leniency', 'enums ignore case and outer blanks', async () => {
    expect(await deal({ status: ' WON ' })).toMatchObject({ status: 'won' })
    expect(await deal({ visible_to: 'owner AND followers ' })).toMatchObject({ visible_to: 1 })
    expect(await refusedDeal({ status: 'wn' })).toEqual({ status: expect.stringContaining('"open", "won", "lost", "deleted"') })
  })
})

describe('dates and times', () => {
  verifies('input.date.forms', 'a plain date is yyyy-MM-dd or an ISO date-time, of which the date as written counts', async () => {
    for (const expected_close_date of [
      '2026-12-24',
      '2026-12-24T23:30:00Z',
      '2026-12-24T00:30:00+09:00',
      '2026-12-24 00:30:00+09',
      '2026-12-24T23:30:00.000-08:00',
    ])
      expect(await deal({ expected_close_date })).toMatchObject({ expected_close_date: '2026-12-24' })
    expect(await activity({ due_date: '2026-12-24T00:30:00+09:00' })).toMatchObject({ due_date: '2026-12-23', due_time: '15:30' })
  })

  verifies('input.date.refused', 'any other date is a 400 with an example', async () => {
    for (const expected_close_date of [
      '24.12.2026',
      '12/24/2026',
      '2026-12-24T25:00',
      '2026-02-30',
      '2026-13-01',
      'tomorrow',
      20261224,
      true,
    ])
      expect(await refusedDeal({ expected_close_date })).toEqual({ expected_close_date: expect.stringMatching(/\d{4}-\d{2}-\d{2}$/) })
  })

  verifies('input.time.forms', 'a time is HH:mm or HH:mm:ss, also with one digit for the hour or a Z', async () => {
    for (const due_time of ['09:30', '09:30:00', '9:30', '09:30:00Z']) expect((await activity({ due_time }))['due_time']).toMatch(/^09:30/)
    for (const duration of ['01:30', '01:30:00']) expect((await activity({ duration }))['duration']).toMatch(/^01:30/)
  })

  verifies('input.time.refused', 'any other time is a 400 with an example', async () => {
    for (const due_time of ['24:00', '09:60', '9.30', 'noon', 930])
      expect(await refusedActivity({ due_time })).toEqual({ due_time: expect.stringMatching(/\d{2}:\d{2}$/) })
    expect(await refusedActivity({ duration: '1h' })).toEqual({ duration: expect.stringMatching(/\d{2}:\d{2}$/) })
  })
})

describe('empty values', () => {
  verifies('input.optional.empty', 'null and "" for an optional field mean that it is absent', async () => {
    for (const empty of [null, '', '  ']) {
      const written = await deal({ stage_id: empty, pipeline_id: empty, status: empty, value: empty, person_id: empty, visible_to: empty })
      expect(written).toEqual({ title: 'New' })
    }
  })

  verifies('input.required.empty', 'null and "" for a required field are a 400', async () => {
    for (const empty of [null, '', '  ', undefined]) {
      expect(await refusal('AddDeal', { title: empty })).toEqual({ title: expect.stringContaining('required') })
      expect(Object.keys(await refusal('UpdateDealStatus', { dealId: seed.deal, status: empty }))).toEqual(['status'])
    }
  })
})

describe('beyond the contract', () => {
  verifies('input.extra.mapped', 'fields that API v2, or v1 under an older name, can write are mapped', async () => {
    const { colleague } = seed
    expect(await deal({ user_id: String(colleague), probability: '65' })).toMatchObject({ owner_id: colleague, probability: 65 })
    expect(await deal({ owner_id: colleague })).toMatchObject({ owner_id: colleague })
    expect(await activity({ done: '1', busy_flag: true, public_description: 'Hello' })).toMatchObject({
      done: true,
      busy: true,
      public_description: 'Hello',
    })
  })

  verifies('input.extra.custom-fields', '40-hex keys in a body are custom fields', async () => {
    const fields = (await world.pipedrive('GET', '/api/v2/dealFields?limit=500')) as unknown as Row[]
    const code = fields.map((field) => field['field_code'] as string).find((name) => /^[0-9a-f]{40}$/.test(name))!
    expect(await deal({ [code]: 'Blue' })).toMatchObject({ custom_fields: { [code]: 'Blue' } })
  })

  verifies('input.extra.mapped', 'and a status that API v2 cannot write is refused, not lost', async () => {
    const { deal: dealId, stage: stage_id } = seed
    expect(await refusal('UpdateDealStage', { dealId, stage_id, status: 'deleted' })).toEqual({ status: expect.stringContaining('"open"') })
    await world.call('UpdateDealStage', { dealId, stage_id, status: ' Lost ', lost_reason: 'Price' })
    expect(world.takeWrites().at(-1)!.body).toMatchObject({ status: 'lost', lost_reason: 'Price' })
  })

  verifies('input.extra.unknown', 'any other body field is a 400 with the nearest known name', async () => {
    expect(await refusedDeal({ tittle: 'x' })).toEqual({ tittle: expect.stringContaining('"title"') })
    expect(await refusedActivity({ due_dat: '2026-12-24' })).toEqual({ due_dat: expect.stringContaining('"due_date"') })
    expect(await refusal('UpdateDealStatus', { dealId: seed.deal, status: 'won', colour: 'red' })).toEqual({ colour: expect.any(String) })
  })

  verifies('input.beside.ignored', 'unknown query parameters and headers are ignored', async () => {
    const { status } = await world.http(`/v1/deals/${seed.deal}?api-version=2016-11-01&x=1`, {
      headers: { 'x-api-key': ALICE, 'x-ms-client-tracking-id': '1' },
    })
    expect(status).toBe(200)
    expect((await world.call('ListPipelines', { whatever: '1' })).status).toBe(200)
  })
})
