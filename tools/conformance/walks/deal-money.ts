import type { Walk } from '../walker.ts'

const params = { id: 7 }

/** What deals have of products, discounts and installments. */
export const dealMoney: Walk = async (ask) => {
  const lamp = { product_id: 1, item_price: 100, quantity: 2, tax: 19, tax_method: 'exclusive', discount: 10, discount_type: 'amount' }
  const attached = await ask('POST', '/api/v2/deals/{id}/products', { params, body: { ...lamp, comments: 'Brass' } })
  const weekly = { billing_frequency: 'weekly', billing_frequency_cycles: 4, billing_start_date: '2027-01-01' }
  const [first] = await ask<{ id: number }[]>('POST', '/api/v2/deals/{id}/products/bulk', {
    params,
    body: { data: [{ product_id: 2, item_price: 5.5, quantity: 1, ...weekly }, lamp] },
  })
  const line = { ...params, product_attachment_id: attached.id }
  await ask('PATCH', '/api/v2/deals/{id}/products/{product_attachment_id}', { params: line, body: { quantity: 3, is_enabled: true } })
  await ask('GET', '/api/v2/deals/{id}/products', { params, query: { sort_by: 'order_nr', sort_direction: 'desc', limit: '1' } })
  await ask('GET', '/api/v2/deals/products', { query: { deal_ids: '1,7', sort_by: 'deal_id', limit: '500' } })

  const { id: discount_id } = await ask<{ id: string }>('POST', '/api/v2/deals/{id}/discounts', {
    params,
    body: { description: 'Autumn', amount: 10, type: 'percentage' },
  })
  const discount = { ...params, discount_id }
  await ask('PATCH', '/api/v2/deals/{id}/discounts/{discount_id}', { params: discount, body: { amount: 12.5, type: 'amount' } })
  await ask('GET', '/api/v2/deals/{id}/discounts', { params })
  await ask('DELETE', '/api/v2/deals/{id}/discounts/{discount_id}', { params: discount })

  await ask('DELETE', '/api/v2/deals/{id}/products', { params, query: { ids: String(first!.id) } })
  const { id: installment_id } = await ask('POST', '/api/v2/deals/{id}/installments', {
    params,
    body: { description: 'At order', amount: 50, billing_date: '2026-12-01' },
  })
  const installment = { ...params, installment_id }
  await ask('PATCH', '/api/v2/deals/{id}/installments/{installment_id}', { params: installment, body: { amount: 60 } })
  await ask('GET', '/api/v2/deals/installments', { query: { deal_ids: '7,8', sort_by: 'billing_date', limit: '500' } })
  await ask('DELETE', '/api/v2/deals/{id}/installments/{installment_id}', { params: installment })
  await ask('DELETE', '/api/v2/deals/{id}/products/{product_attachment_id}', { params: line })
}
