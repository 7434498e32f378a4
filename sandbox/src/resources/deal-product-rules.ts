import * as z from 'zod'
import { type Problem, validationFailed, wording } from '../http/answer.ts'
import { body } from '../http/validation.ts'
import type { Caller } from '../state/caller.ts'
import { installmentsOf, productsOn } from '../state/deal-value.ts'
import type { DealProductRow, DealRow } from '../state/records.ts'
import { billingFields, billingOf, billingProblems } from './billing.ts'
import { referenceProblem } from './references.ts'

const MOST_RECURRING = 20
const START_WITHIN_YEARS = 10

export const fields = z.object({
  product_id: body.whole(),
  item_price: body.amount(),
  quantity: body.amount(),
  tax: body.amount(),
  comments: body.text(),
  discount: body.amount(),
  is_enabled: body.flag(),
  tax_method: body.oneOf(['exclusive', 'inclusive', 'none']),
  discount_type: body.oneOf(['percentage', 'amount']),
  product_variation_id: body.whole().nullable(),
  billing_start_date: body.date().nullable(),
  ...billingFields,
})
/** An AttachmentBody is a validated body of POST or PATCH. */
export type AttachmentBody = Partial<z.output<typeof fields>>

/** The body of a product that is attached to a deal. */
export const forCreate = z
  .strictObject(fields.partial().shape)
  .extend({ product_id: body.whole(), item_price: body.amount(), quantity: body.amount() })
function startProblems(date: string | null | undefined, { time, behaviour }: Caller): Problem[] {
  const year = (by: number) => `${Number(time.slice(0, 4)) + by}${time.slice(4, 10)}`
  const [first, last] = [year(-START_WITHIN_YEARS), year(START_WITHIN_YEARS)]
  return date == null || (date >= first && date <= last)
    ? []
    : [{ field: 'billing_start_date', text: wording(behaviour, 'outOfRange', `${first} and ${last}`) }]
}

/** The problems of a product to attach to a deal, or of a change of an attached one. */
export function attachmentProblems(input: AttachmentBody, before: DealProductRow | undefined, deal: DealRow, caller: Caller): Problem[] {
  const { company, behaviour } = caller
  const unknown = referenceProblem('product_id', 'Product', input.product_id, caller)
  const product = input.product_id ?? before!.product_id
  const isLinkable = input.product_id === undefined || unknown.length > 0 || company.products.get(product)!.is_linkable
  const variation = input.product_variation_id == null ? undefined : company.variations.get(input.product_variation_id)
  const isForm = input.product_variation_id == null || (variation?.product_id === product && !variation.is_deleted)
  return [
    ...unknown,
    ...(isLinkable ? [] : [{ field: 'product_id', text: wording(behaviour, 'notLinkable') }]),
    ...(isForm ? [] : [{ field: 'product_variation_id', text: wording(behaviour, 'noVariations') }]),
    ...billingProblems(billingOf(input, before), caller),
    ...startProblems(input.billing_start_date, caller),
    ...(installmentsOf(company, deal.id).length > 0 ? installmentProblems(input, before, deal, caller) : []),
  ]
}

/** A deal with installments needs an enabled product, and no recurring one. */
function installmentProblems(
  input: AttachmentBody,
  before: DealProductRow | undefined,
  deal: DealRow,
  { company, behaviour }: Caller,
): Problem[] {
  const text = (name: 'installmentsAreOnce' | 'installmentsNeedOne') => wording(behaviour, name)
  const isEnabled = input.is_enabled ?? before?.is_enabled ?? true
  const isRecurring = billingOf(input, before).billing_frequency !== 'one-time'
  if (isRecurring && input.billing_frequency !== undefined) return [{ field: 'billing_frequency', text: text('installmentsAreOnce') }]
  if (isRecurring && input.is_enabled) return [{ field: 'is_enabled', text: text('installmentsAreOnce') }]
  const others = productsOn(company, deal.id).filter((other) => other !== before && other.is_enabled)
  return !isEnabled && before?.is_enabled && others.length === 0 ? [{ field: 'is_enabled', text: text('installmentsNeedOne') }] : []
}

/** Refuses a write that leaves the deal with too many recurring products. */
export function checkRecurring(deal: DealRow, added: number, { company, behaviour }: Caller, but?: DealProductRow): void {
  const others = productsOn(company, deal.id).filter((other) => other !== but && other.billing_frequency !== 'one-time')
  if (others.length + added > MOST_RECURRING)
    throw validationFailed([{ field: 'billing_frequency', text: wording(behaviour, 'tooManyRecurring') }])
}

export function checkNew(deal: DealRow, input: readonly AttachmentBody[], caller: Caller): void {
  const problems = input.flatMap((product) => attachmentProblems(product, undefined, deal, caller))
  if (problems.length > 0) throw validationFailed(problems)
  const recurring = input.filter((product) => billingOf(product).billing_frequency !== 'one-time').length
  if (recurring > 0) checkRecurring(deal, recurring, caller)
}
