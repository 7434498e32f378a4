import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import * as v2 from 'pipedrive/v2'
import { manualClock } from '../src/kit/clock.ts'
import { createSandbox } from '../sandbox/src/index.ts'
import { serveSandbox, type ServedSandbox } from '../sandbox/src/serve.ts'

// Fields, products and what deals have of them, driven by Pipedrive's own client.
const sandbox = createSandbox({ clock: manualClock() })
let server: ServedSandbox
const configuration = () => new v2.Configuration({ apiKey: 'sandbox-alice', basePath: `${server.url}/api/v2` })

beforeAll(async () => void (server = await serveSandbox({ sandbox, port: 0 })))
beforeEach(() => sandbox.reset())
afterAll(() => server.close())

type Api = Record<string, (request: object) => Promise<{ data?: unknown }>>
interface Field {
  field_code: string
  field_name: string
  options: { id: number }[]
}

test.each(['Deal', 'Person', 'Organization', 'Product'] as const)(
  'the official client drives the definitions of %s fields',
  async (kind) => {
    const api = new v2[`${kind}FieldsApi`](configuration()) as unknown as Api
    const call = async <T>(name: string, request: object): Promise<T> => (await api[name]!(request)).data as T
    const made = await call<Field>(`add${kind}Field`, {
      [`Add${kind}FieldRequest`]: { field_name: 'Size', field_type: 'enum', options: [{ label: 'S' }] },
    })
    const { field_code } = made
    // The client names the bodies of all kinds after those of deals.
    const [added] = await call<{ id: number }[]>(`add${kind}FieldOptions`, {
      field_code,
      AddDealFieldOptionsRequestInner: [{ label: 'M' }],
    })
    // The client calls the bodies of all kinds after the deal's.
    expect(added, 'the options were not sent').toMatchObject({ label: 'M' })
    const option = { id: added!.id }
    await call(`update${kind}FieldOptions`, { field_code, UpdateDealFieldOptionsRequestInner: [{ ...option, label: 'L' }] })
    await call(`delete${kind}FieldOptions`, { field_code, DeleteDealFieldOptionsRequestInner: [option] })
    await call(`update${kind}Field`, { field_code, [`Update${kind}FieldRequest`]: { field_name: 'Format' } })
    expect(await call(`get${kind}Field`, { field_code })).toMatchObject({ field_name: 'Format', options: [{ label: 'S' }] })
    expect((await call<Field[]>(`get${kind}Fields`, { limit: 500 })).at(-1)).toMatchObject({ field_code })
    expect(await call(`delete${kind}Field`, { field_code })).toMatchObject({ field_code })
  },
)

test('the official client reads the definitions of activity fields', async () => {
  const api = new v2.ActivityFieldsApi(configuration())
  expect((await api.getActivityFields({ limit: 3 })).data).toHaveLength(3)
  expect((await api.getActivityField({ field_code: 'type' })).data).toMatchObject({ field_type: 'enum' })
})

test('the official client drives products and their variations', async () => {
  const api = new v2.ProductsApi(configuration())
  const { data } = await api.addProduct({ AddProductRequest: { name: 'Lamp', prices: [{ price: 80, currency: 'EUR' }] } })
  const id = data!.id!
  expect((await api.updateProduct({ id, UpdateProductRequest: { tax: 25 } })).data).toMatchObject({ name: 'Lamp', tax: 25 })
  const variation = (await api.addProductVariation({ id, AddProductVariationRequest: { name: 'Brass' } })).data!
  const product_variation_id = variation.id!
  await api.updateProductVariation({ id, product_variation_id, UpdateProductVariationRequest: { name: 'Copper' } })
  expect((await api.getProductVariations({ id })).data).toMatchObject([{ name: 'Copper' }])
  const copy = (await api.duplicateProduct({ id })).data!
  expect((await api.getProducts({ ids: `${id},${copy.id}`, sort_by: 'name' })).data).toHaveLength(2)
  expect((await api.deleteProductVariation({ id, product_variation_id })).data).toEqual({ id: product_variation_id })
  expect((await api.deleteProduct({ id })).data).toEqual({ id })
  expect((await api.getProduct({ id })).data).toMatchObject({ is_deleted: true })
})

test('the official client drives products, discounts and installments of deals', async () => {
  const attached = new v2.DealProductsApi(configuration())
  const [deals, installments] = [new v2.DealsApi(configuration()), new v2.DealInstallmentsApi(configuration())]
  const lamp = { product_id: 1, item_price: 100, quantity: 2 }
  const { id: product_attachment_id } = (await attached.addDealProduct({ id: 7, AddDealProductRequest: lamp })).data!
  await attached.addManyDealProducts({ id: 7, CreateManyDealProductRequest: { data: [lamp, lamp] } })
  const change = { id: 7, product_attachment_id: product_attachment_id!, UpdateDealProductRequest: { quantity: 1 } }
  expect((await attached.updateDealProduct(change)).data).toMatchObject({ sum: 100 })
  expect((await attached.getDealProducts({ id: 7 })).data).toHaveLength(3)
  expect((await attached.getDealsProducts({ deal_ids: [7, 1] })).data).toHaveLength(6)

  const discount = { description: 'Autumn', amount: 10, type: 'percentage' } as const
  const { id: discount_id } = (await deals.postAdditionalDiscount({ id: 7, AddAdditionalDiscountRequestBody: discount })).data!
  const discounted = { id: 7, discount_id: discount_id! }
  await deals.updateAdditionalDiscount({ ...discounted, UpdateAdditionalDiscountRequestBody: { ...discount, amount: 20 } })
  expect((await deals.getAdditionalDiscounts({ id: 7 })).data).toMatchObject([{ amount: 20 }])
  expect((await deals.getDeal({ id: 7 })).data).toMatchObject({ value: 400 })
  await deals.deleteAdditionalDiscount(discounted)

  const first = { description: 'At order', amount: 50, billing_date: '2026-12-01' }
  const { id: installment_id } = (await installments.postInstallment({ id: 7, AddInstallmentRequestBody: first })).data!
  const planned = { id: 7, installment_id: installment_id! }
  await installments.updateInstallment({ ...planned, UpdateInstallmentRequestBody: { ...first, amount: 60 } })
  expect((await installments.getInstallments({ deal_ids: [7, 8] })).data).toMatchObject([{ amount: 60 }])
  await installments.deleteInstallment(planned)

  await attached.deleteDealProduct({ id: 7, product_attachment_id: product_attachment_id! })
  expect((await attached.deleteManyDealProducts({ id: 7 })).data?.ids).toHaveLength(2)
})

test('the official client sees options and labels with their names, and chosen custom fields only', async () => {
  const { data } = await new v2.DealsApi(configuration()).getDeals({
    ids: '8',
    include_option_labels: true,
    include_labels: true,
    custom_fields: '902cff3d0084361f82b9381cc0549fd8538e920c',
  })
  expect(data![0]!.custom_fields).toEqual({ '902cff3d0084361f82b9381cc0549fd8538e920c': { id: 53, label: 'Birch' } })
})
