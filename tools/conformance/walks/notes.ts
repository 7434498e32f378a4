import type { Walk } from '../walker.ts'

export const notes: Walk = async (ask) => {
  const note = await ask('POST', '/v1/notes', { body: { content: '<p>Conformance</p>', deal_id: 1, org_id: 1, pinned_to_deal_flag: 1 } })
  const params = { id: note.id }
  await ask('GET', '/v1/notes', { query: { deal_id: '1', sort: 'id DESC', pinned_to_deal_flag: '1', start: '0', limit: '2' } })
  await ask('GET', '/v1/notes', { query: { updated_since: '2020-01-01T00:00:00Z', start_date: '2020-01-01', limit: '100' } })
  await ask('GET', '/v1/notes/{id}', { params })
  await ask('PUT', '/v1/notes/{id}', { params, body: { content: '<p>Conforming</p>', pinned_to_deal_flag: 0 } })
  await ask('DELETE', '/v1/notes/{id}', { params })
}
