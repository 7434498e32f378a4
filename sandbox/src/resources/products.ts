import * as z from 'zod'
import { failure, type Problem, Refusal, validationFailed, wording } from '../http/answer.ts'
import { body, query } from '../http/validation.ts'
import { type Caller, newRow } from '../state/caller.ts'
import { widestVisibility } from '../state/company.ts'
import { fieldOf, liveOptions } from '../state/fields.ts'
import { withOwner } from '../state/followers.ts'
import type { CustomValues, Price, ProductRow } from '../state/records.ts'
import { canSee, visibilityOptions } from '../state/visibility.ts'
import { billingFields, billingOf, billingProblems } from './billing.ts'
import type { Resource } from './resource.ts'
import { productView } from './views/product-views.ts'

/** The schema of a price of a product or variation. */
export const price = z.strictObject({
  price: body.amount(),
  currency: body.text(),
  cost: body.amount().optional(),
  direct_cost: body.amount().nullish(),
  notes: body.text().optional(),
})

const fields = z.object({
  name: body.name(),
  code: body.text(),
  description: body.text(),
  unit: body.text(),
  tax: body.amount(),
  category: body.whole(),
  owner_id: body.whole(),
  is_linkable: body.flag(),
  visible_to: body.whole(),
  prices: z.array(price),
  custom_fields: z.record(z.string(), z.unknown()),
  ...billingFields,
})
type ProductBody = Partial<z.output<typeof fields>>

/** At most one price per currency, in active currencies. */
export function priceProblems(prices: readonly { currency: string }[] = [], { company, behaviour }: Caller): Problem[] {
  const codes = prices.map(({ currency }) => currency)
  const isActive = (code: string) => company.currencies.some((currency) => currency.active_flag && currency.code === code)
  return [
    ...(new Set(codes).size < codes.length ? [{ field: 'prices', text: wording(behaviour, 'onePriceACurrency') }] : []),
    ...(codes.every(isActive) ? [] : [{ field: 'prices', text: wording(behaviour, 'badCurrency') }]),
  ]
}

function problemsOf(input: ProductBody, before: ProductRow | undefined, caller: Caller): Problem[] {
  const { company, behaviour } = caller
  const problems = billingProblems(billingOf(input, before), caller)
  problems.push(...priceProblems(input.prices, caller))
  const category = fieldOf(company, 'product', 'category')
  if (input.category !== undefined && !(category && liveOptions(category).some(({ id }) => id === input.category)))
    problems.push({ field: 'category', text: wording(behaviour, 'unknownOption', String(input.category)) })
  return problems
}

function check(input: ProductBody, before: ProductRow | undefined, caller: Caller): void {
  const problems = problemsOf(input, before, caller)
  if (problems.length > 0) throw validationFailed(problems)
  if (input.visible_to !== undefined && !visibilityOptions(caller).includes(input.visible_to))
    throw new Refusal(failure(403, wording(caller.behaviour, 'visibilityNotOffered')))
}

export const pricesOf = (input: readonly z.output<typeof price>[]): Price[] =>
  input.map(({ price: amount, currency, cost, direct_cost, notes }) => ({
    price: amount,
    currency,
    cost: cost ?? 0,
    direct_cost: direct_cost ?? null,
    notes: notes ?? '',
  }))

const plain = ['name', 'code', 'description', 'unit', 'tax', 'category', 'owner_id', 'is_linkable', 'visible_to'] as const

export const products: Resource<ProductRow, typeof fields> = {
  path: 'products',
  singular: 'Product',
  prices: { list: 10, get: 1, create: 5, update: 5, delete: 3 },
  table: (company) => company.products,
  listing: {
    filters: { owner_id: query.whole() },
    sortBy: ['id', 'name', 'add_time', 'update_time'],
    timeFilters: 'without updated_until',
    optionLabels: false,
  },
  canSee,
  view: productView,
  payload: { object: 'product' },
  entity: 'product',
  plainGet: true,
  writing: {
    fields,
    required: ['name'],
    createdStatus: 201,
    references: { owner_id: 'User' },
    create(input: ProductBody, caller) {
      check(input, undefined, caller)
      const owner_id = input.owner_id ?? caller.user.id
      return {
        ...newRow(caller),
        name: input.name!,
        code: input.code ?? null,
        description: input.description ?? null,
        unit: input.unit ?? null,
        tax: input.tax ?? 0,
        category: input.category ?? null,
        owner_id,
        followers: withOwner([], owner_id, caller),
        visible_to: input.visible_to ?? widestVisibility(caller.company),
        is_linkable: input.is_linkable ?? true,
        ...billingOf(input),
        prices: pricesOf(input.prices ?? [{ price: 0, currency: caller.user.default_currency }]),
        custom_fields: input.custom_fields ?? {},
      }
    },
    change(product, input: ProductBody, caller) {
      check(input, product, caller)
      return {
        ...Object.fromEntries(plain.filter((field) => input[field] !== undefined).map((field) => [field, input[field]])),
        ...(input.owner_id !== undefined && { followers: withOwner(product.followers, input.owner_id, caller) }),
        ...billingOf(input, product),
        ...(input.prices && { prices: pricesOf(input.prices) }),
        ...(input.custom_fields && { custom_fields: { ...product.custom_fields, ...(input.custom_fields as CustomValues) } }),
      }
    },
  },
}
