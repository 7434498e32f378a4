import * as z from 'zod'
import { notFound, one, unchangeable, validationFailed } from '../http/answer.ts'
import { body, query, validate } from '../http/validation.ts'
import { type Caller, isRetained, isReadable, newRow } from '../state/caller.ts'
import { withOwner } from '../state/followers.ts'
import type { ProductRow, VariationRow } from '../state/records.ts'
import { canSee } from '../state/visibility.ts'
import { noQuery } from './list-routes.ts'
import { price, priceProblems, pricesOf } from './products.ts'
import type { Resource } from './resource.ts'
import type { Call, Route } from './route.ts'
import { productView, variationView } from './views/product-views.ts'

const LONGEST_NAME = 255

const fields = z.object({
  name: body.name().max(LONGEST_NAME, { error: `outOfRange|1 and ${LONGEST_NAME} characters` }),
  prices: z.array(price),
})
/** Both at once: an invalid id is refused before the product is looked up. */
const ids = z.object({ id: query.whole(), product_variation_id: query.whole().optional() })

function productOf(call: Call): ProductRow {
  const product = call.company.products.get(validate(ids, call.params, call.behaviour).id)
  if (!product || !isRetained(product, call) || !isReadable(product, call) || !canSee(product, call)) throw notFound('Product')
  return product
}

function writtenProduct(call: Call): ProductRow {
  noQuery(call)
  const product = productOf(call)
  if (product.is_deleted) throw unchangeable(call.behaviour.changeDeletedRecord, 'isDeleted', 'Product', call.behaviour)
  return product
}

function checkPrices(prices: z.output<typeof price>[] | undefined, caller: Caller): void {
  const problems = priceProblems(prices, caller)
  if (problems.length > 0) throw validationFailed(problems)
}

/** Product variations. */
export const variations: Resource<VariationRow, typeof fields, ProductRow> = {
  path: 'products/:id/variations',
  singular: 'Product variation',
  prices: { list: 10, create: 5, update: 5, delete: 3 },
  table: (company) => company.variations,
  idName: 'product_variation_id',
  parent: {
    read: (call) => [productOf(call)],
    write: writtenProduct,
    rows: ({ id }, { company }) => company.variations.where('product_id', id),
    has: ({ id }, { product_id }) => product_id === id,
  },
  listing: {},
  view: variationView,
  writing: {
    fields,
    required: ['name'],
    createdStatus: 201,
    references: {},
    create({ name, prices }: { name: string; prices?: z.output<typeof price>[] }, caller, product) {
      checkPrices(prices, caller)
      // Unlike that of a product, the direct cost of a variation is documented to be 0 by default.
      const free = { price: 0, currency: caller.user.default_currency, direct_cost: 0 }
      return { ...newRow(caller), product_id: product.id, name, prices: pricesOf(prices ?? [free]) }
    },
    change(_variation, { name, prices }: Partial<z.output<typeof fields>>, caller) {
      checkPrices(prices, caller)
      return { ...(name !== undefined && { name }), ...(prices && { prices: pricesOf(prices) }) }
    },
    alwaysTouches: true,
    deletedIsMissing: true,
  },
}

/** Duplicates a product with all its variations. */
export const duplicateProductRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/api/v2/products/:id/duplicate',
    tokens: 5,
    handle(call) {
      const { company, user } = call
      const product = writtenProduct(call)
      const { id, ...same } = structuredClone(product)
      const copy = company.products.insert({ ...same, ...newRow(call), owner_id: user.id, followers: withOwner([], user.id, call) })
      for (const variation of [...company.variations.where('product_id', id)].filter(({ is_deleted }) => !is_deleted))
        company.variations.insert({ ...newRow(call), product_id: copy.id, name: variation.name, prices: structuredClone(variation.prices) })
      return one(productView.v2(copy, call), 201)
    },
  },
]
