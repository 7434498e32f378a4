import * as z from 'zod'
import { json, one, validationFailed } from '../http/answer.ts'
import { query, readJson, validate } from '../http/validation.ts'
import { type Caller, newRow, removal } from '../state/caller.ts'
import { productsOn, sumOf } from '../state/deal-value.ts'
import type { DealProductRow, DealRow } from '../state/records.ts'
import { billingOf } from './billing.ts'
import { belowDeal, belowDeals, changeableDeal, dealForWrite } from './parent-deal.ts'
import { type AttachmentBody, attachmentProblems, checkNew, checkRecurring, fields, forCreate } from './deal-product-rules.ts'
import { updateDealValue } from './update-deal-value.ts'
import type { Resource } from './resource.ts'
import type { Route } from './route.ts'
import { recordView } from './views/record-view.ts'

const MOST_AT_ONCE = 100
/** A gap between two products, as in the documented examples. */
const ORDER_STEP = 10

function attachmentOf(deal: DealRow, input: AttachmentBody, caller: Caller): Omit<DealProductRow, 'id'> {
  const { company } = caller
  const others = productsOn(company, deal.id)
  return {
    ...newRow(caller),
    deal_id: deal.id,
    product_id: input.product_id!,
    product_variation_id: input.product_variation_id ?? null,
    order_nr: Math.max(0, ...others.map(({ order_nr }) => order_nr)) + ORDER_STEP,
    comments: input.comments ?? '',
    quantity: input.quantity!,
    item_price: input.item_price!,
    discount: input.discount ?? 0,
    discount_type: input.discount_type ?? 'percentage',
    tax: input.tax ?? 0,
    tax_method: input.tax_method ?? others[0]?.tax_method ?? 'inclusive',
    is_enabled: input.is_enabled ?? true,
    ...billingOf(input),
    billing_start_date: input.billing_start_date ?? null,
  }
}

/** All products of a deal share one tax method: that of the last written one. */
function shareTaxMethod({ deal_id, tax_method }: DealProductRow, { company, time }: Caller): void {
  for (const other of productsOn(company, deal_id))
    if (other.tax_method !== tax_method) company.dealProducts.change(other, { tax_method, update_time: time })
}

const view = recordView<DealProductRow>()(
  {
    sum: { v2: (attachment, { company }) => sumOf(attachment, company.deals.get(attachment.deal_id)!, company) },
    name: { v2: ({ product_id }, { company }) => company.products.get(product_id)?.name ?? '' },
    currency: { v2: ({ deal_id }, { company }) => company.deals.get(deal_id)!.currency },
  },
  {
    v2: [
      'id sum tax deal_id name product_id product_variation_id order_nr add_time update_time comments currency discount discount_type',
      'quantity item_price tax_method is_enabled billing_frequency billing_frequency_cycles billing_start_date',
    ],
  },
)

const rows = (dealId: number, { company }: Caller) => productsOn(company, dealId)

export const dealProducts: Resource<DealProductRow, typeof fields, DealRow> = {
  path: 'deals/:id/products',
  singular: 'Deal product',
  prices: { list: 10, create: 5, update: 5, delete: 3 },
  table: (company) => company.dealProducts,
  idName: 'product_attachment_id',
  parent: belowDeal(rows),
  listing: { sortBy: ['id', 'add_time', 'update_time', 'order_nr'] },
  view,
  writing: {
    fields,
    required: ['product_id', 'item_price', 'quantity'],
    createdStatus: 201,
    references: {},
    create(input: AttachmentBody, caller, deal) {
      checkNew(deal, [input], caller)
      return attachmentOf(deal, input, caller)
    },
    change(attachment, input: AttachmentBody, caller, deal) {
      const problems = attachmentProblems(input, attachment, deal, caller)
      if (problems.length > 0) throw validationFailed(problems)
      const billing = billingOf(input, attachment)
      if (billing.billing_frequency !== 'one-time') checkRecurring(deal, 1, caller, attachment)
      return Object.fromEntries(Object.entries({ ...input, ...billing }).filter(([, value]) => value !== undefined))
    },
    alwaysTouches: true,
    deletedIsMissing: true,
    afterWrite(attachment, caller, deal) {
      if (!attachment.is_deleted) shareTaxMethod(attachment, caller)
      updateDealValue(deal, caller)
    },
  },
}

export const productsOfDeals: typeof dealProducts = {
  ...dealProducts,
  path: 'deals/products',
  prices: { list: 10 },
  parent: belowDeals(rows),
  listing: { sortBy: ['id', 'add_time', 'update_time', 'order_nr', 'deal_id'] },
}

const bulk = z.strictObject({
  data: z
    .array(forCreate)
    .min(1, { error: 'required' })
    .max(MOST_AT_ONCE, { error: `tooMany|${MOST_AT_ONCE} products` }),
})
const onDelete = z.strictObject({ ids: query.ids().optional() })

/** The bulk operations. */
export const dealProductBulkRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/api/v2/deals/:id/products/bulk',
    tokens: 25,
    handle(call) {
      const deal = dealForWrite(call)
      const { data } = validate(bulk, readJson(call.body, call.behaviour), call.behaviour)
      checkNew(deal, data, call)
      const attached = data.map((input) => {
        const attachment = call.company.dealProducts.insert(attachmentOf(deal, input, call))
        shareTaxMethod(attachment, call)
        return attachment
      })
      updateDealValue(deal, call)
      return one(
        attached.map((attachment) => view.v2(attachment, call)),
        201,
      )
    },
  },
  {
    method: 'DELETE',
    path: '/api/v2/deals/:id/products',
    tokens: 15,
    handle(call) {
      const requestedIds = validate(onDelete, call.query, call.behaviour).ids
      const deal = changeableDeal(call)
      const attached = productsOn(call.company, deal.id).filter(({ id }) => !requestedIds || requestedIds.includes(id))
      const removed = attached.slice(0, MOST_AT_ONCE)
      for (const attachment of removed) call.company.dealProducts.change(attachment, removal(call))
      updateDealValue(deal, call)
      return json(200, {
        success: true,
        data: { ids: removed.map(({ id }) => id) },
        additional_data: { more_items_in_collection: attached.length > removed.length },
      })
    },
  },
]
