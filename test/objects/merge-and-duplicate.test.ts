import { expect, test } from 'vitest'
import { ALICE, createWorld, type Row, type WireError } from '../contract/world.ts'

const post = (world: Awaited<ReturnType<typeof createWorld>>, path: string, body: Row = {}) =>
  world.http<Row & WireError>(path, {
    method: 'POST',
    headers: { 'x-api-key': ALICE, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

test.each([
  ['deals', 'title'],
  ['persons', 'name'],
  ['organizations', 'name'],
])('of two merged %s the one that is named stays, and the other one is deleted', async (plural, title) => {
  const world = await createWorld()
  const { id: from } = await world.pipedrive('POST', `/api/v2/${plural}`, { [title]: 'One' })
  const { id: to } = await world.pipedrive('POST', `/api/v2/${plural}`, { [title]: 'Other' })
  world.takeRequests()
  const { status, body } = await post(world, `/v2/${plural}/${String(from)}/merge`, { merge_with_id: to })
  expect([status, body]).toEqual([200, { id: to, merged_id: from }])
  const [write] = world.takeWrites()
  expect([write!.method, write!.path, write!.body]).toEqual(['PUT', `/api/v1/${plural}/${String(from)}/merge`, { merge_with_id: to }])
  const rows = (await world.pipedrive('GET', `/api/v2/${plural}?ids=${String(from)},${String(to)}`)) as unknown as Row[]
  expect(rows.map(({ id }) => id)).toEqual([to])
  await world.close()
})

test('a record is not merged with itself, and nothing is sent', async () => {
  const world = await createWorld()
  const { status, body } = await post(world, '/v2/deals/1/merge', { merge_with_id: 1 })
  expect([status, body.details[0]!.field, world.takeRequests()]).toEqual([400, 'merge_with_id', []])
  await world.close()
})

test('a deal is duplicated, and the answer has the id of the copy', async () => {
  const world = await createWorld()
  const { id } = await world.pipedrive('POST', '/api/v2/deals', { title: 'Twice', value: 12 })
  world.takeRequests()
  const { status, body } = await post(world, `/v2/deals/${String(id)}/duplicate`)
  expect([status, body['copied_from_id']]).toEqual([200, id])
  expect(world.takeWrites()).toHaveLength(1)
  expect(await world.pipedrive('GET', `/api/v2/deals/${String(body['id'])}`)).toMatchObject({ title: 'Twice', value: 12 })
  await world.close()
})

test('a duplicate whose answer is lost is not sent again', async () => {
  const world = await createWorld()
  const { id } = await world.pipedrive('POST', '/api/v2/deals', { title: 'Twice' })
  world.takeRequests()
  world.intercept(async (request, pass) => {
    if (request.method !== 'POST') return undefined
    await pass()
    throw new Error('the answer is lost')
  })
  const { status, body } = await post(world, `/v2/deals/${String(id)}/duplicate`)
  expect([status, body.code]).toEqual([409, 'OutcomeUnknown'])
  expect(world.takeWrites()).toHaveLength(1)
  await world.close()
})
