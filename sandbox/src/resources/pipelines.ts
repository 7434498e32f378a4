import * as z from 'zod'
import { failure, Refusal, wording } from '../http/answer.ts'
import { body, query } from '../http/validation.ts'
import { type Caller, newRow, removal } from '../state/caller.ts'
import { type Company, stagesOf } from '../state/company.ts'
import type { DealRow, PipelineRow, StageRow } from '../state/records.ts'
import type { Resource } from './resource.ts'
import { pipelineView, stageView } from './views/pipeline-views.ts'

const pipelineFields = z.object({ name: body.name(), is_deal_probability_enabled: body.flag() })
const stageFields = z.object({
  name: body.name(),
  pipeline_id: body.whole(),
  deal_probability: body.between(0, 100),
  is_deal_rot_enabled: body.flag(),
  days_to_rotten: body.whole().nullable(),
})

/** The next order number; deleted rows count too, so that numbers are never reused. */
const nextOrder = (rows: Iterable<{ order_nr: number }>, first: number): number =>
  [...rows].reduce((next, { order_nr }) => Math.max(next, order_nr + 1), first)

const dealsIn = ({ deals }: Company, stage: StageRow): DealRow[] =>
  [...deals.where('stage_id', stage.id)].filter((deal) => !deal.is_deleted)

/** Refuses to delete a stage or pipeline with deals (an assumption), or the last one, because a deal needs a stage. */
function checkRemoval(singular: string, holdsDeals: boolean, isLast: boolean, { behaviour }: Caller): void {
  if (isLast) throw new Refusal(failure(400, wording(behaviour, 'lastOne', singular.toLowerCase())))
  if (holdsDeals) throw new Refusal(failure(400, wording(behaviour, 'hasDeals', singular)))
}

export const pipelines: Resource<PipelineRow, typeof pipelineFields> = {
  path: 'pipelines',
  singular: 'Pipeline',
  prices: { list: 5, get: 1, create: 5, update: 5, delete: 3 },
  table: (company) => company.pipelines,
  listing: { sortBy: ['id', 'update_time', 'add_time'] },
  view: pipelineView,
  payload: { object: 'pipeline' },
  writing: {
    fields: pipelineFields,
    required: ['name'],
    references: {},
    administratorsOnly: true,
    create: ({ name, is_deal_probability_enabled }, caller) => ({
      ...newRow(caller),
      name,
      order_nr: nextOrder(caller.company.pipelines.walk(), 1),
      is_deal_probability_enabled: is_deal_probability_enabled ?? false,
    }),
    change: (_pipeline, input) => input,
    /** Deletes its stages too. */
    beforeDelete(pipeline, caller) {
      const { company } = caller
      const own = stagesOf(company, pipeline.id)
      const isLast = [...company.pipelines.walk()].every(
        ({ id, is_deleted }) => is_deleted || id === pipeline.id || stagesOf(company, id).length === 0,
      )
      const holdsDeals = own.some((stage) => dealsIn(company, stage).length > 0)
      checkRemoval('Pipeline', holdsDeals, isLast, caller)
      for (const stage of own) company.stages.change(stage, removal(caller))
    },
  },
}

export const stages: Resource<StageRow, typeof stageFields> = {
  path: 'stages',
  singular: 'Stage',
  prices: { list: 5, get: 1, create: 5, update: 5, delete: 3 },
  table: (company) => company.stages,
  listing: { filters: { pipeline_id: query.whole() }, sortBy: ['id', 'update_time', 'add_time', 'order_nr'] },
  view: stageView,
  payload: { object: 'stage' },
  writing: {
    fields: stageFields,
    required: ['name', 'pipeline_id'],
    references: { pipeline_id: 'Pipeline' },
    administratorsOnly: true,
    create: (input, caller) => ({
      ...newRow(caller),
      name: input.name,
      order_nr: nextOrder(caller.company.stages.where('pipeline_id', input.pipeline_id), 0),
      pipeline_id: input.pipeline_id,
      deal_probability: input.deal_probability ?? 100,
      is_deal_rot_enabled: input.is_deal_rot_enabled ?? false,
      days_to_rotten: input.days_to_rotten ?? null,
    }),
    /** Moving a stage to another pipeline moves its deals too. */
    change(stage, input, { company }) {
      const to = input.pipeline_id
      if (to === undefined || to === stage.pipeline_id) return input
      const order_nr = nextOrder(company.stages.where('pipeline_id', to), 0)
      for (const deal of company.deals.where('stage_id', stage.id)) company.deals.change(deal, { pipeline_id: to })
      return { ...input, order_nr }
    },
    beforeDelete(stage, caller) {
      const { company } = caller
      const isLast = [...company.stages.walk()].every(({ id, is_deleted }) => is_deleted || id === stage.id)
      checkRemoval('Stage', dealsIn(company, stage).length > 0, isLast, caller)
    },
  },
}
