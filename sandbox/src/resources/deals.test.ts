import { expect, test } from 'vitest'
import { type RecordData, sandboxClient } from '../sandbox-client.fixture.ts'
import { brightwater } from '../seed/brightwater.fixture.ts'

const NOW = '2026-11-22T10:00:00Z'

test('a deal with a title alone gets the defaults of its creator', async () => {
  const { data } = sandboxClient()
  expect(await data('POST', '/api/v2/deals', { title: 'New' }, 'sandbox-bob')).toEqual({
    id: 31,
    title: 'New',
    creator_user_id: 21470312,
    owner_id: 21470312,
    value: 0,
    person_id: null,
    org_id: null,
    stage_id: 1,
    pipeline_id: 1,
    currency: 'USD',
    add_time: NOW,
    update_time: NOW,
    status: 'open',
    probability: null,
    lost_reason: null,
    visible_to: 3,
    close_time: null,
    won_time: null,
    lost_time: null,
    stage_change_time: null,
    local_won_date: null,
    local_lost_date: null,
    local_close_date: null,
    expected_close_date: null,
    label_ids: [],
    is_deleted: false,
    is_archived: false,
    archive_time: null,
    origin: 'API',
    origin_id: null,
    channel: null,
    channel_id: null,
    custom_fields: Object.fromEntries(brightwater.customFields.filter(({ entity }) => entity === 'deal').map(({ code }) => [code, null])),
  })
})

test('custom_fields is null in a company that has none', async () => {
  const { data } = sandboxClient()
  expect((await data('GET', '/api/v2/deals/1', undefined, 'sandbox-carol'))['custom_fields']).toBeNull()
})

test('the stage decides the pipeline, a pipeline alone means its first stage', async () => {
  const { data } = sandboxClient()
  const place = async (body: object) => {
    const { stage_id, pipeline_id } = await data('POST', '/api/v2/deals', { title: 'x', ...body })
    return [stage_id, pipeline_id]
  }
  expect(await place({ stage_id: 12 })).toEqual([12, 3])
  expect(await place({ pipeline_id: 2 })).toEqual([6, 2])
  expect(await place({ pipeline_id: 2, stage_id: 12 })).toEqual([12, 3])
})

test('a move stamps stage_change_time and update_time; a PATCH that changes nothing stamps nothing', async () => {
  const { data, clock } = sandboxClient()
  const { id } = await data('POST', '/api/v2/deals', { title: 'x' })
  clock.advance(5_000)
  const same = await data('PATCH', `/api/v2/deals/${id}`, { stage_id: 1, title: 'x' })
  expect([same['stage_change_time'], same['update_time']]).toEqual([null, NOW])
  const moved = await data('PATCH', `/api/v2/deals/${id}`, { stage_id: 2 })
  expect([moved['stage_change_time'], moved['update_time']]).toEqual(['2026-11-22T10:00:05Z', '2026-11-22T10:00:05Z'])
  const other = await data('PATCH', `/api/v2/deals/${id}`, { pipeline_id: 3 })
  expect([other['pipeline_id'], other['stage_id']]).toEqual([3, 10])
})

test('winning, losing and reopening set and clear the times; the first time won stays', async () => {
  const { data, clock } = sandboxClient()
  const { id } = await data('POST', '/api/v2/deals', { title: 'x' })
  const closing = async (body: object) => {
    clock.advance(1_000)
    await data('PATCH', `/api/v2/deals/${id}`, body)
    const deal = await data('GET', `/api/v2/deals/${id}?include_fields=first_won_time`)
    return [deal['status'], deal['close_time'], deal['won_time'], deal['lost_time'], deal['lost_reason'], deal['first_won_time']]
  }
  const at = (second: number) => `2026-11-22T10:00:0${second}Z`
  expect(await closing({ status: 'won' })).toEqual(['won', at(1), at(1), null, null, at(1)])
  expect(await closing({ status: 'lost', lost_reason: 'Price' })).toEqual(['lost', at(2), null, at(2), 'Price', at(1)])
  expect(await closing({ lost_reason: 'Quality' })).toEqual(['lost', at(2), null, at(2), 'Quality', at(1)])
  expect(await closing({ status: 'open' })).toEqual(['open', null, null, null, null, at(1)])
  const input = await closing({ status: 'won', won_time: '2026-11-01 08:00:00' })
  expect(input).toEqual(['won', '2026-11-01T08:00:00Z', '2026-11-01T08:00:00Z', null, null, at(1)])
})

test('local dates are those of the reader', async () => {
  const { data, clock } = sandboxClient()
  clock.set(Date.parse('2026-11-22T23:30:00Z'))
  const { id, local_won_date } = await data('POST', '/api/v2/deals', { title: 'x', status: 'won' })
  expect(local_won_date).toBe('2026-11-23')
  expect((await data('GET', `/api/v2/deals/${id}`, undefined, 'sandbox-bob'))['local_won_date']).toBe('2026-11-22')
})

test.each([
  [{ lost_reason: 'x' }, 'lost_reason: Can only be set if deal status is lost.'],
  [{ status: 'lost', won_time: '2026-11-01 08:00:00' }, 'won_time: Can only be set if deal status is won.'],
  [{ status: 'won', lost_time: '2026-11-01 08:00:00' }, 'lost_time: Can only be set if deal status is lost.'],
  [{ close_time: '2026-11-01 08:00:00' }, 'close_time: Can only be set if deal status is won or lost.'],
  [{ status: 'deleted' }, "status: The value is not one of 'open', 'won', 'lost'"],
  [{ currency: 'XXX' }, 'currency: Currency not found or not active.'],
  [{ currency: 'EEK' }, 'currency: Currency not found or not active.'],
  [{ owner_id: 21470316 }, 'owner_id: User not found or not accessible.'],
  [{ owner_id: 31880104 }, 'owner_id: User not found or not accessible.'],
  [{ person_id: 999 }, 'person_id: Person not found or not accessible.'],
  [{ person_id: 15 }, 'person_id: Person not found or not accessible.'],
  [{ stage_id: 99 }, 'stage_id: Stage not found or not accessible.'],
  [{ label_ids: [99] }, 'label_ids: Label not found.'],
  [{ probability: 101 }, 'probability: The value is not between 0 and 100'],
  [{ value: '10' }, "value: The value is not a valid 'number'"],
  [{ expected_close_date: null }, "expected_close_date: The value is not a valid 'string'"],
  [{ expected_close_date: '2026-02-30' }, 'expected_close_date: This value is not a valid date.'],
  [{ custom_fields: { title: 1 } }, "custom_fields: Unknown key 'title'"],
  [{ is_deleted: true }, "is_deleted: Parameter 'is_deleted' is not allowed for this request"],
  [{ user_id: 1 }, "user_id: Parameter 'user_id' is not allowed for this request"],
  [{ title: ' ' }, 'title: This value should not be blank.'],
])('%j is refused', async (body, text) => {
  const { ask } = sandboxClient()
  const reply = await ask('POST', '/api/v2/deals', { title: 'x', ...body })
  expect([reply.status, reply.body]).toEqual([
    400,
    { success: false, error: `Validation failed: ${text}`, code: 'ERR_SCHEMA_VALIDATION_FAILED' },
  ])
})

test('an empty expected close date is stored as 0000-00-00', async () => {
  const { data } = sandboxClient()
  expect((await data('PATCH', '/api/v2/deals/1', { expected_close_date: '' }))['expected_close_date']).toBe('0000-00-00')
})

test('custom fields are merged by code and cleared by null', async () => {
  const { data } = sandboxClient()
  const [order, fee] = ['4f9a1c07d2be63581e0f7a94c5d8b3e26017fa9c', 'b07e5d3389c1f24a6d90e8175bc2f4a3d61e9078']
  const changed = await data('PATCH', '/api/v2/deals/1', { custom_fields: { [order]: null, [fee]: { value: 1.5, currency: 'EUR' } } })
  expect(changed['custom_fields']).toMatchObject({ [order]: null, [fee]: { value: 1.5, currency: 'EUR' } })
  const one = await data('GET', `/api/v2/deals/1?custom_fields=${fee}`)
  expect(one['custom_fields']).toEqual({ [fee]: { value: 1.5, currency: 'EUR' } })
})

test('a level of visibility that the plan does not offer is refused', async () => {
  const { ask } = sandboxClient()
  expect((await ask('POST', '/api/v2/deals', { title: 'x', visible_to: 7 })).status).toBe(403)
  expect((await ask('POST', '/api/v2/deals', { title: 'x', visible_to: 7 }, 'sandbox-carol')).status).toBe(200)
})

test('counts and activities are returned only with include_fields, and count existing activities', async () => {
  const { data } = sandboxClient()
  const fields =
    'next_activity_id,last_activity_id,activities_count,done_activities_count,undone_activities_count,participants_count,notes_count'
  expect(await data('GET', '/api/v2/deals/1')).not.toHaveProperty('activities_count')
  expect(await data('GET', `/api/v2/deals/1?include_fields=${fields}`)).toMatchObject({
    next_activity_id: 25,
    last_activity_id: 28,
    activities_count: 5,
    done_activities_count: 3,
    undone_activities_count: 2,
    participants_count: 1,
    notes_count: 4,
  })
  await data('POST', '/api/v2/activities', { deal_id: 1, subject: 'Sooner', due_date: '2026-11-22' })
  await data('DELETE', '/api/v2/activities/28')
  expect(await data('GET', `/api/v2/deals/1?include_fields=${fields}`)).toMatchObject({
    next_activity_id: 41,
    last_activity_id: 11,
    activities_count: 5,
  })
})

test('the owner follows a new deal one second after its creation', async () => {
  const { data, clock } = sandboxClient()
  const { id } = await data('POST', '/api/v2/deals', { title: 'x' })
  const followers = async () => (await data('GET', `/api/v2/deals/${id}?include_fields=followers_count`))['followers_count']
  expect(await followers()).toBe(0)
  clock.advance(1_000)
  expect(await followers()).toBe(1)
})

test('lists leave out deleted and archived deals; status=deleted and /deals/archived show them', async () => {
  const { ids } = sandboxClient()
  const listed = await ids('/api/v2/deals')
  for (const hidden of [20, 21, 22, 23, 24, 25]) expect(listed).not.toContain(hidden)
  expect(await ids('/api/v2/deals?status=deleted')).toEqual([23, 24, 25])
  expect(await ids('/api/v2/deals?status=deleted,won')).toEqual([3, 10, 19, 23, 24, 25])
  expect(await ids('/api/v2/deals/archived')).toEqual([20, 21, 22])
  expect(await ids('/api/v2/deals/archived?status=lost')).toEqual([21])
})

test('an archived deal can only be brought back, unless switched', async () => {
  const { ask, data, ids, sandbox, clock } = sandboxClient()
  expect(await data('PATCH', '/api/v2/deals/1', { is_archived: true })).toMatchObject({ is_archived: true, archive_time: NOW })
  expect(await ids('/api/v2/deals/archived?ids=1')).toEqual([1])
  expect((await ask('PATCH', '/api/v2/deals/1', { title: 'y' })).status).toBe(403)
  sandbox.behaviour.changeArchivedDeal = 409
  expect((await ask('PATCH', '/api/v2/deals/1', { title: 'y' })).status).toBe(409)
  sandbox.behaviour.getArchivedDeal = '404'
  expect((await ask('GET', '/api/v2/deals/1')).status).toBe(404)
  sandbox.behaviour.deleteArchivedDeal = 400
  expect((await ask('DELETE', '/api/v2/deals/1')).status).toBe(400)
  clock.advance(1_000)
  expect(await data('PATCH', '/api/v2/deals/1', { is_archived: false })).toMatchObject({ is_archived: false, archive_time: null })
  expect(await ids('/api/v2/deals?ids=1')).toEqual([1])
})

test('a deleted deal is returned for 30 days, then it is a 404', async () => {
  const { ask, data, ids, clock } = sandboxClient()
  expect(await data('DELETE', '/api/v2/deals/1')).toEqual({ id: 1 })
  expect(await data('GET', '/api/v2/deals/1')).toMatchObject({ is_deleted: true, status: 'deleted' })
  clock.advance(30 * 86_400_000 - 1_000)
  expect(await ids('/api/v2/deals?status=deleted')).toEqual([1])
  clock.advance(1_000)
  expect(await ids('/api/v2/deals?status=deleted')).toEqual([])
  const reply = await ask('GET', '/api/v2/deals/1')
  expect([reply.status, reply.body]).toEqual([404, { success: false, error: 'Deal not found' }])
})

test('what a deleted deal answers can be switched', async () => {
  const { ask, data, sandbox } = sandboxClient({ deletedDealStatus: 'kept' })
  await data('DELETE', '/api/v2/deals/3')
  expect(await data('GET', '/api/v2/deals/3')).toMatchObject({ is_deleted: true, status: 'won' })
  sandbox.behaviour.getDeletedDeal = '404'
  expect((await ask('GET', '/api/v2/deals/3')).status).toBe(404)
  expect((await ask('PATCH', '/api/v2/deals/3', { title: 'y' })).status).toBe(400)
  sandbox.behaviour.changeDeletedRecord = 404
  expect((await ask('PATCH', '/api/v2/deals/3', { title: 'y' })).body.error).toBe('Deal not found')
  const again = await ask('DELETE', '/api/v2/deals/3')
  expect([again.status, again.body]).toEqual([410, { success: true, data: { id: 3 } }])
  sandbox.behaviour.deleteDeletedRecord = 409
  expect((await ask('DELETE', '/api/v2/deals/3')).status).toBe(409)
})

test('restoreDeal brings a deal back that was deleted', async () => {
  const { data, ids, sandbox } = sandboxClient()
  await data('DELETE', '/api/v2/deals/1')
  sandbox.restoreDeal(1)
  expect(await ids('/api/v2/deals?ids=1')).toEqual([1])
  expect(() => sandbox.restoreDeal(1)).toThrow('no deleted deal 1')
})

test('filters by owner, person, organization, pipeline and stage; an unknown one finds nothing', async () => {
  const { data, ids } = sandboxClient()
  const all = await data<RecordData[]>('GET', '/api/v2/deals?limit=500')
  for (const [name, value] of [
    ['owner_id', 21470312],
    ['person_id', 1],
    ['org_id', 3],
    ['pipeline_id', 2],
    ['stage_id', 4],
  ] as const) {
    const expected = all.filter((deal) => deal[name] === value).map(({ id }) => id)
    expect(expected.length).toBeGreaterThan(0)
    expect(await ids(`/api/v2/deals?${name}=${value}`), name).toEqual(expected)
  }
  expect(await ids('/api/v2/deals?pipeline_id=999')).toEqual([])
})

test('updated_since includes its second, updated_until does not', async () => {
  const { data, ids, clock } = sandboxClient()
  clock.advance(60_000)
  await data('PATCH', '/api/v2/deals/1', { title: 'y' })
  const second = '2026-11-22T10:01:00Z'
  expect(await ids(`/api/v2/deals?updated_since=${second}`)).toEqual([1])
  expect(await ids(`/api/v2/deals?updated_since=${second}&updated_until=${second}`)).toEqual([])
})

test('include_labels adds the labels with their names', async () => {
  const { data } = sandboxClient()
  expect((await data('GET', '/api/v2/deals/1?include_labels=true'))['labels']).toEqual([{ id: 11, label: 'Hot' }])
})

test('the status of a create can be switched', async () => {
  const { ask } = sandboxClient({ createStatus: 201 })
  expect((await ask('POST', '/api/v2/deals', { title: 'x' })).status).toBe(201)
})

test('a PATCH with value leaves other fields alone', async () => {
  const { data } = sandboxClient()
  const fields = ['value', 'probability', 'expected_close_date', 'label_ids'] as const
  const change = async (body: object) => {
    const deal = await data('PATCH', '/api/v2/deals/1', body)
    return fields.map((field) => deal[field])
  }
  const before = await change({ value: 5, probability: 30, expected_close_date: '2027-01-31' })
  expect(before).toEqual([5, 30, '2027-01-31', [11]])
  expect(await change({ value: 6 })).toEqual([6, ...before.slice(1)])
})

test.each([
  ['add_time', 0],
  ['a second later', 1],
] as const)('the update_time of what was never changed can be played: %s', async (newUpdateTime, seconds) => {
  const { data } = sandboxClient({ newUpdateTime })
  const { add_time, update_time } = await data<{ add_time: string; update_time: string }>('POST', '/api/v2/deals', { title: 'New' })
  expect(Date.parse(update_time) - Date.parse(add_time)).toBe(seconds * 1_000)
})

test.each(['by add_time', 'left out'] as const)('without an update_time, updated_since finds a record %s', async (updatedSinceOfNew) => {
  const { data, ids } = sandboxClient({ newUpdateTime: 'null', updatedSinceOfNew })
  const { id, add_time, update_time } = await data<{ id: number; add_time: string; update_time: null }>('POST', '/api/v2/deals', {
    title: 'New',
  })
  expect(update_time).toBeNull()
  expect((await ids(`/api/v2/deals?updated_since=${add_time}`)).includes(id)).toBe(updatedSinceOfNew === 'by add_time')
  expect(await ids(`/api/v2/deals?ids=${id}`)).toEqual([id])
})
