import * as z from 'zod'
import { validationFailed, wording } from '../http/answer.ts'
import { body } from '../http/validation.ts'
import { type Caller, newRow } from '../state/caller.ts'
import { productsOn } from '../state/deal-value.ts'
import type { DealRow, InstallmentRow } from '../state/records.ts'
import { belowDeal, belowDeals } from './parent-deal.ts'
import { positive } from './discounts.ts'
import type { Resource } from './resource.ts'
import { recordView } from './views/record-view.ts'

const fields = z.object({ description: body.text(), amount: positive(), billing_date: body.date() })

/** Refuses installments for a deal without one-time products, or with recurring ones. */
function checkProducts(deal: DealRow, { company, behaviour }: Caller): void {
  const attached = productsOn(company, deal.id)
  const isOnce = attached.map(({ billing_frequency }) => billing_frequency === 'one-time')
  const refused = isOnce.includes(false) ? 'installmentsAreOnce' : isOnce.includes(true) ? undefined : 'installmentsNeedOne'
  if (refused) throw validationFailed([{ field: 'id', text: wording(behaviour, refused) }])
}

const rows = (dealId: number, { company }: Caller) => company.installments.where('deal_id', dealId)

/** Installments of a deal: written below the deal, listed for several deals. */
export const installments: Resource<InstallmentRow, typeof fields, DealRow> = {
  path: 'deals/:id/installments',
  singular: 'Installment',
  prices: { create: 5, update: 5, delete: 3 },
  table: (company) => company.installments,
  idName: 'installment_id',
  parent: belowDeal(rows),
  listing: { sortBy: ['id', 'billing_date', 'deal_id'] },
  view: recordView<InstallmentRow>()({}, { v2: ['id amount billing_date deal_id description'] }),
  writing: {
    fields,
    required: ['description', 'amount', 'billing_date'],
    references: {},
    create(input, caller, deal) {
      checkProducts(deal, caller)
      return { ...newRow(caller), ...input, deal_id: deal.id }
    },
    change: (_installment, input) => input,
    alwaysTouches: true,
    deletedIsMissing: true,
  },
}

export const installmentsOfDeals: typeof installments = {
  ...installments,
  path: 'deals/installments',
  prices: { list: 10 },
  parent: belowDeals(rows),
}
