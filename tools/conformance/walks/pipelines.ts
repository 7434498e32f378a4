import type { Walk } from '../walker.ts'

export const pipelines: Walk = async (ask) => {
  const pipeline = await ask('POST', '/api/v2/pipelines', { body: { name: 'Conformance', is_deal_probability_enabled: true } })
  const params = { id: pipeline.id }
  const stage = await ask('POST', '/api/v2/stages', {
    body: { name: 'First', pipeline_id: pipeline.id, deal_probability: 50, is_deal_rot_enabled: true, days_to_rotten: 7 },
  })
  await ask('PATCH', '/api/v2/stages/{id}', { params: { id: stage.id }, body: { name: 'Start', deal_probability: 60 } })
  await ask('GET', '/api/v2/stages', { query: { pipeline_id: '1', sort_by: 'order_nr', limit: '2' } })
  await ask('GET', '/api/v2/stages/{id}', { params: { id: stage.id } })
  await ask('DELETE', '/api/v2/stages/{id}', { params: { id: stage.id } })
  await ask('PATCH', '/api/v2/pipelines/{id}', { params, body: { name: 'Conforming' } })
  await ask('GET', '/api/v2/pipelines', { query: { sort_by: 'add_time', sort_direction: 'desc', limit: '1' } })
  await ask('GET', '/api/v2/pipelines/{id}', { params })
  await ask('DELETE', '/api/v2/pipelines/{id}', { params })
}
