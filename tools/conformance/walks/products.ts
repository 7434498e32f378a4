import type { Walk } from '../walker.ts'

export const products: Walk = async (ask) => {
  const prices = [{ price: 80, currency: 'EUR', cost: 30, direct_cost: 10 }]
  const product = await ask('POST', '/api/v2/products', {
    body: { name: 'Lamp', code: 'L-1', description: 'Brass', unit: 'piece', tax: 19, is_linkable: true, visible_to: 3, prices },
  })
  const params = { id: product.id }
  await ask('PATCH', '/api/v2/products/{id}', { params, body: { billing_frequency: 'monthly', billing_frequency_cycles: 12 } })
  const variation = await ask('POST', '/api/v2/products/{id}/variations', { params, body: { name: 'Small', prices } })
  const one = { ...params, product_variation_id: variation.id }
  await ask('PATCH', '/api/v2/products/{id}/variations/{product_variation_id}', { params: one, body: { name: 'Tiny' } })
  await ask('GET', '/api/v2/products/{id}/variations', { params, query: { limit: '1' } })
  await ask('POST', '/api/v2/products/{id}/duplicate', { params })
  await ask('DELETE', '/api/v2/products/{id}/variations/{product_variation_id}', { params: one })
  await ask('GET', '/api/v2/products', { query: { sort_by: 'name', updated_since: '2020-01-01T00:00:00Z', limit: '3' } })
  await ask('GET', '/api/v2/products/{id}', { params })
  await ask('GET', '/v1/products/{id}/permittedUsers', { params })
  await ask('DELETE', '/api/v2/products/{id}', { params })
}
