import { query } from '../http/validation.ts'
import type { PipelineRow, StageRow } from '../state/records.ts'
import type { Resource } from './resource.ts'

export const pipelines: Resource<PipelineRow> = {
  path: 'pipelines',
  singular: 'Pipeline',
  prices: { list: 5, get: 1 },
  table: (company) => company.pipelines,
  listing: { equals: {}, sortBy: ['id', 'update_time', 'add_time'] },
  canSee: () => true,
  show: ({ id, name, order_nr, is_deleted, is_deal_probability_enabled, add_time, update_time }) => ({
    id,
    name,
    order_nr,
    is_deleted,
    is_deal_probability_enabled,
    add_time,
    update_time,
  }),
  includes: {},
}

export const stages: Resource<StageRow> = {
  path: 'stages',
  singular: 'Stage',
  prices: { list: 5, get: 1 },
  table: (company) => company.stages,
  listing: { equals: { pipeline_id: query.whole() }, sortBy: ['id', 'update_time', 'add_time', 'order_nr'] },
  canSee: () => true,
  show: (stage) => ({
    id: stage.id,
    order_nr: stage.order_nr,
    name: stage.name,
    is_deleted: stage.is_deleted,
    deal_probability: stage.deal_probability,
    pipeline_id: stage.pipeline_id,
    is_deal_rot_enabled: stage.is_deal_rot_enabled,
    days_to_rotten: stage.days_to_rotten,
    add_time: stage.add_time,
    update_time: stage.update_time,
  }),
  includes: {},
}
