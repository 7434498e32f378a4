import { shownValues } from '../../state/fields.ts'
import type { ProductRow, VariationRow } from '../../state/records.ts'
import { typedValues } from '../../webhooks/typed-values.ts'
import { alive, firstLetter, level, recordView, times } from './record-view.ts'

/** A missing value is an empty text, but null in webhooks. */
const textOf = (column: 'code' | 'description' | 'unit') => {
  const read = (product: ProductRow) => product[column] ?? ''
  return { v2: read, v1: read }
}
const category = (product: ProductRow) => (product.category === null ? null : String(product.category))
const prices = ({ id, prices: input }: ProductRow) => input.map((price) => ({ product_id: id, ...price }))
const isLinkable = (product: ProductRow) => product.is_linkable

export const productView = recordView<ProductRow>()(
  {
    ...times('add_time', 'update_time'),
    code: textOf('code'),
    description: textOf('description'),
    unit: textOf('unit'),
    category: { v2: category, v1: category, webhook: category },
    visible_to: { webhook: level.webhook },
    prices: { v2: prices, v1: prices, webhook: ({ id, prices: input }) => input.map((price) => ({ ...price, product_id: id })) },
    custom_fields: {
      v2: (product, { company }) => shownValues(company, 'product', product.custom_fields),
      webhook: (product, { company }) => typedValues(company, 'product', product.custom_fields),
    },
    active_flag: alive,
    selectable: { v1: isLinkable, webhook: isLinkable },
    first_char: firstLetter,
    files_count: { v1: () => 0 },
  },
  {
    v2: [
      'id name code description unit tax category is_linkable is_deleted visible_to owner_id add_time update_time billing_frequency',
      'billing_frequency_cycles prices custom_fields',
    ],
    v1: [
      'id name code description unit tax category active_flag selectable first_char visible_to owner_id files_count add_time update_time',
      'prices',
    ],
    webhook: ['add_time category code custom_fields description id name owner_id selectable tax unit update_time visible_to prices'],
  },
)

export const variationView = recordView<VariationRow>()(
  { prices: { v2: ({ id, prices: input }) => input.map((price) => ({ product_variation_id: id, ...price })) } },
  { v2: ['id name product_id prices'] },
)
