import * as z from 'zod'
import { json, notFound, one, page, validationFailed, wording } from '../http/answer.ts'
import { query, readJson, validate } from '../http/validation.ts'
import { type Caller, isReadable, newRow, removal } from '../state/caller.ts'
import { productsOn, sumOf } from '../state/deal-products.ts'
import type { DealProductRow, DealRow } from '../state/records.ts'
import { billingOf } from './billing.ts'
import { changeableDeal, readDeal, readDeals, writtenDeal } from './deal-of-path.ts'
import { type AttachmentBody, attachmentProblems, checkNew, checkRecurring, forChange, forCreate } from './deal-product-rules.ts'
import { settleValue } from './deal-value.ts'
import { type Order, pageOf, readCursor } from './page-of.ts'
import type { Body } from './resource.ts'
import type { Call, Route } from './route.ts'

const MOST_AT_ONCE = 100
/** Leaves room between two products, as the documented examples do. */
const ORDER_STEP = 10

const ids = z.object({ id: query.whole(), product_attachment_id: query.whole().optional() })

function attachmentOf(deal: DealRow, call: Call): DealProductRow {
  const { product_attachment_id } = validate(ids, call.params, call.behaviour)
  const attachment = call.company.dealProducts.get(product_attachment_id!)
  if (!attachment || attachment.is_deleted || attachment.deal_id !== deal.id) throw notFound('Deal product')
  return attachment
}

function attach(deal: DealRow, given: AttachmentBody, call: Call): DealProductRow {
  const { company } = call
  const others = productsOn(company, deal.id)
  const attachment = company.dealProducts.insert({
    ...newRow(call),
    deal_id: deal.id,
    product_id: given.product_id!,
    product_variation_id: given.product_variation_id ?? null,
    order_nr: Math.max(0, ...others.map(({ order_nr }) => order_nr)) + ORDER_STEP,
    comments: given.comments ?? '',
    quantity: given.quantity!,
    item_price: given.item_price!,
    discount: given.discount ?? 0,
    discount_type: given.discount_type ?? 'percentage',
    tax: given.tax ?? 0,
    tax_method: given.tax_method ?? others[0]?.tax_method ?? 'inclusive',
    is_enabled: given.is_enabled ?? true,
    ...billingOf(given),
    billing_start_date: given.billing_start_date ?? null,
  })
  shareTaxMethod(attachment, call)
  return attachment
}

/** All products of a deal are taxed in one way: that of the one which was written last. */
function shareTaxMethod({ deal_id, tax_method }: DealProductRow, { company, time }: Call): void {
  for (const other of productsOn(company, deal_id))
    if (other.tax_method !== tax_method) company.dealProducts.change(other, { tax_method, update_time: time })
}

function show(attachment: DealProductRow, { company }: Caller): Body {
  const deal = company.deals.get(attachment.deal_id)!
  return {
    id: attachment.id,
    sum: sumOf(attachment, deal, company),
    tax: attachment.tax,
    deal_id: attachment.deal_id,
    name: company.products.get(attachment.product_id)?.name ?? '',
    product_id: attachment.product_id,
    product_variation_id: attachment.product_variation_id,
    order_nr: attachment.order_nr,
    add_time: attachment.add_time,
    update_time: attachment.update_time,
    comments: attachment.comments,
    currency: deal.currency,
    discount: attachment.discount,
    discount_type: attachment.discount_type,
    quantity: attachment.quantity,
    item_price: attachment.item_price,
    tax_method: attachment.tax_method,
    is_enabled: attachment.is_enabled,
    billing_frequency: attachment.billing_frequency,
    billing_frequency_cycles: attachment.billing_frequency_cycles,
    billing_start_date: attachment.billing_start_date,
  }
}

const sortBy = ['id', 'add_time', 'update_time', 'order_nr'] as const
const paging = { limit: query.limit(), cursor: query.text(), sort_direction: query.oneOf(['asc', 'desc']) }
const onDeal = z.strictObject({ ...paging, sort_by: query.oneOf(sortBy) }).partial()
const onDeals = z
  .strictObject({ ...paging, sort_by: query.oneOf([...sortBy, 'deal_id']) })
  .partial()
  .extend({ deal_ids: query.ids() })

function list(deals: readonly DealRow[], wanted: z.output<typeof onDeal> | z.output<typeof onDeals>, call: Call) {
  const order: Order<DealProductRow> = { column: wanted.sort_by ?? 'id', direction: wanted.sort_direction ?? 'asc' }
  const after = wanted.cursor === undefined ? undefined : readCursor(wanted.cursor, order)
  if (wanted.cursor !== undefined && !after) throw validationFailed([{ field: 'cursor', text: wording(call.behaviour, 'badCursor') }])
  const candidates = deals.flatMap(({ id }) => productsOn(call.company, id))
  const { rows, nextCursor } = pageOf(call.company.dealProducts, (row) => isReadable(row, call), order, {
    limit: wanted.limit ?? 100,
    after,
    candidates,
  })
  return page(
    rows.map((row) => show(row, call)),
    nextCursor,
  )
}

const bulk = z.strictObject({
  data: z
    .array(forCreate)
    .min(1, { error: 'required' })
    .max(MOST_AT_ONCE, { error: `tooMany|${MOST_AT_ONCE} products` }),
})
const onDelete = z.strictObject({ ids: query.ids().optional() })

export const dealProductRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v2/deals/products',
    tokens: 10,
    handle(call) {
      const wanted = validate(onDeals, call.query, call.behaviour)
      return list(readDeals(wanted.deal_ids, call), wanted, call)
    },
  },
  {
    method: 'GET',
    path: '/api/v2/deals/:id/products',
    tokens: 10,
    handle: (call) => {
      const wanted = validate(onDeal, call.query, call.behaviour)
      return list([readDeal(call)], wanted, call)
    },
  },
  {
    method: 'POST',
    path: '/api/v2/deals/:id/products',
    tokens: 5,
    handle(call) {
      const deal = writtenDeal(call)
      const given = validate(forCreate, readJson(call.body, call.behaviour), call.behaviour)
      checkNew(deal, [given], call)
      const attachment = attach(deal, given, call)
      settleValue(deal, call)
      return one(show(attachment, call), 201)
    },
  },
  {
    method: 'POST',
    path: '/api/v2/deals/:id/products/bulk',
    tokens: 25,
    handle(call) {
      const deal = writtenDeal(call)
      const { data } = validate(bulk, readJson(call.body, call.behaviour), call.behaviour)
      checkNew(deal, data, call)
      const attached = data.map((given) => attach(deal, given, call))
      settleValue(deal, call)
      return one(
        attached.map((attachment) => show(attachment, call)),
        201,
      )
    },
  },
  {
    method: 'PATCH',
    path: '/api/v2/deals/:id/products/:product_attachment_id',
    tokens: 5,
    handle(call) {
      const deal = writtenDeal(call)
      const attachment = attachmentOf(deal, call)
      const given = validate(forChange, readJson(call.body, call.behaviour), call.behaviour)
      const problems = attachmentProblems(given, attachment, deal, call)
      if (problems.length > 0) throw validationFailed(problems)
      const billing = billingOf(given, attachment)
      if (billing.billing_frequency !== 'one-time') checkRecurring(deal, 1, call, attachment)
      const changes = Object.fromEntries(Object.entries({ ...given, ...billing }).filter(([, value]) => value !== undefined))
      call.company.dealProducts.change(attachment, { ...changes, update_time: call.time })
      shareTaxMethod(attachment, call)
      settleValue(deal, call)
      return one(show(attachment, call))
    },
  },
  {
    method: 'DELETE',
    path: '/api/v2/deals/:id/products/:product_attachment_id',
    tokens: 3,
    handle(call) {
      const deal = writtenDeal(call)
      const attachment = attachmentOf(deal, call)
      detach([attachment], call)
      settleValue(deal, call)
      return one({ id: attachment.id })
    },
  },
  {
    method: 'DELETE',
    path: '/api/v2/deals/:id/products',
    tokens: 15,
    handle(call) {
      const wanted = validate(onDelete, call.query, call.behaviour).ids
      const deal = changeableDeal(call)
      const attached = productsOn(call.company, deal.id).filter(({ id }) => !wanted || wanted.includes(id))
      const gone = attached.slice(0, MOST_AT_ONCE)
      detach(gone, call)
      settleValue(deal, call)
      return json(200, {
        success: true,
        data: { ids: gone.map(({ id }) => id) },
        additional_data: { more_items_in_collection: attached.length > gone.length },
      })
    },
  },
]

function detach(attachments: readonly DealProductRow[], call: Call): void {
  for (const attachment of attachments) call.company.dealProducts.change(attachment, removal(call))
}
