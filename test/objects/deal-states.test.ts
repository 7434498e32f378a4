import { describe, expect, test } from 'vitest'
import { ALICE, createWorld, type Row, type WireError } from '../contract/world.ts'

describe('a deal that is deleted or archived', () => {
  test.each(['served', '404'] as const)('is read by its id, and is not changed; GET by id: %s', async (served) => {
    const world = await createWorld({ behaviour: { getArchivedDeal: served, getDeletedDeal: served } })
    const headers = { 'x-api-key': ALICE, 'content-type': 'application/json' }
    const send = (method: string, path: string, body: Row = {}) =>
      world.http<Row & WireError>(path, {
        method,
        headers,
        ...(method === 'GET' || method === 'DELETE' ? {} : { body: JSON.stringify(body) }),
      })
    const make = async (): Promise<Row> => (await send('POST', '/v2/deals', { title: 'Out of sight' })).body

    const { id: archived } = await make()
    expect((await send('PATCH', `/v2/deals/${archived}`, { is_archived: true })).status).toBe(200)
    expect((await send('GET', `/v2/deals/${archived}`)).body).toMatchObject({ id: archived, is_archived: true })
    const refused = await send('PATCH', `/v2/deals/${archived}`, { title: 'Other' })
    expect([refused.status, refused.body.code]).toEqual([409, 'DealArchived'])
    const listed = await send('GET', '/v2/archived/deals')
    expect(listed.body['data']).toContainEqual(expect.objectContaining({ id: archived, is_archived: true }))
    const back = await send('PATCH', `/v2/deals/${archived}`, { is_archived: false, title: 'Back' })
    expect([back.status, back.body['title'], back.body['is_archived']]).toEqual([200, 'Back', false])

    const { id: deleted } = await make()
    expect((await send('DELETE', `/v2/deals/${deleted}`)).body).toEqual({ id: deleted, deleted: true })
    expect((await send('GET', `/v2/deals/${deleted}`)).body).toMatchObject({ id: deleted, is_deleted: true })
    const gone = await send('PATCH', `/v2/deals/${deleted}`, { title: 'Other' })
    expect([gone.status, gone.body.code]).toEqual([409, 'DealDeleted'])
    await world.close()
  })
})
