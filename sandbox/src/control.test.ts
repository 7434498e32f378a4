import { expect, test } from 'vitest'
import { createSandbox } from './sandbox.ts'
import { sandboxClient } from './sandbox-client.fixture.ts'

function controlled() {
  const world = sandboxClient()
  const control = async (method: string, path: string, body?: unknown) => {
    const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) }
    const answer = await world.sandbox.fetch(new Request(`http://x.example/_sandbox${path}`, init))
    const text = await answer.text()
    return { status: answer.status, body: (text === '' ? undefined : JSON.parse(text)) as Record<string, unknown> }
  }
  return { ...world, control }
}

test('the clock is shown, frozen, set, advanced and resumed', async () => {
  const { control, clock } = controlled()
  expect((await control('GET', '/clock')).body).toEqual({ now: '2026-11-22T10:00:00.000Z', frozen: false })
  expect((await control('POST', '/clock', { advance: '90s' })).body).toEqual({ now: '2026-11-22T10:01:30.000Z', frozen: false })
  expect((await control('POST', '/clock', { freeze: true })).body).toEqual({ now: '2026-11-22T10:01:30.000Z', frozen: true })
  clock.advance(5_000)
  expect((await control('POST', '/clock', { advance: 5400 })).body['now']).toBe('2026-11-22T11:31:30.000Z')
  expect((await control('POST', '/clock', { set: '2026-12-01T01:00:00+01:00', advance: '3d' })).body['now']).toBe(
    '2026-12-04T00:00:00.000Z',
  )
  expect((await control('POST', '/clock', { resume: true })).body).toEqual({ now: '2026-12-04T00:00:00.000Z', frozen: false })
  clock.advance(1_000)
  expect((await control('GET', '/clock')).body['now']).toBe('2026-12-04T00:00:01.000Z')
})

test.each([
  [{}, '{"advance":"90s"}'],
  [{ freeze: true, resume: true }, '{"resume":true}'],
  [{ freeze: 1 }, 'freeze'],
  [{ set: 'tomorrow' }, 'set: a time such as "2026-12-01T00:00:00Z"'],
  [{ advance: 'a week' }, 'advance: seconds, or a text such as "90s"'],
  [{ advance: '-5s' }, 'use set to move back'],
  [{ advance: '9999999d' }, '1970 and 9999'],
  [{ stop: true }, 'stop'],
])('the clock refuses %j with the valid forms', async (order, text) => {
  const { control } = controlled()
  const { status, body } = await control('POST', '/clock', order)
  expect([status, body['error']]).toEqual([400, expect.stringContaining(text)])
  expect((await control('GET', '/clock')).body['now']).toBe('2026-11-22T10:00:00.000Z')
})

test('everything obeys the one clock: budgets, late commits and the end of deleted records', async () => {
  const { sandbox, ask, data } = controlled()
  sandbox.lateCommits(5)
  const { id } = await data('POST', '/api/v2/deals', { title: 'x' })
  await data('DELETE', '/api/v2/deals/1')
  expect((await ask('GET', `/api/v2/deals/${id}`)).status).toBe(404)
  await sandbox.clock.advance('5s')
  expect((await ask('GET', `/api/v2/deals/${id}`)).status).toBe(200)
  expect(sandbox.meters()[0]?.spent).toBeGreaterThan(0)
  await sandbox.clock.advance('1d')
  expect(sandbox.meters()[0]?.spent).toBe(0)
  expect((await ask('GET', '/api/v2/deals/1')).status).toBe(200)
  await sandbox.clock.advance('29d')
  expect((await ask('GET', '/api/v2/deals/1')).status).toBe(404)
})

test('the clock accepts durations and dates as texts, and refuses other texts', async () => {
  const { sandbox } = controlled()
  await sandbox.clock.set('2026-12-24T18:00:00Z')
  await sandbox.clock.advance(1_500)
  expect(sandbox.clock.now()).toBe(Date.parse('2026-12-24T18:00:01.500Z'))
  expect(() => sandbox.clock.advance('soon')).toThrow('"soon" is not a time')
  expect(() => sandbox.clock.set('soon')).toThrow('"soon" is not a time')
})

test('sandboxes live side by side: time, faults, behaviour and records of one are nothing to the other', async () => {
  const [a, b] = [sandboxClient(), sandboxClient()]
  await a.sandbox.clock.advance('1d')
  a.sandbox.behaviour.createStatus = 201
  a.sandbox.faults.add({ kind: 'status', status: 500, method: 'GET' })
  const create = ({ ask }: typeof a) => ask('POST', '/api/v2/deals', { title: 'x' })
  const [inA, inB] = await Promise.all([create(a), create(b), create(a), create(b)])
  expect([inA.status, inB.status]).toEqual([201, 200])
  expect([a.sandbox.requests().length, b.sandbox.requests().length]).toEqual([2, 2])
  expect(inB.body['data']).toMatchObject({ id: 31, add_time: '2026-11-22T10:00:00Z' })
  expect((await b.ask('GET', '/api/v2/deals/31')).status).toBe(200)
})

test('faults are set, shown and removed over HTTP', async () => {
  const { control, ask } = controlled()
  const set = await control('POST', '/faults', { kind: 'status', status: 503, body: 'empty', times: 2 })
  expect(set).toMatchObject({ status: 201, body: { id: 1, name: 'status', hits: 0, left: 2 } })
  await control('POST', '/faults', { kind: 'reset', name: 'wire cut' })
  expect((await ask('GET', '/api/v2/deals')).status).toBe(503)
  expect((await control('GET', '/faults')).body).toMatchObject([
    { id: 1, hits: 1, left: 1 },
    { id: 2, name: 'wire cut', left: null },
  ])
  expect((await control('DELETE', '/faults/1')).status).toBe(204)
  expect((await control('DELETE', '/faults/1')).status).toBe(404)
  expect((await control('DELETE', '/faults')).status).toBe(204)
  expect((await ask('GET', '/api/v2/deals')).status).toBe(200)
})

test('an invalid fault is a 400 that names the field', async () => {
  const { control } = controlled()
  expect(await control('POST', '/faults', { kind: 'status', status: 'x' })).toMatchObject({
    status: 400,
    body: { error: expect.stringContaining('Invalid fault: status: ') as string },
  })
  expect((await control('POST', '/faults')).status).toBe(400)
})

test('meters show what each company has spent, and can be set', async () => {
  const { control, ask } = controlled()
  await ask('GET', '/api/v2/deals')
  const [brightwater] = (await control('GET', '/meters')).body as unknown as Record<string, unknown>[]
  expect(brightwater).toMatchObject({ name: 'Brightwater Interiors', plan: 'Growth', seats: 6, budget: 360_000, spent: 10 })
  const { status, body } = await control('POST', '/meters', { company: brightwater!['company'], left: 7 })
  expect([status, body]).toEqual([200, expect.arrayContaining([expect.objectContaining({ spent: 359_993 })])])
  expect((await control('POST', '/meters', { company: 1, left: 7 })).status).toBe(400)
  expect((await control('POST', '/meters', { left: 7 })).body['error']).toContain('company')
})

test('a reset ends faults and brings the clock of creation back', async () => {
  const { sandbox, control } = controlled()
  sandbox.clock.freeze()
  await sandbox.clock.advance('1d')
  sandbox.faults.add({ kind: 'reset' })
  await control('POST', '/reset')
  expect([sandbox.faults.list(), sandbox.clock.frozen, sandbox.clock.now()]).toEqual([[], false, Date.parse('2026-11-22T10:00:00Z')])
})

test('bodies are in the log up to 10 KB, keys never', async () => {
  const { sandbox, ask } = controlled()
  await ask('POST', '/api/v2/deals', { title: 'with sandbox-alice and sandbox-bob in it' })
  await ask('POST', '/api/v2/deals', { title: 'x'.repeat(20_000) })
  await ask('GET', '/api/v2/deals?api_token=sandbox-alice')
  await ask('GET', '/api/v2/deals?apiToken=sandbox-alice')
  const [first, second, third] = sandbox.requests()
  expect(first?.body).toBe('{"title":"with … and … in it"}')
  expect(second?.body).toHaveLength(10_240)
  expect(third?.body).toBeUndefined()
  expect(JSON.stringify(sandbox.requests())).not.toContain('sandbox-alice')
})

test('the bodies of old requests are let go', async () => {
  const { sandbox, ask } = controlled()
  for (let call = 0; call < 1_001; call++) await ask('DELETE', '/api/v2/deals/999', {})
  expect([sandbox.requests()[0]?.body, sandbox.requests()[1]?.body]).toEqual([undefined, '{}'])
})

test('running time is the default', async () => {
  const sandbox = createSandbox()
  const before = Date.now()
  expect(sandbox.clock.now()).toBeGreaterThanOrEqual(before)
  await sandbox.clock.settle()
})
