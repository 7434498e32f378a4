import { fixed, required, string, structures } from '../fields/field-words.ts'
import { defineObject } from './define-object.ts'

/** A variation of a product, with its prices. */
export const productVariation = defineObject({
  name: 'productVariation',
  plural: 'variations',
  set: 'products',
  parent: { key: 'product_id', path: 'products' },
  operations: ['list', 'create', 'update', 'delete'],
  fields: { name: required(fixed(string())), prices: structures() },
})
