import type { Company } from './company.ts'
import type { DealProductRow, DealRow, DiscountRow, InstallmentRow, Row } from './records.ts'

const live = <R extends Row>(rows: Iterable<R>): R[] => [...rows].filter((row) => !row.is_deleted)

/** The products on a deal, in the order in which they were attached. */
export const productsOn = ({ dealProducts }: Company, dealId: number): DealProductRow[] => live(dealProducts.where('deal_id', dealId))

/** Prices keep all digits; sums are rounded to the currency's decimals. */
export function rounded(amount: number, currency: string, { currencies }: Company): number {
  const factor = 10 ** (currencies.find(({ code }) => code === currency)?.decimal_points ?? 2)
  return Math.round((amount + Number.EPSILON) * factor) / factor
}

/** The sum of a product on a deal: price times quantity, minus the discount, plus an exclusive tax. */
export function sumOf(product: DealProductRow, { currency }: DealRow, company: Company): number {
  const full = product.item_price * product.quantity
  const reduced = product.discount_type === 'percentage' ? full * (1 - product.discount / 100) : full - product.discount
  return rounded(product.tax_method === 'exclusive' ? reduced * (1 + product.tax / 100) : reduced, currency, company)
}

export const discountsOn = ({ discounts }: Company, dealId: number): DiscountRow[] => live(discounts.where('deal_id', dealId))
export const installmentsOf = ({ installments }: Company, dealId: number): InstallmentRow[] => live(installments.where('deal_id', dealId))

/** The sum of a deal's products minus its discounts, which (as documented) apply to one-time products. Undefined without products. */
export function dealValue(deal: DealRow, company: Company): number | undefined {
  const attached = productsOn(company, deal.id)
  if (attached.length === 0) return undefined
  const total = (isCounted: (product: DealProductRow) => boolean) =>
    attached.filter((product) => product.is_enabled && isCounted(product)).reduce((sum, product) => sum + sumOf(product, deal, company), 0)
  const once = total(({ billing_frequency }) => billing_frequency === 'one-time')
  const discounted = discountsOn(company, deal.id).reduce(
    (left, { type, amount }) => left - (type === 'amount' ? amount : (once * amount) / 100),
    once,
  )
  return rounded(Math.max(0, discounted) + total(({ billing_frequency }) => billing_frequency !== 'one-time'), deal.currency, company)
}
