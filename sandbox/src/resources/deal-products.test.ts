import { expect, test } from 'vitest'
import { type RecordData, sandboxClient } from '../sandbox-client.fixture.ts'

const NOW = '2026-11-22T10:00:00Z'
const DESK = { product_id: 1, item_price: 100, quantity: 3 }

test('a product is attached with the defaults of Pipedrive', async () => {
  const { ask, data } = sandboxClient()
  const { status, body } = await ask('POST', '/api/v2/deals/7/products', DESK)
  expect(status).toBe(201)
  const shown = {
    id: 6,
    sum: 300,
    tax: 0,
    deal_id: 7,
    name: 'Desk "Skagen", 160 cm',
    product_id: 1,
    product_variation_id: null,
    order_nr: 10,
    add_time: NOW,
    update_time: NOW,
    comments: '',
    currency: 'EUR',
    discount: 0,
    discount_type: 'percentage',
    quantity: 3,
    item_price: 100,
    tax_method: 'inclusive',
    is_enabled: true,
    billing_frequency: 'one-time',
    billing_frequency_cycles: null,
    billing_start_date: null,
  }
  expect(body['data']).toEqual(shown)
  expect(await data('GET', '/api/v2/deals/7/products')).toEqual([shown])
})

test('products_count counts what is attached', async () => {
  const { data } = sandboxClient()
  const count = async (id: number) => (await data('GET', `/api/v2/deals/${id}?include_fields=products_count`))['products_count']
  expect([await count(1), await count(10), await count(2)]).toEqual([3, 2, 0])
  await data('POST', '/api/v2/deals/2/products', DESK)
  await data('DELETE', '/api/v2/deals/1/products/1')
  expect([await count(1), await count(2)]).toEqual([2, 1])
})

test('a product on a deal can be changed and removed', async () => {
  const { data, ids, ask } = sandboxClient()
  expect(await data('PATCH', '/api/v2/deals/1/products/2', { quantity: 2, discount: 9, discount_type: 'amount' })).toMatchObject({
    sum: 490,
    comments: 'Grey felt',
  })
  expect(await data('DELETE', '/api/v2/deals/1/products/2')).toEqual({ id: 2 })
  expect(await ids('/api/v2/deals/1/products')).toEqual([1, 3])
  for (const method of ['PATCH', 'DELETE'])
    for (const path of ['/api/v2/deals/1/products/2', '/api/v2/deals/2/products/1'])
      expect((await ask(method, path, method === 'PATCH' ? {} : undefined)).body.error).toBe('Deal product not found')
})

test('products of many deals are listed together, by commas or repeated', async () => {
  const { ids, ask } = sandboxClient()
  expect(await ids('/api/v2/deals/products?deal_ids=1,10,999')).toEqual([1, 2, 3, 4, 5])
  expect(await ids('/api/v2/deals/products?deal_ids=10&deal_ids=1&sort_by=deal_id&sort_direction=desc')).toEqual([5, 4, 3, 2, 1])
  expect(await ids('/api/v2/deals/1/products?sort_by=order_nr&sort_direction=desc&limit=2')).toEqual([3, 2])
  const { body } = await ask<{ additional_data: { next_cursor: string } }>('GET', '/api/v2/deals/1/products?limit=2')
  expect(await ids(`/api/v2/deals/1/products?limit=2&cursor=${body.additional_data.next_cursor}`)).toEqual([3])
  expect((await ask('GET', '/api/v2/deals/products')).body.error).toBe('Validation failed: deal_ids: This value is required.')
  const many = Array.from({ length: 101 }, (_, at) => at + 1).join()
  expect((await ask('GET', `/api/v2/deals/products?deal_ids=${many}`)).status).toBe(400)
  expect((await ask('GET', '/api/v2/deals/1/products?sort_by=deal_id')).status).toBe(400)
})

test('many products are attached at once, all or none', async () => {
  const { ask, ids } = sandboxClient()
  const bulk = (data: object[]) => ask<{ data: RecordData[] }>('POST', '/api/v2/deals/7/products/bulk', { data })
  const refused = await bulk([DESK, { ...DESK, product_id: 99 }])
  expect(refused.body.error).toBe('Validation failed: product_id: Product not found or not accessible.')
  expect(await ids('/api/v2/deals/7/products')).toEqual([])
  const { status, body } = await bulk([DESK, { ...DESK, product_id: 2 }])
  expect([status, body.data.map(({ id, order_nr }) => [id, order_nr])]).toEqual([
    201,
    [
      [6, 10],
      [7, 20],
    ],
  ])
  expect((await bulk(Array.from({ length: 101 }, () => DESK))).body.error).toBe('Validation failed: data: At most 100 products are allowed')
  expect((await bulk([])).status).toBe(400)
})

test('many products can be removed at once: the named ones, or up to 100', async () => {
  const { ask, ids } = sandboxClient()
  const off = async (query: string) => (await ask('DELETE', `/api/v2/deals/1/products${query}`)).body
  expect(await off('?ids=1,2,99')).toEqual({ success: true, data: { ids: [1, 2] }, additional_data: { more_items_in_collection: false } })
  for (let turn = 0; turn < 2; turn++) await ask('POST', '/api/v2/deals/1/products/bulk', { data: Array.from({ length: 60 }, () => DESK) })
  expect(await off('')).toMatchObject({ additional_data: { more_items_in_collection: true } })
  expect(await ids('/api/v2/deals/1/products')).toHaveLength(21)
})

test.each([
  [{ product_id: 1 }, 'item_price: This value is required.; quantity: This value is required.'],
  [{ ...DESK, quantity: '3' }, "quantity: The value is not a valid 'number'"],
  [{ ...DESK, product_id: 5 }, 'product_id: Product can not be added to deals.'],
  [{ ...DESK, product_id: 6 }, 'product_id: Product not found or not accessible.'],
  [{ ...DESK, product_variation_id: 1 }, 'product_variation_id: Product variation not found.'],
  [{ ...DESK, billing_frequency: 'weekly' }, "billing_frequency_cycles: Can not be null when billing_frequency is 'weekly'."],
  [{ ...DESK, billing_start_date: '2036-11-23' }, 'billing_start_date: The value is not between 2016-11-22 and 2036-11-22'],
])('attaching %j is refused', async (body, text) => {
  const reply = await sandboxClient().ask('POST', '/api/v2/deals/7/products', body)
  expect([reply.status, reply.body.error]).toEqual([400, `Validation failed: ${text}`])
})

test('a deal has at most 20 products that are billed more than once', async () => {
  const { ask } = sandboxClient()
  const monthly = { ...DESK, billing_frequency: 'monthly' }
  expect((await ask('POST', '/api/v2/deals/7/products/bulk', { data: Array.from({ length: 20 }, () => monthly) })).status).toBe(201)
  expect((await ask('POST', '/api/v2/deals/7/products', monthly)).body.error).toContain('at most 20 products')
  expect((await ask('PATCH', '/api/v2/deals/7/products/6', { billing_frequency: 'annually' })).status).toBe(200)
  const { body } = await ask<{ data: RecordData }>('POST', '/api/v2/deals/7/products', DESK)
  expect((await ask('PATCH', `/api/v2/deals/7/products/${body.data.id}`, { billing_frequency: 'annually' })).status).toBe(400)
})

test('the tax method of one product is that of all products of the deal', async () => {
  const { data } = sandboxClient()
  await data('POST', '/api/v2/deals/7/products', DESK)
  await data('POST', '/api/v2/deals/7/products', { ...DESK, tax_method: 'exclusive', tax: 25 })
  const methods = async () => (await data<RecordData[]>('GET', '/api/v2/deals/7/products')).map(({ tax_method }) => tax_method)
  expect(await methods()).toEqual(['exclusive', 'exclusive'])
  await data('PATCH', '/api/v2/deals/7/products/6', { tax_method: 'inclusive' })
  expect(await methods()).toEqual(['inclusive', 'inclusive'])
})

test("the default tax method of a deal's first product is inclusive", async () => {
  const { data } = sandboxClient()
  expect(await data('POST', '/api/v2/deals/7/products', DESK)).toMatchObject({ tax_method: 'inclusive' })
})

test("the sum includes an exclusive tax, and is rounded to the currency's decimals", async () => {
  const taxed = { ...DESK, item_price: 33.333, tax: 25, tax_method: 'exclusive' }
  expect(await sandboxClient().data('POST', '/api/v2/deals/7/products', taxed)).toMatchObject({ sum: 125 })
  const yen = await sandboxClient().data('POST', '/api/v2/deals/5/products', { ...DESK, item_price: 33.4, quantity: 1 })
  expect([yen['currency'], yen['sum']]).toEqual(['JPY', 33])
})

test('the value of a deal is the sum of its enabled products; it stays after the last one is removed', async () => {
  const { data } = sandboxClient()
  const value = async () => (await data('GET', '/api/v2/deals/7'))['value']
  await data('POST', '/api/v2/deals/7/products', DESK)
  await data('POST', '/api/v2/deals/7/products', { ...DESK, item_price: 0.5, discount: 50 })
  expect(await value()).toBe(300.75)
  await data('PATCH', '/api/v2/deals/7/products/6', { is_enabled: false })
  expect(await value()).toBe(0.75)
  await data('DELETE', '/api/v2/deals/7/products')
  expect(await value()).toBe(0.75)
})

test('the value of a deal with products can be changed', async () => {
  const { data } = sandboxClient()
  expect(await data('PATCH', '/api/v2/deals/1', { value: 5 })).toMatchObject({ value: 5 })
})

test('a deal still lists a product that was deleted from the catalogue', async () => {
  const { data, ids } = sandboxClient()
  await data('DELETE', '/api/v2/products/1')
  expect(await ids('/api/v2/deals/1/products')).toEqual([1, 2, 3])
})

test('products of deals that cannot be seen or changed', async () => {
  const { ask } = sandboxClient()
  const status = async (method: string, deal: number, key?: string) =>
    (await ask(method, `/api/v2/deals/${deal}/products`, method === 'POST' ? DESK : undefined, key)).status
  expect([await status('GET', 6, 'sandbox-bob'), await status('POST', 6, 'sandbox-bob'), await status('GET', 99)]).toEqual([404, 404, 404])
  expect([await status('POST', 20), await status('GET', 20), await status('DELETE', 20)]).toEqual([403, 200, 403])
  expect([await status('POST', 24), await status('GET', 24)]).toEqual([400, 404])
})
