import { expect, test } from 'vitest'
import { manualClock } from './clock.ts'
import { type RecordData, sandboxClient } from './sandbox-client.fixture.ts'
import { createSandbox } from './sandbox.ts'

test('the same start time always gives the same data', async () => {
  const everything = async () => {
    const { data } = sandboxClient()
    const kinds = ['deals', 'deals/archived', 'activities', 'persons', 'organizations', 'stages', 'pipelines']
    return await Promise.all(kinds.map((kind) => data('GET', `/api/v2/${kind}?limit=500`)))
  }
  expect(await everything()).toEqual(await everything())
})

test('the data is recent: some of it is from the last hours, no time is in the future, and ids increase with the creation time', async () => {
  const { data } = sandboxClient()
  for (const key of ['sandbox-alice', 'sandbox-carol'])
    for (const kind of ['deals', 'activities', 'persons', 'organizations']) {
      const times = (await data<RecordData[]>('GET', `/api/v2/${kind}?limit=500`, undefined, key)).map(({ add_time }) => add_time as string)
      expect(times).toEqual([...times].sort())
    }
  const newest = await data<RecordData[]>('GET', '/api/v2/deals?sort_direction=desc&limit=1')
  expect(newest[0]?.['add_time']).toBe('2026-11-22T07:07:12Z')
  const latest = await data<RecordData[]>('GET', '/api/v2/deals?sort_by=update_time&sort_direction=desc&limit=1')
  expect(latest[0]?.['update_time']).toBe('2026-11-22T07:07:12Z')
})

test('a reset brings everything back to the first moment', async () => {
  const { sandbox, data, ids } = sandboxClient({ createStatus: 201 })
  await data('POST', '/api/v2/deals', { title: 'x' })
  sandbox.behaviour.createStatus = 200
  sandbox.behaviour.limits = 'on'
  sandbox.lateCommits(9)
  const { behaviour } = sandbox
  sandbox.reset()
  expect(sandbox.requests()).toEqual([])
  expect([behaviour.createStatus, behaviour.limits]).toEqual([201, 'off'])
  const { id } = await data('POST', '/api/v2/deals', { title: 'x' })
  expect(id).toBe(31)
  expect(await ids('/api/v2/deals?ids=31')).toEqual([31])
})

test('the keys say whom they act as', () => {
  const { keys } = createSandbox({ clock: manualClock() })
  expect(keys.map(({ key, description }) => `${key}: ${description}`)).toEqual([
    'sandbox-alice: Alice Andersson, administrator of Brightwater Interiors (Growth)',
    'sandbox-bob: Bob Becker, user of Brightwater Interiors (Growth)',
    'sandbox-carol: Carol Kranich, user of Kranich Robotik GmbH (Premium)',
  ])
})

test('the control routes need no key', async () => {
  const { sandbox } = sandboxClient()
  const control = (method: string, path: string, body?: string) =>
    sandbox.fetch(new Request(`http://x.example${path}`, { method, ...(body !== undefined && { body }) }))
  expect(await (await control('GET', '/healthz')).json()).toEqual({ status: 'ok' })
  const set = await control('POST', '/_sandbox/behaviour', '{"getDeletedDeal":"404","text.gone":"Weg"}')
  expect([set.status, sandbox.behaviour.getDeletedDeal]).toEqual([200, '404'])
  expect(await (await control('GET', '/_sandbox/behaviour')).json()).toEqual({ ...sandbox.behaviour })
  const wrong = await control('POST', '/_sandbox/behaviour', '{"getDeletedDeal":"served","nothing":1}')
  expect([wrong.status, sandbox.behaviour.getDeletedDeal]).toEqual([400, '404'])
  expect((await control('POST', '/_sandbox/behaviour', '[')).status).toBe(400)
  await control('GET', '/api/v2/deals')
  expect(await (await control('GET', '/_sandbox/requests')).json()).toHaveLength(1)
  expect((await control('POST', '/_sandbox/reset')).status).toBe(204)
  expect(await (await control('GET', '/_sandbox/requests')).json()).toEqual([])
})
