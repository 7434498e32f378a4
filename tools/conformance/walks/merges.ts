import type { Walk } from '../walker.ts'

/** Merges, and what they and all the rest left in the list of recent changes. */
export const merges: Walk = async (ask) => {
  for (const [path, body] of [
    ['deals', { title: 'Twin' }],
    ['persons', { name: 'Twin' }],
    ['organizations', { name: 'Twin' }],
  ] as const) {
    const { id } = await ask('POST', `/api/v2/${path}`, { body })
    await ask('PUT', `/v1/${path}/{id}/merge`, { params: { id }, body: { merge_with_id: 2 } })
  }
  const since_timestamp = '2026-10-25 00:00:00'
  for (const items of ['deal', 'person', 'organization', 'activity', 'note', 'product', 'stage,pipeline,user,activityType'])
    await ask('GET', '/v1/recents', { query: { since_timestamp, items, start: '0', limit: '100' } })
}
