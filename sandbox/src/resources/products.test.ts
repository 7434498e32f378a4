import { expect, test } from 'vitest'
import { sandboxClient } from '../sandbox-client.fixture.ts'
import { fields } from '../seed/brightwater.fixture.ts'

const NOW = '2026-11-22T10:00:00Z'

test("a product with only a name gets defaults: its creator as the owner, and price 0 in the creator's currency", async () => {
  const { ask } = sandboxClient()
  const { status, body } = await ask('POST', '/api/v2/products', { name: 'Lamp' }, 'sandbox-bob')
  expect(status).toBe(201)
  expect(body['data']).toEqual({
    id: 7,
    name: 'Lamp',
    code: '',
    description: '',
    unit: '',
    tax: 0,
    category: null,
    is_linkable: true,
    is_deleted: false,
    visible_to: 3,
    owner_id: 21470312,
    add_time: NOW,
    update_time: NOW,
    billing_frequency: 'one-time',
    billing_frequency_cycles: null,
    prices: [{ product_id: 7, price: 0, currency: 'USD', cost: 0, direct_cost: null, notes: '' }],
    custom_fields: { [fields.leadTime]: null },
  })
})

test('a product is changed, listed and deleted', async () => {
  const { data, ids, ask } = sandboxClient()
  const changed = await data('PATCH', '/api/v2/products/1', { tax: 12.5, category: 42, prices: [{ price: 1, currency: 'GBP' }] })
  expect(changed).toMatchObject({ tax: 12.5, category: '42', code: 'DSK-160' })
  expect(changed['prices']).toEqual([{ product_id: 1, price: 1, currency: 'GBP', cost: 0, direct_cost: null, notes: '' }])
  expect(await ids('/api/v2/products')).toEqual([1, 2, 3, 4, 5])
  expect(await ids('/api/v2/products?sort_by=name&limit=2')).toEqual([3, 2])
  expect(await ids('/api/v2/products?owner_id=21470312')).toEqual([3, 4])
  expect(await ids('/api/v2/products?ids=5,1,6')).toEqual([1, 5])
  expect(await ids(`/api/v2/products?updated_since=${NOW}`)).toEqual([1])
  expect(await data('DELETE', '/api/v2/products/1')).toEqual({ id: 1 })
  expect(await data('GET', '/api/v2/products/1')).toMatchObject({ is_deleted: true })
  expect((await ask('PATCH', '/api/v2/products/1', { tax: 1 })).status).toBe(400)
})

test('the list has custom_fields, GET by id has no parameters', async () => {
  const { data, ask } = sandboxClient()
  const [first] = await data<{ custom_fields: object }[]>('GET', '/api/v2/products?custom_fields=none')
  expect(first!.custom_fields).toEqual({})
  expect((await data('GET', '/api/v2/products/1'))['custom_fields']).toEqual({ [fields.leadTime]: 6 })
  expect((await ask('GET', '/api/v2/products/1?custom_fields=none')).status).toBe(400)
  for (const name of ['updated_until', 'include_option_labels', 'include_fields'])
    expect((await ask('GET', `/api/v2/products?${name}=true`)).body.error, name).toContain(`Parameter '${name}' is not allowed`)
})

test.each([
  [{}, 'name: This value is required.'],
  [{ name: ' ' }, 'name: This value should not be blank.'],
  [{ name: 'x', prices: [{ price: '1', currency: 'EUR' }] }, "prices.price: The value is not a valid 'number'"],
  [
    {
      name: 'x',
      prices: [
        { price: 1, currency: 'EUR' },
        { price: 2, currency: 'EUR' },
      ],
    },
    'prices: There can only be one price per currency.',
  ],
  [{ name: 'x', prices: [{ price: 1, currency: 'EEK' }] }, 'prices: Currency not found or not active.'],
  [{ name: 'x', category: 51 }, 'category: Option 51 not found.'],
  [{ name: 'x', billing_frequency: 'daily' }, 'billing_frequency: The value is not one of'],
  [{ name: 'x', billing_frequency_cycles: 2 }, "billing_frequency_cycles: Must be null when billing_frequency is 'one-time'."],
  [{ name: 'x', billing_frequency: 'weekly' }, "billing_frequency_cycles: Can not be null when billing_frequency is 'weekly'."],
  [
    { name: 'x', billing_frequency: 'monthly', billing_frequency_cycles: 209 },
    'billing_frequency_cycles: The value is not between 1 and 208',
  ],
  [{ name: 'x', owner_id: 1 }, 'owner_id: User not found or not accessible.'],
])('POST /products %j is refused', async (body, text) => {
  const reply = await sandboxClient().ask('POST', '/api/v2/products', body)
  expect(reply.status).toBe(400)
  expect(reply.body.error).toContain(`Validation failed: ${text}`)
})

test('billing with and without cycles, and once: a change to one-time clears the cycles', async () => {
  const { data } = sandboxClient()
  const billing = async (body: object) => {
    const { billing_frequency, billing_frequency_cycles } = await data('PATCH', '/api/v2/products/4', body)
    return [billing_frequency, billing_frequency_cycles]
  }
  expect(await billing({ billing_frequency: 'annually' })).toEqual(['annually', 12])
  expect(await billing({ billing_frequency_cycles: null })).toEqual(['annually', null])
  expect(await billing({ billing_frequency: 'weekly', billing_frequency_cycles: 8 })).toEqual(['weekly', 8])
  expect(await billing({ billing_frequency: 'one-time' })).toEqual(['one-time', null])
})

test('visible_to decides who sees a product', async () => {
  const { data, ask } = sandboxClient()
  const { id } = await data('POST', '/api/v2/products', { name: 'Secret', visible_to: 1 })
  expect((await ask('GET', `/api/v2/products/${id}`, undefined, 'sandbox-bob')).body).toEqual({
    success: false,
    error: 'Product not found',
  })
  expect((await ask('POST', '/api/v2/products', { name: 'x', visible_to: 5 })).status).toBe(403)
})
