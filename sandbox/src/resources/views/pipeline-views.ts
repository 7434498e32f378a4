import type { PipelineRow, StageRow } from '../../state/records.ts'
import { alive, recordView, times } from './record-view.ts'

const withProbability = (pipeline: PipelineRow) => pipeline.is_deal_probability_enabled

export const pipelineView = recordView<PipelineRow>()(
  {
    ...times('add_time', 'update_time'),
    active: { v1: alive.v1 },
    active_flag: { webhook: alive.webhook },
    url_title: { v1: () => 'default', webhook: ({ name }) => name.replaceAll(' ', '-') },
    deal_probability: { v1: withProbability, webhook: withProbability },
  },
  {
    v2: ['id name order_nr is_deleted is_deal_probability_enabled add_time update_time'],
    v1: ['id name order_nr active url_title deal_probability add_time update_time'],
    webhook: ['id name url_title order_nr active_flag deal_probability add_time update_time'],
  },
)

const isRotEnabled = (stage: StageRow) => stage.is_deal_rot_enabled
const daysToRotten = (stage: StageRow) => stage.days_to_rotten

export const stageView = recordView<StageRow>()(
  {
    ...times('add_time', 'update_time'),
    active_flag: alive,
    rotten_flag: { v1: isRotEnabled, webhook: isRotEnabled },
    rotten_days: { v1: daysToRotten, webhook: daysToRotten },
    pipeline_name: { v1: ({ pipeline_id }, { company }) => company.pipelines.get(pipeline_id)?.name ?? null },
  },
  {
    v2: ['id order_nr name is_deleted deal_probability pipeline_id is_deal_rot_enabled days_to_rotten add_time update_time'],
    v1: ['id order_nr name active_flag deal_probability pipeline_id rotten_flag rotten_days add_time update_time pipeline_name'],
    webhook: ['id name active_flag rotten_days order_nr deal_probability rotten_flag add_time pipeline_id update_time'],
  },
)
