import type { Caller } from '../state/caller.ts'
import { dealValue } from '../state/deal-value.ts'
import type { DealRow } from '../state/records.ts'

/** Sets the value of a deal from its products and discounts. Without products it stays. */
export function updateDealValue(deal: DealRow, { company, time }: Caller): void {
  const value = dealValue(deal, company)
  if (value !== undefined && value !== deal.value) company.deals.change(deal, { value, update_time: time })
}
