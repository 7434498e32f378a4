import type { Behaviour } from '../behaviour.ts'
import type { Company } from './company.ts'
import type { DealProductRow, DealRow, DiscountRow, InstallmentRow, Row } from './records.ts'

/** The products on a deal, in the order in which they were attached. */
export const productsOn = ({ dealProducts, products }: Company, dealId: number, behaviour: Readonly<Behaviour>): DealProductRow[] =>
  [...dealProducts.where('deal_id', dealId)].filter(
    ({ is_deleted, product_id }) =>
      !is_deleted && (behaviour.deletedProductOnDeal === 'shown' || products.get(product_id)?.is_deleted === false),
  )

/** Prices are kept to the last digit, sums are what can be paid. */
export function rounded(amount: number, currency: string, { currencies }: Company): number {
  const factor = 10 ** (currencies.find(({ code }) => code === currency)?.decimal_points ?? 2)
  return Math.round((amount + Number.EPSILON) * factor) / factor
}

/** What a product on a deal comes to: its price times its quantity, less the discount and, when it comes on top, with the tax. */
export function sumOf(product: DealProductRow, { currency }: DealRow, company: Company, behaviour: Readonly<Behaviour>): number {
  const full = product.item_price * product.quantity
  const reduced = product.discount_type === 'percentage' ? full * (1 - product.discount / 100) : full - product.discount
  const isTaxed = product.tax_method === 'exclusive' && behaviour.attachmentSum === 'with exclusive tax'
  return rounded(isTaxed ? reduced * (1 + product.tax / 100) : reduced, currency, company)
}

const live = <R extends Row>(rows: Iterable<R>): R[] => [...rows].filter((row) => !row.is_deleted)

export const discountsOn = ({ discounts }: Company, dealId: number): DiscountRow[] => live(discounts.where('deal_id', dealId))
export const installmentsOf = ({ installments }: Company, dealId: number): InstallmentRow[] => live(installments.where('deal_id', dealId))

/** What the products of a deal come to, less its discounts, which are documented to lower what one-time products cost. Undefined without products. */
export function dealValue(deal: DealRow, company: Company, behaviour: Readonly<Behaviour>): number | undefined {
  const attached = productsOn(company, deal.id, behaviour)
  if (attached.length === 0) return undefined
  const total = (isCounted: (product: DealProductRow) => boolean) =>
    attached
      .filter((product) => product.is_enabled && isCounted(product))
      .reduce((sum, product) => sum + sumOf(product, deal, company, behaviour), 0)
  const once = total(({ billing_frequency }) => billing_frequency === 'one-time')
  const discounted = discountsOn(company, deal.id).reduce(
    (left, { type, amount }) => left - (type === 'amount' ? amount : (once * amount) / 100),
    once,
  )
  return rounded(Math.max(0, discounted) + total(({ billing_frequency }) => billing_frequency !== 'one-time'), deal.currency, company)
}
