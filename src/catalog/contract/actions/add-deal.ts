import * as z from 'zod'
import type { OperationContext } from '../../define.ts'
import { defineAction } from '../../define.ts'
import { amount, choice, date, idText, string, visibility } from '../../inputs.ts'
import type { Mapping } from '../../mapping.ts'
import { dealFields, dealFieldsV2 } from '../mappings/deal.ts'
import type { V2DealWithIncluded } from '../../../pipedrive/api-types.ts'
import { DealResponse, DealResponseV2 } from '../shapes/deal.ts'
import { dealBodyFields } from '../../body-fields.ts'
import { dealBody, STATUSES } from './support/deal-body.ts'
import { DealNotDeleted } from './support/deal-errors.ts'

const contractInput = {
  title: string(),
  stage_id: idText({ choices: 'ListStages' }).optional(),
  status: choice(STATUSES).optional(),
  value: amount().optional(),
  currency: string({ choices: 'ListCurrencies' }).optional(),
  person_id: idText({ choices: 'ListPersons' }).optional(),
  org_id: idText({ choices: 'ListOrganizations' }).optional(),
  expected_close_date: date().optional(),
  visible_to: visibility().optional(),
}
const { title, ...optional } = contractInput

/** The values of include_fields for a deal that was just created. That a person makes one participant is an assumption. */
const newDealCounts = (personId: number | null | undefined) => ({
  next_activity_id: null,
  last_activity_id: null,
  first_won_time: null,
  products_count: 0,
  files_count: 0,
  notes_count: 0,
  followers_count: 0,
  email_messages_count: 0,
  activities_count: 0,
  done_activities_count: 0,
  undone_activities_count: 0,
  participants_count: personId ? 1 : 0,
})

async function createDeal<C>(
  input: Record<string, unknown>,
  context: OperationContext,
  fields: Mapping<V2DealWithIncluded, C>,
): Promise<C> {
  const body = await dealBody(input, context)
  const created = await context.pipedrive.deals.create(body)
  const deal = { ...newDealCounts(created.person_id), ...created }
  if (input['status'] !== 'deleted') return context.fill(fields, deal)
  await context.pipedrive.deals.delete(deal.id).catch((error: unknown) => {
    throw new DealNotDeleted(deal.id, error)
  })
  return context.fill(fields, { ...deal, is_deleted: true })
}

export const addDealV2 = defineAction({
  id: 'AddDealV2',
  method: 'POST',
  set: 'deals',
  path: '/connector-v2/v1/deals',
  effect: 'create',
  preview: true,
  revision: { family: 'AddDeal', number: 2 },
  input: z.object({ title, pipeline_id: idText({ choices: 'ListPipelines' }).optional(), ...optional }),
  output: DealResponseV2,
  fields: dealFieldsV2,
  bodyFields: dealBodyFields,
  run: (input, context) => createDeal({ ...context.extra, ...input }, context, dealFieldsV2),
})

export const addDeal = defineAction({
  id: 'AddDeal',
  method: 'POST',
  set: 'deals',
  path: '/v1/deals',
  effect: 'create',
  revision: { family: 'AddDeal', number: 1, replacement: 'AddDealV2' },
  input: z.object(contractInput),
  output: DealResponse,
  fields: dealFields,
  bodyFields: dealBodyFields,
  run: (input, context) => createDeal({ ...context.extra, ...input }, context, dealFields),
})
