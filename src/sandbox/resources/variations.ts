import * as z from 'zod'
import { notFound, one, page, unchangeable, validationFailed, wording } from '../http/answer.ts'
import { body, query, readJson, validate } from '../http/validation.ts'
import { isKept, isReadable, newRow, removal } from '../state/caller.ts'
import { withOwner } from '../state/followers.ts'
import type { ProductRow, VariationRow } from '../state/records.ts'
import { canSee } from '../state/visibility.ts'
import { pageOf, readCursor } from './page-of.ts'
import { price, priceProblems, pricesOf, showProduct } from './products.ts'
import type { Body } from './resource.ts'
import type { Call, Route } from './route.ts'

const LONGEST_NAME = 255
const BY_ID = { column: 'id', direction: 'asc' } as const

const fields = z.strictObject({
  name: body.name().max(LONGEST_NAME, { error: `outOfRange|1 and ${LONGEST_NAME} characters` }),
  prices: z.array(price).optional(),
})
const ids = z.object({ id: query.whole(), product_variation_id: query.whole().optional() })
const onList = z.strictObject({ limit: query.limit().optional(), cursor: query.text().optional() })
const nothing = z.strictObject({})

const show = ({ id, name, product_id, prices }: VariationRow): Body => ({
  id,
  name,
  product_id,
  prices: prices.map((each) => ({ product_variation_id: id, ...each })),
})

function productOf(call: Call): ProductRow {
  const product = call.company.products.get(validate(ids, call.params, call.behaviour).id)
  if (!product || !isKept(product, call) || !isReadable(product, call) || !canSee(product, call)) throw notFound('Product')
  return product
}

function writtenProduct(call: Call): ProductRow {
  validate(nothing, call.query, call.behaviour)
  const product = productOf(call)
  if (product.is_deleted) throw unchangeable(call.behaviour.changeDeletedRecord, 'isDeleted', 'Product', call.behaviour)
  return product
}

function variationOf(product: ProductRow, call: Call): VariationRow {
  const { product_variation_id } = validate(ids, call.params, call.behaviour)
  const variation = call.company.variations.get(product_variation_id!)
  if (!variation || variation.is_deleted || variation.product_id !== product.id) throw notFound('Product variation')
  return variation
}

function read<T extends { prices?: z.output<typeof price>[] | undefined }>(schema: z.ZodType<T>, call: Call): T {
  const given = validate(schema, readJson(call.body, call.behaviour), call.behaviour)
  const problems = priceProblems(given.prices, call)
  if (problems.length > 0) throw validationFailed(problems)
  return given
}

/** The forms in which a product is sold, and its duplicate with all of them. */
export const variationRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v2/products/:id/variations',
    tokens: 10,
    handle(call) {
      const { limit = 100, cursor } = validate(onList, call.query, call.behaviour)
      const after = cursor === undefined ? undefined : readCursor<VariationRow>(cursor, BY_ID)
      if (cursor !== undefined && !after) throw validationFailed([{ field: 'cursor', text: wording(call.behaviour, 'badCursor') }])
      const { variations } = call.company
      const candidates = variations.where('product_id', productOf(call).id)
      const isListed = (row: VariationRow) => !row.is_deleted && isReadable(row, call)
      const { rows, nextCursor } = pageOf<VariationRow>(variations, isListed, BY_ID, { limit, after, candidates })
      return page(rows.map(show), nextCursor)
    },
  },
  {
    method: 'POST',
    path: '/api/v2/products/:id/variations',
    tokens: 5,
    handle(call) {
      const product = writtenProduct(call)
      const { name, prices } = read(fields, call)
      // Unlike that of a product, the direct cost of a variation is documented to be 0 by default.
      const free = { price: 0, currency: call.user.default_currency, direct_cost: 0 }
      const row = { ...newRow(call), product_id: product.id, name, prices: pricesOf(prices ?? [free]) }
      return one(show(call.company.variations.insert(row)), 201)
    },
  },
  {
    method: 'PATCH',
    path: '/api/v2/products/:id/variations/:product_variation_id',
    tokens: 5,
    handle(call) {
      const variation = variationOf(writtenProduct(call), call)
      const { name, prices } = read(fields.partial(), call)
      call.company.variations.change(variation, {
        ...(name !== undefined && { name }),
        ...(prices && { prices: pricesOf(prices) }),
        update_time: call.time,
      })
      return one(show(variation))
    },
  },
  {
    method: 'DELETE',
    path: '/api/v2/products/:id/variations/:product_variation_id',
    tokens: 3,
    handle(call) {
      const variation = variationOf(writtenProduct(call), call)
      call.company.variations.change(variation, removal(call))
      return one({ id: variation.id })
    },
  },
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
      return one(showProduct(copy, call), 201)
    },
  },
]
