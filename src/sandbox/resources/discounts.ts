import * as z from 'zod'
import { json, notFound, one } from '../http/answer.ts'
import { body, query, readJson, validate } from '../http/validation.ts'
import { newRow, removal } from '../state/caller.ts'
import { discountsOn } from '../state/deal-products.ts'
import type { DealRow, DiscountRow } from '../state/records.ts'
import { uuidOf } from '../state/uuid.ts'
import { readDeal, writtenDeal } from './deal-of-path.ts'
import { settleValue } from './deal-value.ts'
import type { Body } from './resource.ts'
import type { Call, Route } from './route.ts'

/** An amount that is no gift and no surcharge. */
export const positive = () => body.amount().refine((amount) => amount > 0, { error: 'positive' })

const fields = z.strictObject({ description: body.text(), amount: positive(), type: body.oneOf(['percentage', 'amount']) })
const nothing = z.strictObject({})
const ids = z.object({ id: query.whole(), discount_id: z.guid({ error: "The value is not a valid 'uuid'" }) })

const show = (discount: DiscountRow): Body => ({
  id: discount.uuid,
  description: discount.description,
  amount: discount.amount,
  type: discount.type,
  deal_id: discount.deal_id,
  created_at: discount.add_time,
  created_by: discount.created_by,
  updated_at: discount.update_time,
  updated_by: discount.updated_by,
})

function discountOf(deal: DealRow, call: Call): DiscountRow {
  const { discount_id } = validate(ids, call.params, call.behaviour)
  const discount = discountsOn(call.company, deal.id).find(({ uuid }) => uuid === discount_id)
  if (!discount) throw notFound('Discount')
  return discount
}

/** Discounts on whole deals. Each write lets the value of the deal follow. */
export const discountRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v2/deals/:id/discounts',
    tokens: 10,
    handle(call) {
      validate(nothing, call.query, call.behaviour)
      return json(200, { success: true, data: discountsOn(call.company, readDeal(call).id).map(show) })
    },
  },
  {
    method: 'POST',
    path: '/api/v2/deals/:id/discounts',
    tokens: 5,
    handle(call) {
      const deal = writtenDeal(call)
      const given = validate(fields, readJson(call.body, call.behaviour), call.behaviour)
      const { company, user } = call
      const uuid = uuidOf('discount', company.id, company.discounts.lastId + 1)
      const discount = company.discounts.insert({
        ...newRow(call),
        ...given,
        uuid,
        deal_id: deal.id,
        created_by: user.id,
        updated_by: user.id,
      })
      settleValue(deal, call)
      return one(show(discount), 201)
    },
  },
  {
    method: 'PATCH',
    path: '/api/v2/deals/:id/discounts/:discount_id',
    tokens: 5,
    handle(call) {
      const deal = writtenDeal(call)
      const discount = discountOf(deal, call)
      const given = validate(fields.partial(), readJson(call.body, call.behaviour), call.behaviour) as Partial<DiscountRow>
      call.company.discounts.change(discount, { ...given, updated_by: call.user.id, update_time: call.time })
      settleValue(deal, call)
      return one(show(discount))
    },
  },
  {
    method: 'DELETE',
    path: '/api/v2/deals/:id/discounts/:discount_id',
    tokens: 3,
    handle(call) {
      const deal = writtenDeal(call)
      const discount = discountOf(deal, call)
      call.company.discounts.change(discount, removal(call))
      settleValue(deal, call)
      return one({ id: discount.uuid })
    },
  },
]
