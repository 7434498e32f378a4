import * as z from 'zod'
import { body } from '../http/validation.ts'
import { newRow } from '../state/caller.ts'
import type { DealRow, DiscountRow } from '../state/records.ts'
import { uuidOf } from '../state/uuid.ts'
import { belowDeal } from './parent-deal.ts'
import { updateDealValue } from './update-deal-value.ts'
import type { Resource } from './resource.ts'
import { recordView } from './views/record-view.ts'

/** An amount above 0. */
export const positive = () => body.amount().refine((amount) => amount > 0, { error: 'positive' })

const fields = z.object({ description: body.text(), amount: positive(), type: body.oneOf(['percentage', 'amount']) })

const view = recordView<DiscountRow>()(
  {
    id: { v2: ({ uuid }) => uuid },
    created_at: { v2: ({ add_time }) => add_time },
    updated_at: { v2: ({ update_time }) => update_time },
  },
  { v2: ['id description amount type deal_id created_at created_by updated_at updated_by'] },
)

/** Discounts on deals. Each write updates the value of the deal. */
export const discounts: Resource<DiscountRow, typeof fields, DealRow> = {
  path: 'deals/:id/discounts',
  singular: 'Discount',
  prices: { list: 10, create: 5, update: 5, delete: 3 },
  table: (company) => company.discounts,
  idName: 'discount_id',
  uuid: ({ uuid }) => uuid,
  parent: belowDeal((dealId, { company }) => company.discounts.where('deal_id', dealId)),
  listing: { unpaged: true },
  view,
  writing: {
    fields,
    required: ['description', 'amount', 'type'],
    createdStatus: 201,
    references: {},
    create: (input, caller, deal) => ({
      ...newRow(caller),
      // The list returns a new one at once.
      readable_from: caller.now,
      ...input,
      uuid: uuidOf('discount', caller.company.id, caller.company.discounts.lastId + 1),
      deal_id: deal.id,
      created_by: caller.user.id,
      updated_by: caller.user.id,
    }),
    change: (_discount, input, { user }) => ({ ...input, updated_by: user.id }),
    alwaysTouches: true,
    deletedIsMissing: true,
    afterWrite: (_discount, caller, deal) => updateDealValue(deal, caller),
  },
}
