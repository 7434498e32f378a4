import { expect } from 'vitest'
import { product } from '../../src/catalog/objects/product.ts'
import { describeObject } from './object-suite.ts'

describeObject({
  object: product,
  samples: () => ({
    tax: { sent: 20 },
    prices: { sent: [{ currency: 'EUR', price: 12 }], shown: [expect.objectContaining({ currency: 'EUR', price: 12 })] },
    billing_frequency_cycles: { sent: 3 },
  }),
  beside: { billing_frequency_cycles: { billing_frequency: 'monthly' } },
})
