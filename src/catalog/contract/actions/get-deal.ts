import * as z from 'zod'
import { defineAction } from '../../define.ts'
import { id } from '../../inputs.ts'
import { includeFields } from '../../mapping.ts'
import { dealFields } from '../mappings/deal.ts'
import { DealResponse } from '../shapes/deal.ts'

export const getDeal = defineAction({
  id: 'GetDeal',
  method: 'GET',
  set: 'deals',
  path: '/v1/deals/{dealId}',
  effect: 'read',
  input: z.object({ dealId: id({ choices: 'ListDeals' }) }),
  output: DealResponse,
  fields: dealFields,
  async run({ dealId }, { pipedrive, fill }) {
    return fill(dealFields, await pipedrive.deals.find(dealId, includeFields(dealFields)))
  },
})
