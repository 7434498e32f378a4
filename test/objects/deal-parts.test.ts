import { dealDiscount, dealInstallment, dealParticipant, dealProduct } from '../../src/catalog/objects/deal-parts.ts'
import { describeObject } from './object-suite.ts'
import { dealWithProduct, made } from './parents.ts'

describeObject({
  object: dealProduct,
  parents: dealWithProduct,
  samples: () => ({
    product_id: { sent: made.product },
    item_price: { sent: 12.5 },
    quantity: { sent: 2 },
    discount: { sent: 5 },
    tax: { sent: 20 },
    product_variation_id: { sent: made.variation },
  }),
  beside: { billing_frequency_cycles: { billing_frequency: 'monthly' } },
  effects: ['sum'],
})
describeObject({ object: dealDiscount, parents: dealWithProduct, samples: () => ({ amount: { sent: 5 } }) })
describeObject({
  object: dealInstallment,
  parents: dealWithProduct,
  samples: () => ({ amount: { sent: 5 }, billing_date: { sent: '2026-12-24' } }),
})
describeObject({
  object: dealParticipant,
  parents: dealWithProduct,
  // A person takes part once.
  samples: () => ({ person_id: { sent: made.persons.shift() } }),
})
