import { expect, test } from 'vitest'
import { sandboxClient } from '../sandbox-client.fixture.ts'

test('an activity without anything gets the defaults of v1', async () => {
  const { data } = sandboxClient()
  expect(await data('POST', '/api/v2/activities', {})).toMatchObject({
    subject: 'Call',
    type: 'call',
    owner_id: 21470311,
    due_date: '2026-11-22',
    due_time: null,
    duration: null,
    busy: false,
    done: false,
    marked_as_done_time: null,
    person_id: null,
    participants: [],
  })
})

test("today is the date in the user's time zone", async () => {
  const { data, clock } = sandboxClient()
  clock.set(Date.parse('2026-11-22T02:00:00Z'))
  expect((await data('POST', '/api/v2/activities', {}))['due_date']).toBe('2026-11-22')
  expect((await data('POST', '/api/v2/activities', {}, 'sandbox-bob'))['due_date']).toBe('2026-11-21')
})

test('times are shown as HH:MM:SS or HH:MM, empty ones as null or ""', async () => {
  const { data, sandbox } = sandboxClient()
  const { id } = await data('POST', '/api/v2/activities', { due_time: '09:30' })
  const times = async () => {
    const { due_time, duration } = await data('GET', `/api/v2/activities/${id}`)
    return [due_time, duration]
  }
  expect(await times()).toEqual(['09:30:00', null])
  sandbox.behaviour.activityTimes = 'HH:MM'
  sandbox.behaviour.emptyActivityTime = ''
  expect(await times()).toEqual(['09:30', ''])
})

test('person_id mirrors the primary participant and cannot be written', async () => {
  const { data, ask } = sandboxClient()
  const participants = [{ person_id: 1 }, { person_id: 2, primary: true }]
  const created = await data('POST', '/api/v2/activities', { participants })
  expect(created).toMatchObject({
    person_id: 2,
    participants: [
      { person_id: 1, primary: false },
      { person_id: 2, primary: true },
    ],
  })
  const refused = await ask('POST', '/api/v2/activities', { person_id: 1 })
  expect([refused.status, refused.body.error]).toEqual([
    400,
    "Validation failed: person_id: Parameter 'person_id' is not allowed for this request",
  ])
})

test('marked_as_done_time changes with done', async () => {
  const { data, clock } = sandboxClient()
  const { id } = await data('POST', '/api/v2/activities', { done: true })
  clock.advance(5_000)
  const at = async (body: object) => (await data('PATCH', `/api/v2/activities/${id}`, body))['marked_as_done_time']
  expect(await at({ done: true })).toBe('2026-11-22T10:00:00Z')
  expect(await at({ done: false })).toBeNull()
  expect(await at({ done: true })).toBe('2026-11-22T10:00:05Z')
})

test('a deal wins over a lead, a lead over a project', async () => {
  const { data } = sandboxClient()
  const lead_id = '2b1c9a30-6a5f-11f1-9d2e-7f4c1b0d8e55'
  expect(await data('POST', '/api/v2/activities', { deal_id: 1, lead_id, project_id: 3 })).toMatchObject({
    deal_id: 1,
    lead_id: null,
    project_id: null,
  })
  expect(await data('POST', '/api/v2/activities', { lead_id, project_id: 3 })).toMatchObject({ deal_id: null, lead_id, project_id: null })
})

test.each([
  [{ type: 'trade_fair' }, 'type: Activity type not found or not active.'],
  [{ type: 'nonsense' }, 'type: Activity type not found or not active.'],
  [{ due_time: '9:30' }, 'due_time: This value is not a valid datetime.'],
  [{ due_date: '2026-11-22T00:00:00Z' }, 'due_date: This value is not a valid date.'],
  [{ due_date: '' }, 'due_date: This value is not a valid date.'],
  [{ done: 1 }, "done: The value is not a valid 'boolean'"],
  [{ user_id: 1 }, "user_id: Parameter 'user_id' is not allowed for this request"],
  [{ deal_id: 999 }, 'deal_id: Deal not found or not accessible.'],
  [{ participants: [{ person_id: 999, primary: true }] }, 'participants: Person not found or not accessible.'],
  [{ participants: [{ person_id: '1' }] }, "participants.person_id: The value is not a valid 'integer'"],
])('%j is refused', async (body, text) => {
  const reply = await sandboxClient().ask('POST', '/api/v2/activities', body)
  expect([reply.status, reply.body.error]).toEqual([400, `Validation failed: ${text}`])
})

test('the list returns the activities of all users, and has filters', async () => {
  const { ids, data } = sandboxClient()
  const all = await ids('/api/v2/activities?limit=500')
  expect(all).toHaveLength(39)
  const ownFields = await ids('/api/v2/activities?owner_id=21470311&limit=500')
  expect(ownFields.length).toBeLessThan(all.length)
  expect(await ids('/api/v2/activities?deal_id=1&done=false')).toEqual([25, 38])
  expect(await ids('/api/v2/activities?deal_id=1&sort_by=due_date&sort_direction=desc&limit=1')).toEqual([38])
  expect(await ids('/api/v2/activities?lead_id=2b1c9a30-6a5f-11f1-9d2e-7f4c1b0d8e55')).toEqual([29])
  expect((await data('GET', '/api/v2/activities/8?include_fields=attendees'))['attendees']).toEqual([
    { name: null, person_id: null, user_id: null, email: expect.any(String) as string, status: 'noreply', is_organizer: false },
  ])
  expect(await data('GET', '/api/v2/activities/8')).not.toHaveProperty('attendees')
})

test('a deleted activity leaves the lists and is served by id', async () => {
  const { ids, data } = sandboxClient()
  await data('DELETE', '/api/v2/activities/1')
  expect(await ids('/api/v2/activities?ids=1,2')).toEqual([2])
  expect((await data('GET', '/api/v2/activities/1'))['is_deleted']).toBe(true)
})

test('the location of an activity is an address: it needs its text, and has its other parts', async () => {
  const { data, ask } = sandboxClient()
  const created = await data('POST', '/api/v2/activities', { subject: 'x', location: { value: 'Sveav. 1', locality: 'Stockholm' } })
  expect(created['location']).toMatchObject({ value: 'Sveav. 1', locality: 'Stockholm', route: null })
  for (const location of ['Sveav. 1', { locality: 'Stockholm' }, { value: 'x', planet: 'y' }])
    expect((await ask('POST', '/api/v2/activities', { subject: 'x', location })).status).toBe(400)
})
