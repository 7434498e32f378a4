import * as z from 'zod'
import { notFound, one, page, validationFailed, wording } from '../http/answer.ts'
import { body, query, readJson, validate } from '../http/validation.ts'
import { isReadable, newRow, removal } from '../state/caller.ts'
import { installmentsOf, productsOn } from '../state/deal-products.ts'
import type { DealRow, InstallmentRow } from '../state/records.ts'
import { readDeals, writtenDeal } from './deal-of-path.ts'
import { positive } from './discounts.ts'
import { type Order, pageOf, readCursor } from './page-of.ts'
import type { Body } from './resource.ts'
import type { Call, Route } from './route.ts'

const fields = z.strictObject({ description: body.text(), amount: positive(), billing_date: body.date() })
const ids = z.object({ id: query.whole(), installment_id: query.whole() })
const onList = z
  .strictObject({
    limit: query.limit(),
    cursor: query.text(),
    sort_by: query.oneOf(['id', 'billing_date', 'deal_id']),
    sort_direction: query.oneOf(['asc', 'desc']),
  })
  .partial()
  .extend({ deal_ids: query.ids() })

const show = ({ id, amount, billing_date, deal_id, description }: InstallmentRow): Body => ({
  id,
  amount,
  billing_date,
  deal_id,
  description,
})

function installmentOf(deal: DealRow, call: Call): InstallmentRow {
  const { installment_id } = validate(ids, call.params, call.behaviour)
  const installment = call.company.installments.get(installment_id)
  if (!installment || installment.is_deleted || installment.deal_id !== deal.id) throw notFound('Installment')
  return installment
}

/** Refuses installments for a deal that has nothing to be paid once, or something to be paid again and again. */
function checkProducts(deal: DealRow, { company, behaviour }: Call): void {
  const attached = productsOn(company, deal.id)
  const isOnce = attached.map(({ billing_frequency }) => billing_frequency === 'one-time')
  const refused = isOnce.includes(false) ? 'installmentsAreOnce' : isOnce.includes(true) ? undefined : 'installmentsNeedOne'
  if (refused) throw validationFailed([{ field: 'id', text: wording(behaviour, refused) }])
}

export const installmentRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v2/deals/installments',
    tokens: 10,
    handle(call) {
      const { company, behaviour } = call
      const wanted = validate(onList, call.query, behaviour)
      const order: Order<InstallmentRow> = { column: wanted.sort_by ?? 'id', direction: wanted.sort_direction ?? 'asc' }
      const after = wanted.cursor === undefined ? undefined : readCursor(wanted.cursor, order)
      if (wanted.cursor !== undefined && !after) throw validationFailed([{ field: 'cursor', text: wording(behaviour, 'badCursor') }])
      const candidates = readDeals(wanted.deal_ids, call).flatMap(({ id }) => installmentsOf(company, id))
      const { limit = 100 } = wanted
      const { rows, nextCursor } = pageOf(company.installments, (row) => isReadable(row, call), order, { limit, after, candidates })
      return page(rows.map(show), nextCursor)
    },
  },
  {
    method: 'POST',
    path: '/api/v2/deals/:id/installments',
    tokens: 5,
    handle(call) {
      const deal = writtenDeal(call)
      const given = validate(fields, readJson(call.body, call.behaviour), call.behaviour)
      checkProducts(deal, call)
      return one(show(call.company.installments.insert({ ...newRow(call), ...given, deal_id: deal.id })), call.behaviour.createStatus)
    },
  },
  {
    method: 'PATCH',
    path: '/api/v2/deals/:id/installments/:installment_id',
    tokens: 5,
    handle(call) {
      const installment = installmentOf(writtenDeal(call), call)
      const given = validate(fields.partial(), readJson(call.body, call.behaviour), call.behaviour) as Partial<InstallmentRow>
      call.company.installments.change(installment, { ...given, update_time: call.time })
      return one(show(installment))
    },
  },
  {
    method: 'DELETE',
    path: '/api/v2/deals/:id/installments/:installment_id',
    tokens: 3,
    handle(call) {
      const installment = installmentOf(writtenDeal(call), call)
      call.company.installments.change(installment, removal(call))
      return one({ id: installment.id })
    },
  },
]
