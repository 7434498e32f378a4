import type { SeedRecords } from '../contract/seed-records.ts'
import type { Row, World } from '../contract/world.ts'

/** Records that were made for the parents of other records. */
export const made = { product: 0, variation: 0, persons: [] as number[] }

/** A deal of its own, with a product that can be billed in installments. */
export async function dealWithProduct(seed: SeedRecords, world: World): Promise<Row> {
  const { pipedrive } = world
  const { currency } = await pipedrive('GET', `/api/v2/deals/${seed.deal}`)
  const { id } = await pipedrive('POST', '/api/v2/deals', { title: 'A deal with a product', currency, person_id: seed.person })
  const { product_id } = await aProduct(seed, world)
  await pipedrive('POST', `/api/v2/deals/${String(id)}/products`, { product_id, item_price: 10, quantity: 1 })
  const variation = await pipedrive('POST', `/api/v2/products/${String(product_id)}/variations`, { name: 'Small' })
  const persons = await Promise.all(
    ['Ada', 'Bo', 'Cleo', 'Dag', 'Eli', 'Finn'].map((name) => pipedrive('POST', '/api/v2/persons', { name })),
  )
  made.product = product_id as number
  made.variation = variation['id'] as number
  made.persons = persons.map((person) => person['id'] as number)
  return { deal_id: id }
}

export async function aProduct(_: SeedRecords, { pipedrive }: World): Promise<Row> {
  const { id } = await pipedrive('POST', '/api/v2/products', { name: 'Lamp' })
  return { product_id: id }
}
