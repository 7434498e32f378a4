import { expect, test } from 'vitest'
import { type RecordData, sandboxClient } from '../sandbox-client.fixture.ts'
import type { Snapshot } from './snapshot.ts'

test('a snapshot is JSON, and a restored sandbox has the same state', async () => {
  const { sandbox, data, ask, ids } = sandboxClient()
  await data('POST', '/api/v2/deals', { title: 'Taken' })
  sandbox.behaviour.createStatus = 201
  await sandbox.clock.advance('40d')
  const snapshot = JSON.parse(JSON.stringify(sandbox.snapshot())) as Snapshot
  const before = await ids('/api/v2/deals?limit=500')
  await data('PATCH', '/api/v2/deals/1', { title: 'Later' })
  await data('POST', '/api/v2/deals', { title: 'Later' })
  sandbox.reset()
  expect(sandbox.snapshot()).not.toEqual(snapshot)

  sandbox.restore(snapshot)
  expect(sandbox.snapshot()).toEqual(snapshot)
  expect(await ids('/api/v2/deals?limit=500')).toEqual(before)
  expect((await data<RecordData>('GET', '/api/v2/deals/1'))['title']).not.toBe('Later')
  expect((await ask('POST', '/api/v2/deals', { title: 'Next' })).status).toBe(201)
})

test('later changes affect neither a snapshot nor a sandbox restored from it', async () => {
  const { sandbox, data } = sandboxClient()
  const snapshot = sandbox.snapshot()
  const copy = structuredClone(snapshot)
  await data('PATCH', '/api/v2/deals/1', { title: 'Later', label_ids: [12] })
  expect(snapshot).toEqual(copy)
  sandbox.restore(snapshot)
  await data('PATCH', '/api/v2/deals/1', { title: 'Later', label_ids: [12] })
  expect(snapshot).toEqual(copy)
})

test('over HTTP: GET /_sandbox/snapshot returns it, PUT restores it', async () => {
  const { ask, data } = sandboxClient()
  const { text } = await ask('GET', '/_sandbox/snapshot')
  await data('PATCH', '/api/v2/deals/1', { title: 'Later' })
  expect((await ask('PUT', '/_sandbox/snapshot', JSON.parse(text))).status).toBe(204)
  expect((await ask('GET', '/_sandbox/snapshot')).body).toEqual(JSON.parse(text))
})

test('an invalid, incomplete or newer snapshot is refused, and nothing changes', async () => {
  const { ask, sandbox } = sandboxClient()
  const good = sandbox.snapshot()
  for (const [wrong, why] of [
    [[], 'not a snapshot of a sandbox'],
    [{ ...good, format: 7 }, 'newer version of @dealbridge/sandbox (format 7; this one reads 1)'],
    [{ ...good, companies: { 1: {} } }, 'incomplete'],
    [{ ...good, values: {} }, 'no keys'],
    [{ ...good, companies: {} }, 'does not contain that user'],
  ] as const) {
    const reply = await ask('PUT', '/_sandbox/snapshot', wrong)
    expect([reply.status, reply.body.error], why).toEqual([400, expect.stringContaining(why)])
    expect(sandbox.snapshot()).toEqual(good)
  }
})
