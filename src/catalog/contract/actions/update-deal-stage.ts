import * as z from 'zod'
import { defineAction } from '../../define.ts'
import { date, id, idText } from '../../inputs.ts'
import { dealFields, dealFieldsV2 } from '../mappings/deal.ts'
import { DealResponse, DealResponseV2 } from '../shapes/deal.ts'
import { dealBodyFields } from '../../body-fields.ts'
import { changeDeal } from './support/change-deal.ts'

const dealId = id({ choices: 'ListDeals' })
const stage = { stage_id: idText({ choices: 'ListStages' }), expected_close_date: date().optional() }

export const updateDealStageV2 = defineAction({
  id: 'UpdateDealStageV2',
  method: 'PUT',
  set: 'deals',
  path: '/connector-v2/update_stage_deal/v1/deals/{dealId}',
  effect: 'update',
  preview: true,
  revision: { family: 'UpdateDealStage', number: 2 },
  input: z.object({ dealId, pipeline_id: idText({ choices: 'ListPipelines' }), ...stage }),
  output: DealResponseV2,
  fields: dealFieldsV2,
  bodyFields: dealBodyFields,
  run: ({ dealId: deal, ...changes }, context) => changeDeal(deal, { ...context.extra, ...changes }, context, dealFieldsV2),
})

export const updateDealStage = defineAction({
  id: 'UpdateDealStage',
  method: 'PUT',
  set: 'deals',
  path: '/update_stage_deal/v1/deals/{dealId}',
  effect: 'update',
  revision: { family: 'UpdateDealStage', number: 1, replacement: 'UpdateDealStageV2' },
  input: z.object({ dealId, ...stage }),
  output: DealResponse,
  fields: dealFields,
  bodyFields: dealBodyFields,
  run: ({ dealId: deal, ...changes }, context) => changeDeal(deal, { ...context.extra, ...changes }, context, dealFields),
})
