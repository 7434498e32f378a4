import { expect, test } from 'vitest'
import { sandboxClient } from '../sandbox-client.fixture.ts'
import { fields, hollisterValues, users } from '../seed/brightwater.fixture.ts'
import { customTypes } from '../state/fields.ts'

const zone = { timezone_id: expect.any(Number) as number, timezone_name: 'Europe/Stockholm' }
const nothing = {
  country: null,
  admin_area_level_1: null,
  admin_area_level_2: null,
  locality: null,
  sublocality: null,
  route: null,
  street_number: null,
  subpremise: null,
  postal_code: null,
  formatted_address: null,
}

const patched = async (values: object, { data } = sandboxClient()) =>
  (await data('PATCH', '/api/v2/deals/2', { custom_fields: values }))['custom_fields'] as Record<string, unknown>

test('the company has a deal field of each of the sixteen types, and deal 8 a value in fourteen of them', async () => {
  const { data } = sandboxClient()
  const known = await data<{ field_type: string; is_custom_field: boolean }[]>('GET', '/api/v2/dealFields?limit=500')
  expect(new Set(known.filter((field) => field.is_custom_field).map(({ field_type }) => field_type))).toEqual(new Set(customTypes))
  expect((await data('GET', '/api/v2/deals/8'))['custom_fields']).toMatchObject(hollisterValues)
})

test.each([
  ['varchar', fields.purchaseOrder, 'PO-1', 'PO-1'],
  ['varchar_auto', fields.region, 'South', 'South'],
  ['text', fields.briefing, 'a\nb', 'a\nb'],
  ['phone', fields.sitePhone, '+46 8 1', '+46 8 1'],
  ['double', fields.floorArea, 1.25, 1.25],
  ['date', fields.installDate, '2027-01-31', '2027-01-31'],
  ['enum', fields.wood, 52, 52],
  ['set', fields.rooms, [64, 61, 64], [64, 61]],
  ['user', fields.planner, users.bob, users.bob],
  ['org', fields.dealer, 1, 1],
  ['people', fields.architect, 1, 1],
  ['monetary', fields.assemblyFee, { value: 5, currency: 'USD' }, { value: 5, currency: 'USD' }],
  ['daterange', fields.installWindow, { value: '2027-01-01', until: '2027-01-02' }, { value: '2027-01-01', until: '2027-01-02' }],
  ['time', fields.deliveryTime, { value: '16:15' }, { value: '16:15:00', ...zone }],
  ['timerange', fields.dockHours, { value: '08:00:00', until: '09:30' }, { value: '08:00:00', until: '09:30:00', ...zone }],
  ['address', fields.site, { value: 'Sveav. 1', locality: 'Stockholm' }, { ...nothing, value: 'Sveav. 1', locality: 'Stockholm' }],
])('a value of type %s is stored in its form and cleared by null', async (_type, code, input, previous) => {
  const world = sandboxClient()
  expect((await patched({ [code]: input }, world))[code]).toEqual(previous)
  expect((await patched({ [code]: null }, world))[code]).toBeNull()
})

const refusal = (code: string, reason: string) => `Invalid value for custom field '${code}': ${reason}`
test.each([
  ['an unknown key', 'title', 'x', "Unknown key 'title'"],
  ['a text where a number belongs', fields.floorArea, '5', `Expected 'number' as value for deal custom field '${fields.floorArea}'`],
  ['a number where a text belongs', fields.purchaseOrder, 5, `Expected 'string' as value for deal custom field '${fields.purchaseOrder}'`],
  ['an object where a text belongs', fields.purchaseOrder, { value: 'x' }, 'Invalid collection'],
  ['an object where an option belongs', fields.wood, { id: 51 }, 'Invalid collection'],
  ['the label of an option', fields.wood, 'Oak', `Expected 'number' as value for deal custom field '${fields.wood}'`],
  ['an option of another field', fields.wood, 61, refusal(fields.wood, 'no such option')],
  ['a single option where a list belongs', fields.rooms, 61, `Expected 'array' as value for deal custom field '${fields.rooms}'`],
  ['ids joined by commas', fields.rooms, '61,62', `Expected 'array' as value for deal custom field '${fields.rooms}'`],
  ['an empty list', fields.rooms, [], refusal(fields.rooms, 'an empty list clears nothing, null does')],
  ['an unknown option in a list', fields.rooms, [61, 99], refusal(fields.rooms, 'no such option')],
  ['a time that is no object', fields.deliveryTime, '16:15', "Time custom field value expected 'object'"],
  ['a time that is none', fields.deliveryTime, { value: '25:00' }, refusal(fields.deliveryTime, 'value is not a time')],
  [
    'an unknown time zone',
    fields.deliveryTime,
    { value: '08:00', timezone_name: 'Mars' },
    refusal(fields.deliveryTime, 'the time zone is not known'),
  ],
  ['a time range without end', fields.dockHours, { value: '08:00' }, refusal(fields.dockHours, 'until is not a time')],
  ['an amount alone', fields.assemblyFee, 5, "Monetary custom field value expected 'object'"],
  ['an amount as text', fields.assemblyFee, { value: '5', currency: 'EUR' }, refusal(fields.assemblyFee, 'value is not a number')],
  [
    'an inactive currency',
    fields.assemblyFee,
    { value: 5, currency: 'EEK' },
    refusal(fields.assemblyFee, 'currency is not found or not active'),
  ],
  ['an address as text', fields.site, 'Here', "Address custom field value expected 'object'"],
  ['an address without its text', fields.site, { locality: 'x' }, refusal(fields.site, 'value or a part of it is not a text')],
  ['an unknown part of an address', fields.site, { value: 'x', planet: 'y' }, refusal(fields.site, "it has no 'planet'")],
  ['a date that is none', fields.installDate, '2027-02-30', refusal(fields.installDate, 'not a date')],
  ['a date range as text', fields.installWindow, '2027-01-01', "Date range custom field value expected 'object'"],
  ['an inactive user', fields.planner, users.frank, 'User not found or not accessible.'],
  ['an unknown organization', fields.dealer, 99, 'Organization not found or not accessible.'],
  ['a deleted person', fields.architect, 15, 'Person not found or not accessible.'],
  ['a text of 256 characters', fields.region, 'x'.repeat(256), refusal(fields.region, 'longer than 255 characters')],
  ['a large text of 65,536 characters', fields.briefing, 'x'.repeat(65_536), refusal(fields.briefing, 'longer than 65535 characters')],
])('%s is refused', async (_what, code, value, text) => {
  const { ask } = sandboxClient()
  for (const [method, path] of [
    ['PATCH', '/api/v2/deals/2'],
    ['POST', '/api/v2/deals'],
  ] as const) {
    const reply = await ask(method, path, { title: 'x', custom_fields: { [code]: value } })
    expect([reply.status, reply.body.error]).toEqual([400, `Validation failed: custom_fields: ${text}`])
  }
})

test('all wrong values are reported at once, and nothing is written', async () => {
  const { ask, data } = sandboxClient()
  const reply = await ask('PATCH', '/api/v2/deals/8', { custom_fields: { [fields.wood]: 51, x: 1, [fields.floorArea]: true } })
  expect(reply.body.error).toBe(
    `Validation failed: custom_fields: Unknown key 'x'; custom_fields: Expected 'number' as value for deal custom field '${fields.floorArea}'`,
  )
  expect((await data('GET', '/api/v2/deals/8'))['custom_fields']).toMatchObject({ [fields.wood]: 53 })
})

test('a custom field at the top of the body is refused', async () => {
  const reply = await sandboxClient().ask('PATCH', '/api/v2/deals/2', { [fields.region]: 'x' })
  expect(reply.body.error).toBe(`Validation failed: ${fields.region}: Parameter '${fields.region}' is not allowed for this request`)
})

test('a time zone goes by name or by number', async () => {
  const code = fields.deliveryTime
  const named = (await patched({ [code]: { value: '08:00', timezone_name: 'Asia/Tokyo' } }))[code] as { timezone_id: number }
  const { timezone_id } = named
  expect((await patched({ [code]: { value: '08:00', timezone_id } }))[code]).toEqual(named)
})

test('a monetary value without currency is refused', async () => {
  const value = { [fields.assemblyFee]: { value: 5 } }
  expect((await sandboxClient().ask('PATCH', '/api/v2/deals/2', { custom_fields: value })).status).toBe(400)
})

test('a range that ends before its start is refused', async () => {
  const value = { [fields.installWindow]: { value: '2027-02-02', until: '2027-02-01' } }
  const reply = await sandboxClient().ask('PATCH', '/api/v2/deals/2', { custom_fields: value })
  expect(reply.body.error).toContain('until lies before value')
})

test('custom_fields restricts what is shown, in a list and by id', async () => {
  const { data, ask } = sandboxClient()
  const only = { [fields.wood]: 53, [fields.region]: 'North East' }
  const query = `custom_fields=${Object.keys(only).join()}`
  expect((await data('GET', `/api/v2/deals/8?${query}`))['custom_fields']).toEqual(only)
  expect((await data<object[]>('GET', `/api/v2/deals?ids=8&${query}`))[0]).toMatchObject({ custom_fields: only })
  const many = Array.from({ length: 16 }, (_, at) => `x${at}`).join()
  expect((await ask('GET', `/api/v2/deals/8?custom_fields=${many}`)).status).toBe(400)
})

test('include_option_labels shows options as { id, label }, in a list and by id', async () => {
  const { data } = sandboxClient()
  const labelled = {
    [fields.wood]: { id: 53, label: 'Birch' },
    [fields.rooms]: [
      { id: 62, label: 'Offices' },
      { id: 64, label: 'Meeting rooms' },
    ],
    [fields.planner]: users.alice,
  }
  expect((await data('GET', '/api/v2/deals/8?include_option_labels=true'))['custom_fields']).toMatchObject(labelled)
  const [listed] = await data<{ custom_fields: object }[]>('GET', '/api/v2/deals?ids=8&include_option_labels=true&include_labels=true')
  expect(listed!.custom_fields).toMatchObject(labelled)
  expect((await data('GET', '/api/v2/deals/8'))['custom_fields']).toMatchObject({ [fields.wood]: 53 })
})

test('persons, organizations and products have custom fields of their own', async () => {
  const { data, ask } = sandboxClient()
  for (const [path, code, value] of [
    ['persons/1', fields.language, 72],
    ['organizations/1', fields.customerSince, '2019-04-01'],
    ['products/2', fields.leadTime, 3],
  ] as const) {
    const changed = await data('PATCH', `/api/v2/${path}`, { custom_fields: { [code]: value } })
    expect(changed['custom_fields'], path).toEqual({ [code]: value })
    const wrong = await ask('PATCH', `/api/v2/${path}`, { custom_fields: { [fields.wood]: 51 } })
    expect(wrong.body.error, path).toBe(`Validation failed: custom_fields: Unknown key '${fields.wood}'`)
  }
  const person = await data('GET', '/api/v2/persons/1?include_option_labels=true')
  expect(person['custom_fields']).toEqual({ [fields.language]: { id: 72, label: 'Svenska' } })
})
