import { expect, test } from 'vitest'
import { sandboxClient } from '../sandbox-client.fixture.ts'

test('a person is created, changed, listed and deleted', async () => {
  const { data, ids } = sandboxClient()
  const created = await data('POST', '/api/v2/persons', { name: 'Ada King Lovelace', org_id: 1, emails: [{ value: 'ada@example.org' }] })
  expect(created).toMatchObject({
    id: 16,
    first_name: 'Ada',
    last_name: 'King Lovelace',
    emails: [{ value: 'ada@example.org', primary: true, label: 'work' }],
    phones: [],
    custom_fields: { fb8502f01a4c2315245a72ec0cbcd337a5c66efa: null },
  })
  expect((await data('PATCH', '/api/v2/persons/16', { phones: [{ value: '1', label: 'home', primary: true }] }))['phones']).toHaveLength(1)
  expect(await ids('/api/v2/persons?org_id=1')).toEqual([1, 16])
  await data('DELETE', '/api/v2/persons/16')
  expect(await ids('/api/v2/persons?ids=1,16,999')).toEqual([1])
})

test('persons can be filtered by deal, including participants', async () => {
  const { ids, data } = sandboxClient()
  expect(await ids('/api/v2/persons?deal_id=1')).toEqual([1])
  await data('POST', '/v1/deals/1/participants', { person_id: 4 })
  expect(await ids('/api/v2/persons?deal_id=1')).toEqual([1, 4])
  expect(await ids('/api/v2/persons?deal_id=999')).toEqual([])
})

test('an organization is created, changed, listed and deleted', async () => {
  const { data, ids } = sandboxClient()
  const created = await data('POST', '/api/v2/organizations', { name: 'Zenith', address: { value: 'Main St 1' }, employee_count: null })
  expect(created).toMatchObject({ id: 13, name: 'Zenith', address: { value: 'Main St 1' }, employee_count: null, owner_id: 21470311 })
  expect((await data('PATCH', '/api/v2/organizations/13', { website: 'https://z.example' }))['website']).toBe('https://z.example')
  await data('DELETE', '/api/v2/organizations/13')
  expect(await ids('/api/v2/organizations?ids=12,13')).toEqual([12])
})

test('counts of contacts come from their deals and activities', async () => {
  const { data } = sandboxClient()
  const shown = await data('GET', '/api/v2/persons/3?include_fields=open_deals_count,won_deals_count,closed_deals_count,activities_count')
  expect(shown).toMatchObject({ open_deals_count: 1, won_deals_count: 2, closed_deals_count: 2, activities_count: 2 })
  expect((await data('GET', '/api/v2/organizations/10?include_fields=people_count'))['people_count']).toBe(1)
})

test('add_time can be set at creation, not later', async () => {
  const { data, ask } = sandboxClient()
  const created = await data('POST', '/api/v2/organizations', { name: 'Old', add_time: '2020-01-01T00:00:00Z' })
  expect(created['add_time']).toBe('2020-01-01T00:00:00Z')
  expect((await ask('PATCH', '/api/v2/organizations/13', { add_time: '2021-01-01T00:00:00Z' })).status).toBe(400)
})

test('a person is named by the whole name or by both parts', async () => {
  const { data, ask } = sandboxClient()
  const names = async (method: string, path: string, body: object) => {
    const { name, first_name, last_name } = await data(method, path, body)
    return [name, first_name, last_name]
  }
  expect(await names('POST', '/api/v2/persons', { first_name: 'Anna Maria', last_name: 'Berg' })).toEqual([
    'Anna Maria Berg',
    'Anna Maria',
    'Berg',
  ])
  expect(await names('PATCH', '/api/v2/persons/16', { first_name: '', last_name: 'Berg' })).toEqual(['Berg', null, 'Berg'])
  expect(await names('PATCH', '/api/v2/persons/16', { name: 'Eva van Dam' })).toEqual(['Eva van Dam', 'Eva', 'van Dam'])
  expect((await ask('POST', '/api/v2/persons', {})).body.error).toBe('Validation failed: name: This value is required.')
  for (const body of [{ first_name: 'x' }, { first_name: '', last_name: '' }])
    expect((await ask('POST', '/api/v2/persons', body)).body.error).toContain('Either name or both first_name and last_name')
})

test('emails and phones are objects: only value is needed, one at most is primary, the first if none is', async () => {
  const { data, ask } = sandboxClient()
  const phones = async (input: object[]) => (await data('PATCH', '/api/v2/persons/1', { phones: input }))['phones']
  expect(await phones([{ value: '1' }, { value: '2', label: 'home' }])).toEqual([
    { value: '1', primary: true, label: 'work' },
    { value: '2', primary: false, label: 'home' },
  ])
  expect(await phones([{ value: '1' }, { value: '2', primary: true }])).toMatchObject([{ primary: false }, { primary: true }])
  const both = {
    phones: [
      { value: '1', primary: true },
      { value: '2', primary: true },
    ],
  }
  expect((await ask('PATCH', '/api/v2/persons/1', both)).body.error).toBe('Validation failed: phones: Only one value can be primary.')
  for (const emails of [['a@example.org'], 'a@example.org', [{ label: 'work' }], [{ value: 'a', type: 'x' }]])
    expect((await ask('PATCH', '/api/v2/persons/1', { emails })).status).toBe(400)
})

test('contacts carry labels of their kind', async () => {
  const { data, ask } = sandboxClient()
  for (const [path, own, foreign] of [
    ['persons/1', 21, 31],
    ['organizations/1', 31, 11],
  ] as const) {
    expect((await data('PATCH', `/api/v2/${path}`, { label_ids: [own] }))['label_ids']).toEqual([own])
    expect((await data('GET', `/api/v2/${path}?include_labels=true`))['labels']).toHaveLength(1)
    expect((await ask('PATCH', `/api/v2/${path}`, { label_ids: [foreign] })).body.error).toBe(
      'Validation failed: label_ids: Label not found.',
    )
  }
})

test('an address needs its text; a write clears omitted parts', async () => {
  const { data, ask } = sandboxClient()
  const address = async (input: object) => (await data('PATCH', '/api/v2/organizations/1', { address: input }))['address']
  expect(await address({ value: 'Sveav. 1', locality: 'Stockholm', country: 'Sweden' })).toMatchObject({
    locality: 'Stockholm',
    route: null,
  })
  expect(await address({ value: 'Sveav. 2', country: 'Sweden' })).toMatchObject({ value: 'Sveav. 2', locality: null, country: 'Sweden' })
  for (const wrong of ['Sveav. 1', { locality: 'Stockholm' }, { value: 'x', planet: 'y' }, { value: 'x', route: 1 }])
    expect((await ask('PATCH', '/api/v2/organizations/1', { address: wrong })).status).toBe(400)
})

test('contact sync gives persons five more fields, when switched on', async () => {
  const { data, ask, sandbox } = sandboxClient()
  const input = {
    postal_address: { value: 'Sveav. 1' },
    notes: 'Calls back',
    im: [{ value: 'ada' }],
    birthday: '1815-12-10',
    job_title: 'Countess',
  }
  for (const [field, value] of Object.entries(input)) {
    const reply = await ask('PATCH', '/api/v2/persons/1', { [field]: value })
    expect(reply.body.error).toBe(`Validation failed: ${field}: Parameter '${field}' is not allowed for this request`)
  }
  expect(await data('GET', '/api/v2/persons/1')).not.toHaveProperty('job_title')
  sandbox.behaviour.contactSync = 'on'
  for (const [field, value] of Object.entries(input)) await data('PATCH', '/api/v2/persons/1', { [field]: value })
  expect(await data('GET', '/api/v2/persons/1')).toMatchObject({ ...input, im: [{ value: 'ada', primary: true, label: 'work' }] })
  expect(await data('GET', '/api/v2/persons/2')).toMatchObject({ postal_address: null, im: [], birthday: null })
})

test('the marketing status of a person is written, and shown on demand', async () => {
  const { data, ask } = sandboxClient()
  const status = async () => (await data('GET', '/api/v2/persons/1?include_fields=marketing_status'))['marketing_status']
  expect(await status()).toBe('no_consent')
  await data('PATCH', '/api/v2/persons/1', { marketing_status: 'subscribed' })
  expect(await status()).toBe('subscribed')
  expect((await ask('PATCH', '/api/v2/persons/1', { marketing_status: 'maybe' })).status).toBe(400)
})
