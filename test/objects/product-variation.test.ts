import { expect } from 'vitest'
import { productVariation } from '../../src/catalog/objects/product-variation.ts'
import { describeObject } from './object-suite.ts'
import { aProduct } from './parents.ts'

describeObject({
  object: productVariation,
  parents: aProduct,
  samples: () => ({ prices: { sent: [{ currency: 'EUR', price: 12 }], shown: [expect.objectContaining({ currency: 'EUR', price: 12 })] } }),
})
