import * as z from 'zod'
import { defineAction, type OperationContext } from '../../define.ts'
import { choice, id, string } from '../../inputs.ts'
import { includeFields } from '../../mapping.ts'
import { dealFields } from '../mappings/deal.ts'
import { DealResponse } from '../shapes/deal.ts'
import { dealBodyFields } from '../../body-fields.ts'
import { changeDeal } from './support/change-deal.ts'
import { STATUSES } from './support/deal-body.ts'
import { DealNotChangeable } from './support/deal-errors.ts'
import { stateBehind } from './support/state-behind.ts'

export const updateDealStatus = defineAction({
  id: 'UpdateDealStatus',
  method: 'PUT',
  set: 'deals',
  path: '/update_status_deal/v1/deals/{dealId}',
  effect: 'update',
  input: z.object({ dealId: id({ choices: 'ListDeals' }), status: choice(STATUSES), lost_reason: string().optional() }),
  output: DealResponse,
  fields: dealFields,
  bodyFields: dealBodyFields,
  run: ({ dealId, ...changes }, context) =>
    changes.status === 'deleted'
      ? deleteDeal(dealId, { ...context.extra, ...changes }, context)
      : changeDeal(dealId, { ...context.extra, ...changes }, context, dealFields),
})

/** Returns the deal as it was. A deal that is already deleted is no failure: a flow that runs again must not stop here. */
async function deleteDeal(dealId: number, changes: Record<string, unknown>, { pipedrive, fill, warn }: OperationContext) {
  const leftOut = Object.keys(changes).filter((name) => name !== 'status' && changes[name] !== undefined)
  if (leftOut.length > 0) warn(`${leftOut.join(', ')} left out: the deal is deleted, not changed`)
  const before = await pipedrive.deals.find(dealId, includeFields(dealFields))
  if (!before.is_deleted)
    await pipedrive.deals.delete(dealId).catch(async (refusal: unknown) => {
      if ((await stateBehind(refusal, dealId, pipedrive)) === 'archived') throw new DealNotChangeable(dealId, 'archived')
    })
  return fill(dealFields, { ...before, is_deleted: true })
}
