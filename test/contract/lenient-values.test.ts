import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { findSeedRecords, type SeedRecords } from './seed-records.ts'
import { ALICE, createWorld, type Row, type WireError, type World } from './world.ts'

let world: World
let seed: SeedRecords
beforeAll(async () => {
  world = await createWorld({ config: { callsPerMinute: 10_000 } })
  seed = await findSeedRecords(world)
})
beforeEach(() => void world.takeRequests())

const warningOf = ({ headers }: { headers: Headers }) => headers.get('x-dealbridge-warning')
async function written(operation: string, input: Row): Promise<{ body: Row; warning: string | null }> {
  const reply = await world.call(operation, input)
  expect([reply.status, reply.text]).toEqual([200, expect.anything()])
  return { body: world.takeWrites()[0]!.body!, warning: warningOf(reply) }
}
async function refused(operation: string, input: Row): Promise<Record<string, string>> {
  const { status, body } = await world.call<WireError>(operation, input)
  expect([status, body.code, world.takeWrites()]).toEqual([400, 'InvalidInput', []])
  return Object.fromEntries(body.details.map(({ field, message }) => [field, message]))
}

describe('a date with a time', () => {
  test('in a field with a time beside it is that moment in UTC, in both fields, with a warning', async () => {
    const input = { type: 'call', subject: 'Call', due_date: '2026-12-31T23:30:00-05:00' }
    const { body, warning } = await written('AddActivity', input)
    expect(body).toMatchObject({ due_date: '2027-01-01', due_time: '04:30' })
    expect(warning).toContain('taken as 2027-01-01 04:30 UTC')
  })

  test('in a plain date is its own calendar day, with a warning; a time that was sent by itself stays', async () => {
    const deal = await written('AddDealV2', { title: 'New', expected_close_date: '2026-12-31T23:30:00-05:00' })
    expect(deal.body).toMatchObject({ expected_close_date: '2026-12-31' })
    expect(deal.warning).toContain('expected_close_date "2026-12-31T23:30:00-05:00" was taken as the day 2026-12-31')
    const call = { type: 'call', subject: 'Call', due_date: '2026-12-31T23:30:00-05:00', due_time: '9:30' }
    const activity = await written('AddActivity', call)
    expect(activity.body).toMatchObject({ due_date: '2026-12-31', due_time: '09:30' })
    expect(activity.warning).toContain('was taken as the day 2026-12-31')
    expect((await written('AddDealV2', { title: 'New', expected_close_date: '2026-12-31' })).warning).toBeNull()
  })

  test('that does not exist is refused by name', async () => {
    for (const due_date of ['2026-02-30T10:00:00Z', '2026-12-31T25:00:00Z', '2026-13-01'])
      expect(Object.keys(await refused('AddActivity', { type: 'call', subject: 'Call', due_date }))).toEqual(['due_date'])
  })
})

describe('spellings', () => {
  test('of times, durations and ids, as sheets and forms write them', async () => {
    for (const [due_time, expected] of [
      ['9:30', '09:30'],
      ['09:05:00Z', '09:05'],
      ['23:59:59.999Z', '23:59'],
    ])
      expect((await written('AddActivity', { type: 'call', subject: 'Call', due_time })).body).toMatchObject({ due_time: expected })
    expect((await written('AddActivity', { type: 'call', subject: 'Call', duration: '120:15' })).body).toMatchObject({ duration: '120:15' })
    expect((await written('AddDealV2', { title: 'New', person_id: `${seed.person}.0` })).body).toMatchObject({ person_id: seed.person })
    expect((await world.call('GetDeal', { dealId: `${seed.deal}.0` })).status).toBe(200)
  })

  test('a number whose digits would be lost is refused by its field, in JSON and as text', async () => {
    const headers = { 'x-api-key': ALICE, 'content-type': 'application/json' }
    const post = (json: string) => world.http<WireError>('/connector-v2/v1/deals', { method: 'POST', headers, body: json })
    for (const json of ['{"title":"New","value":9007199254740993}', '{"title":"New","custom_fields":{"a":{"value":9007199254740993}}}']) {
      const { status, body } = await post(json)
      expect([status, body.details[0]!.field, body.details[0]!.message]).toEqual([400, 'value', expect.stringContaining('more digits')])
    }
    expect(await refused('AddDealV2', { title: 'New', value: '9007199254740993' })).toEqual({
      value: expect.stringContaining('more digits'),
    })
    expect((await post('{"title":"1234567890123456789","value":1234567890.25}')).status).toBe(200)
    expect(world.takeWrites()).toHaveLength(1)
  })

  test('an amount that no account has is refused by the sandbox', async () => {
    expect((await world.call('AddDealV2', { title: 'New', value: 1e300 })).status).toBe(400)
  })
})

describe('empty values of an update', () => {
  const update = async (more: Row) => {
    const { id } = await world.pipedrive('POST', '/api/v2/deals', { title: 'Chairs', expected_close_date: '2026-12-31', probability: 50 })
    return { id: Number(id), ...(await written('UpdateDealStatus', { dealId: id, status: 'open', ...more })) }
  }
  const stored = (id: number) => world.pipedrive('GET', `/api/v2/deals/${id}`)

  test('change nothing, and the warning names them with the way to clear them', async () => {
    const { id, body, warning } = await update({ expected_close_date: '', probability: null, title: ' ' })
    expect(body).toEqual({ status: 'open' })
    expect(warning).toContain('expected_close_date, probability; to clear, send "clear_fields": ["expected_close_date","probability"]')
    expect(warning).toContain('unchanged: title')
    expect(await stored(id)).toMatchObject({ expected_close_date: '2026-12-31', probability: 50 })
  })

  test.each([[['expected_close_date', 'label']], ['expected_close_date, label']])('clear_fields %j empties them', async (clear_fields) => {
    const { id, body, warning } = await update({ clear_fields, expected_close_date: null })
    expect(body).toEqual({ status: 'open', expected_close_date: '', label_ids: [] })
    expect(warning).toBeNull()
    const { body: shown } = await world.call('GetDeal', { dealId: id })
    expect([shown['expected_close_date'], (await stored(id))['probability']]).toEqual([null, 50])
  })

  test('a custom field is cleared by clear_fields, and by null under its key, but not by an empty text', async () => {
    const fields = (await world.pipedrive('GET', '/api/v2/dealFields?limit=500')) as unknown as Row[]
    const text = fields.find(({ is_custom_field: own, field_type: type }) => own && type === 'varchar')!['field_code'] as string
    for (const [input, expected] of [
      [{ clear_fields: [text] }, { [text]: null }],
      [{ [text]: null }, { [text]: null }],
    ])
      expect((await update(input!)).body).toEqual({ status: 'open', custom_fields: expected })
    for (const input of [{ [text]: 'a' }, { [text]: null }, { clear_fields: [text] }])
      expect(await refused('UpdateDealStatus', { dealId: seed.deal, status: 'open', custom_fields: { [text]: 'b' }, ...input })).toEqual({
        [text]: expect.stringContaining('contradicts custom_fields'),
      })
    const { body, warning } = await update({ [text]: '' })
    expect([body, warning]).toEqual([{ status: 'open' }, expect.stringContaining(`send "clear_fields": ["${text}"]`)])
  })

  test('a name that is wrong, cannot be cleared, or has a value beside it is refused, and nothing is sent', async () => {
    const about = (clear_fields: unknown, more: Row = {}) =>
      refused('UpdateDealStatus', { dealId: seed.deal, status: 'open', clear_fields, ...more })
    expect(await about(['expected_close'])).toEqual({ clear_fields: expect.stringContaining('did you mean "expected_close_date"?') })
    expect(await about(['title'])).toEqual({ clear_fields: expect.stringContaining('"title" cannot be cleared') })
    expect(await about(['label'], { label_ids: [1] })).toEqual({ clear_fields: expect.stringContaining('contradicts label_ids') })
    for (const wrong of [7, { title: true }, [['title']]])
      expect(await about(wrong)).toEqual({ clear_fields: expect.stringContaining('a list of field names') })
    expect(await refused('AddDealV2', { title: 'New', clear_fields: ['label'] })).toEqual({
      clear_fields: expect.stringContaining('is not a field of this operation'),
    })
  })
})
