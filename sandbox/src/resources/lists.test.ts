import { expect, test } from 'vitest'
import { type RecordData, sandboxClient } from '../sandbox-client.fixture.ts'

interface ListBody {
  data: RecordData[]
  additional_data: { next_cursor: string | null }
}

/** All pages of a list. */
async function pages(ask: ReturnType<typeof sandboxClient>['ask'], path: string, between: () => Promise<unknown> = async () => undefined) {
  const found: number[][] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const reply: { body: ListBody } = await ask<ListBody>('GET', path + (cursor && `&cursor=${cursor}`))
    found.push(reply.body.data.map(({ id }) => id))
    cursor = reply.body.additional_data.next_cursor
    await between()
  }
  return found
}

test.each(['id', 'update_time', 'add_time'])('pages by %s, in both directions, together show every record once', async (column) => {
  const { ask, ids } = sandboxClient()
  for (const direction of ['asc', 'desc']) {
    const query = `/api/v2/deals?sort_by=${column}&sort_direction=${direction}`
    const whole = await ids(`${query}&limit=500`)
    expect(whole).toHaveLength(24)
    expect((await pages(ask, `${query}&limit=7`)).flat()).toEqual(whole)
  }
})

test('a page that ends with the last record has no next cursor', async () => {
  expect((await pages(sandboxClient().ask, '/api/v2/deals?limit=12')).map((page) => page.length)).toEqual([12, 12])
})

test('records that come and go between two pages do not shift the pages', async () => {
  const { ask, data } = sandboxClient()
  const removed = [1, 2, 9]
  const found = await pages(ask, '/api/v2/deals?limit=6&sort_direction=desc', async () => {
    await data('POST', '/api/v2/deals', { title: 'newer' })
    const id = removed.pop()
    if (id !== undefined) await data('DELETE', `/api/v2/deals/${id}`)
  })
  expect(found.flat()).toEqual([30, 29, 28, 27, 26, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 8, 7, 6, 5, 4, 3])
})

test('a cursor is base64url JSON of the sort value and the id', async () => {
  const { ask } = sandboxClient()
  const { body } = await ask<ListBody>('GET', '/api/v2/deals?limit=7')
  expect(JSON.parse(Buffer.from(body.additional_data.next_cursor!, 'base64url').toString())).toEqual({
    field: 'id',
    fieldValue: 7,
    sortDirection: 'asc',
    id: 7,
  })
})

test('a cursor fits its own order only', async () => {
  const { ask } = sandboxClient()
  const { body } = await ask<ListBody>('GET', '/api/v2/deals?limit=7')
  const reply = await ask('GET', `/api/v2/deals?sort_direction=desc&cursor=${body.additional_data.next_cursor}`)
  expect([reply.status, reply.body.error]).toEqual([400, 'Validation failed: cursor: The cursor is not valid for this request'])
  expect((await ask('GET', '/api/v2/deals?cursor=nonsense')).status).toBe(400)
})

test('ids are answered without repeats, in the order of the list; missing ones are left out silently', async () => {
  const { ids, ask } = sandboxClient()
  expect(await ids('/api/v2/deals?ids=9,3,3,777&sort_direction=desc')).toEqual([9, 3])
  const many = Array.from({ length: 101 }, (_, at) => at + 1)
  expect((await ask('GET', `/api/v2/deals?ids=${many.slice(0, 100).join()}`)).status).toBe(200)
  expect((await ask('GET', `/api/v2/deals?ids=${many.join()}`)).body.error).toBe('Validation failed: ids: At most 100 ids are allowed')
})

test.each([
  ['limit=501', 'limit: The value is not between 1 and 500'],
  ['limit=0', 'limit: The value is not between 1 and 500'],
  ['limit=ten', "limit: The value is not a valid 'integer'"],
  ['updated_since=2026-11-22T10:00:00.000Z', 'updated_since: This value is not a valid datetime.'],
  ['sort_by=title', "sort_by: The value is not one of 'id', 'update_time', 'add_time'"],
  ['status=closed', "status: The value is not one of 'open', 'won', 'lost', 'deleted'"],
  ['include_fields=custom_fields', "include_fields: Unknown field 'custom_fields'"],
  ['user_id=1', "user_id: Parameter 'user_id' is not allowed for this request"],
  [`custom_fields=${Array.from({ length: 16 }, (_, at) => at).join()}`, 'custom_fields: At most 15 custom fields are allowed'],
  ['include_labels=1', "include_labels: The value is not a valid 'boolean'"],
])('GET /deals?%s is refused', async (query, text) => {
  const reply = await sandboxClient().ask('GET', `/api/v2/deals?${query}`)
  expect([reply.status, reply.body.error]).toEqual([400, `Validation failed: ${text}`])
})

test('include_fields is refused on writes', async () => {
  const { ask } = sandboxClient()
  for (const [method, path, body] of [
    ['POST', '/api/v2/deals', { title: 'x' }],
    ['PATCH', '/api/v2/deals/1', { title: 'x' }],
  ] as const) {
    const reply = await ask(method, `${path}?include_fields=activities_count`, body)
    expect([reply.status, reply.body.error]).toEqual([
      400,
      "Validation failed: include_fields: Parameter 'include_fields' is not allowed for this request",
    ])
  }
})

test('stages have their order in each pipeline from 0, and an unknown pipeline has none', async () => {
  const { data, ids } = sandboxClient()
  const stages = await data<RecordData[]>('GET', '/api/v2/stages?pipeline_id=2&sort_by=order_nr')
  expect(stages.map(({ id, order_nr }) => [id, order_nr])).toEqual([
    [6, 0],
    [7, 1],
    [8, 2],
    [9, 3],
  ])
  expect(await ids('/api/v2/stages?pipeline_id=99')).toEqual([])
  expect(await data('GET', '/api/v2/stages/7')).toMatchObject({ name: 'First meeting', pipeline_id: 2, update_time: null })
  expect((await data('GET', '/api/v2/pipelines/3'))['is_deal_probability_enabled']).toBe(true)
})

test('late commits: a record has its id at once, reads see it later, writes reach it', async () => {
  const { data, ask, ids, sandbox, clock } = sandboxClient()
  sandbox.lateCommits(5)
  const late = await data('POST', '/api/v2/deals', { title: 'late' })
  sandbox.lateCommits(0)
  const prompt = await data('POST', '/api/v2/deals', { title: 'prompt' })
  expect([late.id, prompt.id]).toEqual([31, 32])
  const newest = () => ids('/api/v2/deals?sort_direction=desc&limit=2')
  expect(await newest()).toEqual([32, 30])
  expect((await ask('GET', '/api/v2/deals/31')).status).toBe(404)
  expect((await ask('PATCH', '/api/v2/deals/31', { title: 'still late' })).status).toBe(200)
  clock.advance(5_000)
  expect(await newest()).toEqual([32, 31])
  expect(await data('GET', '/api/v2/deals/31')).toMatchObject({ title: 'still late', add_time: '2026-11-22T10:00:00Z' })
})
