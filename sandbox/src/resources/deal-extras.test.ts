import { describe, expect, test } from 'vitest'
import { type RecordData, sandboxClient } from '../sandbox-client.fixture.ts'

const NOW = '2026-11-22T10:00:00Z'
const LAMP = { product_id: 1, item_price: 100, quantity: 2 }
const MONTHLY = { product_id: 4, item_price: 10, quantity: 1, billing_frequency: 'monthly' }
const ON_DEAL = '/api/v2/deals/7'

describe('discounts', () => {
  const TENTH = { description: 'Autumn', amount: 10, type: 'percentage' }

  test('a discount is added, changed, listed and removed', async () => {
    const { ask, data } = sandboxClient()
    const { status, body } = await ask<{ data: { id: string } }>('POST', `${ON_DEAL}/discounts`, TENTH)
    const { id } = body.data
    const user = 21470311
    expect([status, body.data]).toEqual([
      201,
      { ...TENTH, id, deal_id: 7, created_at: NOW, created_by: user, updated_at: NOW, updated_by: user },
    ])
    expect(id).toMatch(/^[0-9a-f-]{36}$/)
    expect(await data('PATCH', `${ON_DEAL}/discounts/${id}`, { amount: 5 }, 'sandbox-bob')).toMatchObject({
      amount: 5,
      updated_by: 21470312,
    })
    expect(await data('GET', `${ON_DEAL}/discounts`)).toMatchObject([{ id, amount: 5 }])
    expect(await data('DELETE', `${ON_DEAL}/discounts/${id}`)).toEqual({ id })
    expect(await data('GET', `${ON_DEAL}/discounts`)).toEqual([])
    expect((await ask('DELETE', `${ON_DEAL}/discounts/${id}`)).status).toBe(404)
    expect((await ask('DELETE', `${ON_DEAL}/discounts/1`)).status).toBe(400)
  })

  test('a discount lowers what the one-time products of a deal cost, and with it the value', async () => {
    const { data } = sandboxClient()
    const value = async () => (await data('GET', ON_DEAL))['value']
    const before = await value()
    const { id } = await data('POST', `${ON_DEAL}/discounts`, TENTH)
    expect(await value()).toBe(before)
    await data('POST', `${ON_DEAL}/products`, LAMP)
    await data('POST', `${ON_DEAL}/products`, MONTHLY)
    expect(await value()).toBe(190)
    await data('POST', `${ON_DEAL}/discounts`, { ...TENTH, amount: 500, type: 'amount' })
    expect(await value()).toBe(10)
    await data('PATCH', `${ON_DEAL}/discounts/${id}`, { amount: 1 })
    await data('DELETE', `${ON_DEAL}/discounts/${id}`)
    expect(await value()).toBe(10)
  })

  test.each([
    [{}, 'description: This value is required.; amount: This value is required.; type: This value is required.'],
    [{ ...TENTH, amount: 0 }, 'amount: This value should be positive.'],
    [{ ...TENTH, type: 'gift' }, "type: The value is not one of 'percentage', 'amount'"],
  ])('%j is refused', async (body, text) => {
    const reply = await sandboxClient().ask('POST', `${ON_DEAL}/discounts`, body)
    expect([reply.status, reply.body.error]).toEqual([400, `Validation failed: ${text}`])
  })
})

describe('installments', () => {
  const FIRST = { description: 'At order', amount: 50, billing_date: '2026-12-01' }

  test('an installment is added, changed, listed over many deals and removed', async () => {
    const { data, ids } = sandboxClient()
    const created = await data('POST', '/api/v2/deals/1/installments', FIRST)
    expect(created).toEqual({ ...FIRST, id: 1, deal_id: 1 })
    await data('POST', '/api/v2/deals/1/installments', { ...FIRST, billing_date: '2026-11-30' })
    await data('POST', `${ON_DEAL}/products`, LAMP)
    await data('POST', `${ON_DEAL}/installments`, FIRST)
    expect(await data('PATCH', '/api/v2/deals/1/installments/1', { amount: 60 })).toMatchObject({ amount: 60, description: 'At order' })
    expect(await ids('/api/v2/deals/installments?deal_ids=7,1,99')).toEqual([1, 2, 3])
    expect(await ids('/api/v2/deals/installments?deal_ids=1&sort_by=billing_date')).toEqual([2, 1])
    expect(await data('DELETE', '/api/v2/deals/1/installments/2')).toEqual({ id: 2 })
    expect(await ids('/api/v2/deals/installments?deal_ids=1&limit=1')).toEqual([1])
  })

  test('a deal without products, or with one that is billed more than once, can have none', async () => {
    const { ask } = sandboxClient()
    const text = async (deal: number) => (await ask('POST', `/api/v2/deals/${deal}/installments`, FIRST)).body.error
    expect(await text(7)).toContain('needs an enabled one-time product')
    expect(await text(10)).toContain('can not have products that are billed more than once')
    expect((await ask('POST', '/api/v2/deals/1/installments', { ...FIRST, amount: -1 })).body.error).toContain(
      'amount: This value should be positive.',
    )
    expect((await ask('GET', '/api/v2/deals/installments')).status).toBe(400)
  })

  test('a deal with installments needs an enabled product, and no recurring one', async () => {
    const { data, ask } = sandboxClient()
    const { id } = await data('POST', `${ON_DEAL}/products`, LAMP)
    await data('POST', `${ON_DEAL}/installments`, FIRST)
    const change = async (body: object) => (await ask('PATCH', `${ON_DEAL}/products/${id}`, body)).body.error
    expect(await change({ is_enabled: false })).toContain('is_enabled: A deal with installments needs an enabled one-time product.')
    expect(await change({ billing_frequency: 'monthly' })).toContain('billing_frequency: A deal with installments can not')
    expect((await ask('POST', `${ON_DEAL}/products`, MONTHLY)).status).toBe(400)
    await data('POST', `${ON_DEAL}/products`, LAMP)
    expect(await data('PATCH', `${ON_DEAL}/products/${id}`, { is_enabled: false })).toMatchObject({ is_enabled: false })
  })
})

describe('variations', () => {
  const HERE = '/api/v2/products/1/variations'

  test('a variation is added, changed, listed, put on a deal and deleted', async () => {
    const { ask, data, ids } = sandboxClient()
    const { status, body } = await ask<{ data: RecordData }>('POST', HERE, { name: 'Walnut' })
    const free = { product_variation_id: 1, price: 0, currency: 'EUR', cost: 0, direct_cost: 0, notes: '' }
    expect([status, body.data]).toEqual([201, { id: 1, name: 'Walnut', product_id: 1, prices: [free] }])
    await data('POST', HERE, { name: 'Ash', prices: [{ price: 7, currency: 'USD', notes: 'x' }] })
    expect(await data('PATCH', `${HERE}/1`, { prices: [{ price: 9, currency: 'EUR', cost: 2 }] })).toMatchObject({
      name: 'Walnut',
      prices: [{ price: 9, cost: 2, direct_cost: null }],
    })
    expect(await ids(HERE)).toEqual([1, 2])
    const attached = await data('POST', `${ON_DEAL}/products`, { ...LAMP, product_variation_id: 2 })
    expect(attached['product_variation_id']).toBe(2)
    const foreign = await ask('POST', `${ON_DEAL}/products`, { ...LAMP, product_id: 2, product_variation_id: 2 })
    expect(foreign.body.error).toBe('Validation failed: product_variation_id: Product variation not found.')
    expect(await data('DELETE', `${HERE}/1`)).toEqual({ id: 1 })
    expect(await ids(`${HERE}?limit=1`)).toEqual([2])
    expect((await ask('PATCH', '/api/v2/products/2/variations/2', { name: 'x' })).body.error).toBe('Product variation not found')
    expect((await ask('POST', HERE, { name: 'x'.repeat(256) })).status).toBe(400)
    expect((await ask('POST', HERE, { name: 'x', prices: [{ price: 1, currency: 'XXX' }] })).status).toBe(400)
  })

  test('the duplicate of a product has its prices, custom fields and variations', async () => {
    const { ask, data } = sandboxClient()
    await data('POST', HERE, { name: 'Walnut' })
    const original = await data('GET', '/api/v2/products/1')
    const { status, body } = await ask<{ data: RecordData }>('POST', '/api/v2/products/1/duplicate', undefined, 'sandbox-bob')
    const { id } = body.data
    expect(status).toBe(201)
    expect(body.data).toMatchObject({
      id: 7,
      name: original['name'],
      custom_fields: original['custom_fields'],
      owner_id: 21470312,
      add_time: NOW,
    })
    expect(body.data['prices']).toHaveLength(2)
    expect(await data('GET', `/api/v2/products/${id}/variations`)).toMatchObject([{ name: 'Walnut', product_id: id }])
    await data('DELETE', '/api/v2/products/1')
    expect((await ask('POST', '/api/v2/products/1/duplicate')).status).toBe(400)
  })
})
