import { expect, test } from 'vitest'
import { type RecordData, sandboxClient } from '../sandbox-client.fixture.ts'

const BOB = 'sandbox-bob'
const orders = (stages: RecordData[]) => stages.map(({ id, order_nr }) => [id, order_nr])

test('those who are no administrators may read stages and pipelines, and get the 403 of a missing scope when they write', async () => {
  const { ask } = sandboxClient()
  for (const [method, path, body] of [
    ['POST', '/api/v2/stages', { name: 'x', pipeline_id: 1 }],
    ['PATCH', '/api/v2/stages/1', { name: 'x' }],
    ['DELETE', '/api/v2/stages/1', undefined],
    ['POST', '/api/v2/pipelines', { name: 'x' }],
    ['PATCH', '/api/v2/pipelines/1', { name: 'x' }],
    ['DELETE', '/api/v2/pipelines/1', undefined],
  ] as const) {
    const reply = await ask(method, path, body, BOB)
    expect([reply.status, reply.body], `${method} ${path}`).toEqual([
      403,
      { success: false, error: 'Scope and URL mismatch', errorCode: 403, error_info: 'Please check developers.pipedrive.com' },
    ])
  }
  expect((await ask('GET', '/api/v2/stages/1', undefined, BOB)).status).toBe(200)
})

test('a new stage is the last of its pipeline, a new pipeline the last one', async () => {
  const { data, ask } = sandboxClient()
  expect(await data('POST', '/api/v2/stages', { name: 'Signed', pipeline_id: 2 })).toEqual({
    id: 14,
    order_nr: 4,
    name: 'Signed',
    is_deleted: false,
    deal_probability: 100,
    pipeline_id: 2,
    is_deal_rot_enabled: false,
    days_to_rotten: null,
    add_time: '2026-11-22T10:00:00Z',
    update_time: '2026-11-22T10:00:00Z',
  })
  expect(await data('POST', '/api/v2/pipelines', { name: 'Service' })).toMatchObject({
    id: 4,
    order_nr: 4,
    is_deal_probability_enabled: false,
  })
  expect((await ask('POST', '/api/v2/stages', { name: 'x' })).body.error).toBe('Validation failed: pipeline_id: This value is required.')
  expect((await ask('POST', '/api/v2/stages', { name: 'x', pipeline_id: 99 })).status).toBe(400)
  expect((await ask('PATCH', '/api/v2/stages/1', { order_nr: 3 })).body.error).toContain("Parameter 'order_nr' is not allowed")
})

test('a deal cannot move to a pipeline without stages; the default is the first one with a stage', async () => {
  const { data, ask } = sandboxClient()
  const { id } = await data('POST', '/api/v2/pipelines', { name: 'Service' })
  expect((await ask('POST', '/api/v2/deals', { title: 'x', pipeline_id: id })).body.error).toBe(
    'Validation failed: pipeline_id: Pipeline has no stages.',
  )
  const stage = await data('POST', '/api/v2/stages', { name: 'First', pipeline_id: id })
  expect(await data('POST', '/api/v2/deals', { title: 'x', pipeline_id: id })).toMatchObject({ stage_id: stage.id })
})

test('a stage moved to another pipeline is the last one there, and its deals move too', async () => {
  const { data } = sandboxClient()
  const before = await data('GET', '/api/v2/deals/12')
  expect(await data('PATCH', '/api/v2/stages/8', { pipeline_id: 3 })).toMatchObject({ pipeline_id: 3, order_nr: 4 })
  expect(await data('GET', '/api/v2/deals/12')).toEqual({ ...before, pipeline_id: 3 })
  expect(orders(await data('GET', '/api/v2/stages?pipeline_id=2&sort_by=order_nr'))).toEqual([
    [6, 0],
    [7, 1],
    [9, 3],
  ])
})

test('a stage with deals cannot be deleted; a deleted one is refused for new deals', async () => {
  const { ask, data } = sandboxClient()
  const reply = await ask('DELETE', '/api/v2/stages/8')
  expect([reply.status, reply.body.error]).toEqual([400, 'Stage has deals and can not be deleted.'])
  expect(await data('DELETE', '/api/v2/stages/9')).toEqual({ id: 9 })
  expect(await data('GET', '/api/v2/stages/9')).toMatchObject({ is_deleted: true })
  expect((await ask('POST', '/api/v2/deals', { title: 'x', stage_id: 9 })).status).toBe(400)
})

test('a pipeline with deals stays; one without goes with its stages', async () => {
  const { ask, data, ids } = sandboxClient()
  expect((await ask('DELETE', '/api/v2/pipelines/3')).body.error).toBe('Pipeline has deals and can not be deleted.')
  for (const { id } of await data<RecordData[]>('GET', '/api/v2/deals?pipeline_id=3')) await data('DELETE', `/api/v2/deals/${id}`)
  expect(await data('DELETE', '/api/v2/pipelines/3')).toEqual({ id: 3 })
  expect(await ids('/api/v2/stages?pipeline_id=3')).toEqual([])
  expect(await ids('/api/v2/pipelines')).toEqual([1, 2])
})

test('deals have to go somewhere: the last pipeline with stages stays', async () => {
  const { ask, data } = sandboxClient()
  const deals = [
    ...(await data<RecordData[]>('GET', '/api/v2/deals?limit=500')),
    ...(await data<RecordData[]>('GET', '/api/v2/deals/archived?limit=500')),
  ]
  for (const { id } of deals) {
    await ask('PATCH', `/api/v2/deals/${id}`, { is_archived: false })
    await data('DELETE', `/api/v2/deals/${id}`)
  }
  await data('DELETE', '/api/v2/pipelines/1')
  await data('DELETE', '/api/v2/pipelines/2')
  expect((await ask('DELETE', '/api/v2/pipelines/3')).body.error).toBe('The last pipeline can not be deleted.')
  for (const id of [10, 11, 12]) await data('DELETE', `/api/v2/stages/${id}`)
  expect((await ask('DELETE', '/api/v2/stages/13')).body.error).toBe('The last stage can not be deleted.')
})
