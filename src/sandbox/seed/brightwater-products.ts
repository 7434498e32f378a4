import { fields, users } from './brightwater-ids.ts'
import type { ProductSeed } from './seed.ts'

const { alice, bob, chloe } = users

/** 6 products: in several currencies, by the month, one that cannot be sold any more, one deleted. */
export const brightwaterProducts: ProductSeed[] = [
  {
    name: 'Desk "Skagen", 160 cm',
    code: 'DSK-160',
    owner: alice,
    added: 300,
    unit: 'piece',
    tax: 25,
    category: 41,
    description: 'Height adjustable, oiled oak',
    prices: [
      { price: 890, currency: 'EUR', cost: 410, direct_cost: 35 },
      { price: 990, currency: 'USD', cost: 455 },
    ],
    custom: { [fields.leadTime]: 6 },
  },
  {
    name: 'Chair "Lofoten"',
    code: 'CHR-LOF',
    owner: alice,
    added: 300,
    unit: 'piece',
    tax: 25,
    category: 41,
    prices: [{ price: 249.5, currency: 'EUR', cost: 120 }],
    custom: { [fields.leadTime]: 2.5 },
  },
  {
    name: 'Assembly, per hour',
    code: 'SRV-ASM',
    owner: bob,
    added: 280,
    unit: 'h',
    tax: 25,
    category: 42,
    prices: [{ price: 65, currency: 'EUR' }],
  },
  {
    name: 'Maintenance',
    code: 'SRV-MNT',
    owner: bob,
    added: 200,
    unit: 'month',
    tax: 25,
    category: 42,
    billing: 'monthly',
    cycles: 12,
    prices: [
      { price: 120, currency: 'EUR', notes: 'Two visits a year included' },
      { price: 135, currency: 'GBP' },
    ],
  },
  {
    name: 'Sofa "Hven"',
    code: 'SOF-HVE',
    owner: chloe,
    added: 190,
    is_linkable: false,
    category: 41,
    prices: [{ price: 1750, currency: 'EUR' }],
  },
  { name: 'Old catalogue', owner: chloe, added: 150, deleted: 12, prices: [{ price: 0, currency: 'EUR' }] },
]
