import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { manualClock } from '../clock.ts'
import { createSandbox } from '../sandbox.ts'
import { loadSeedFile, readSeed } from './read-seed.ts'
import type { SeedFile } from './seed-schema.ts'

const fileOf = (name: string, text: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'dealbridge-seed-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const HARBOR = `
companies:
  - name: Harbor Lights
    id: 777
    plan: Premium
    language: en
    groups: [Everybody, { name: Sales, parent: Everybody }]
    users:
      - { name: Ann Lee, key: ann-key, admin: true, zone: Europe/Oslo }
      - { name: Ben Fox, as: ben, key: ben-key, group: Sales, id: 4711 }
    currencies: [NOK, JPY]
    activityTypes: [Call, { key: dive, name: Dive }]
    labels: { deal: [Hot, { label: Cold, color: blue }] }
    categories: [Lamps]
    fields:
      - { name: Depth, type: double }
      - { name: Kind of bulb, type: enum, options: [LED, Halogen] }
      - { name: Rooms, type: set, options: [Deck, Cabin] }
      - { name: Pilot, type: user }
      - { name: Since, type: date, of: organization }
    pipelines:
      - { name: New business, stages: [First look, { name: Offer, probability: 60 }] }
      - { name: Renewals, withProbability: true, stages: [First look, { name: Signed, as: signed }] }
    organizations:
      - { name: Nordlys AS, address: 'Kaia 1, Bergen', added: 90, custom: { Since: 2020-05-01 } }
    persons:
      - { name: Kari Vik, organization: Nordlys AS, emails: kari@nordlys.example, owner: Ben Fox }
      - { name: Kari Vik, as: other-kari }
    products:
      - { name: Lantern, category: Lamps, prices: [{ price: 120.5, currency: NOK }] }
    deals:
      - title: Pier lights
        owner: ben
        person: other-kari
        organization: Nordlys AS
        stage: New business / Offer
        value: 900
        labels: [Hot]
        custom: { Depth: 12.5, Kind of bulb: LED, Rooms: [Deck, Cabin], Pilot: Ben Fox }
        products: [{ product: Lantern, quantity: 3 }]
        added: 10
        expected: 14
      - { title: Tower, stage: signed, won: 2, added: 5 }
    leads: [{ title: Boat show, person: other-kari, labels: [Warm] }]
    leadLabels: [{ name: Warm }]
    activities: [{ subject: Look at the pier, type: Dive, deal: Pier lights, person: 1, due: 2, time: '09:30' }]
    notes: [{ content: Ask for the drawings, deal: Tower, pinned: [deal] }]
    webhooks: [{ url: 'http://127.0.0.1:9099/hook', object: deal, user: ben }]
`

const sandboxOf = async (text: string) => {
  const sandbox = createSandbox({ clock: manualClock(), seed: await loadSeedFile(fileOf('seed.yaml', text)) })
  const data = async (path: string, key = 'ann-key') => {
    const answer = await sandbox.fetch(new Request(`http://pipedrive.example${path}`, { headers: { 'x-api-token': key } }))
    return ((await answer.json()) as { data: Record<string, unknown> }).data
  }
  return { sandbox, data }
}

test('a seed file defines the initial data, with references by name', async () => {
  const { sandbox, data } = await sandboxOf(HARBOR)
  expect(sandbox.keys).toEqual([
    {
      key: 'ann-key',
      description: 'Ann Lee, administrator of Harbor Lights (Premium)',
      user: { id: 20_000_001, name: 'Ann Lee' },
      company: { id: 777, name: 'Harbor Lights' },
    },
    expect.objectContaining({ key: 'ben-key', user: { id: 4711, name: 'Ben Fox' } }),
  ])
  const fields = (await data('/api/v2/dealFields?limit=500')) as unknown as { field_name: string; field_code: string }[]
  const code = (name: string) => fields.find(({ field_name }) => field_name === name)!.field_code
  expect(code('Depth')).toMatch(/^[0-9a-f]{40}$/)
  const deal = await data('/api/v2/deals/1')
  expect(deal).toMatchObject({
    title: 'Pier lights',
    owner_id: 4711,
    person_id: 2,
    org_id: 1,
    stage_id: 2,
    pipeline_id: 1,
    currency: 'NOK',
    add_time: '2026-11-12T10:00:00Z',
    expected_close_date: '2026-12-06',
    label_ids: [1],
  })
  const custom = deal['custom_fields'] as Record<string, unknown>
  expect([custom[code('Depth')], custom[code('Pilot')]]).toEqual([12.5, 4711])
  const bulb = custom[code('Kind of bulb')] as number
  expect(custom[code('Rooms')]).toEqual([bulb + 2, bulb + 3])
  expect(await data('/api/v2/deals/2')).toMatchObject({ stage_id: 4, pipeline_id: 2, status: 'won', won_time: '2026-11-20T10:00:00Z' })
  expect(await data('/api/v2/deals/1/products')).toMatchObject([{ product_id: 1, quantity: 3, item_price: 120.5 }])
  expect(await data('/api/v2/activities/1')).toMatchObject({ type: 'dive', deal_id: 1, due_date: '2026-11-24' })
  expect(await data('/api/v2/persons/1')).toMatchObject({ org_id: 1, emails: [{ value: 'kari@nordlys.example', primary: true }] })
  expect(await data('/api/v1/leads')).toMatchObject([{ title: 'Boat show', person_id: 2 }])
  expect(await data('/api/v1/notes')).toMatchObject([{ content: 'Ask for the drawings', deal_id: 2 }])
  expect(await data('/api/v1/webhooks')).toMatchObject([{ subscription_url: 'http://127.0.0.1:9099/hook', user_id: 4711 }])
})

test('a reset returns to the seed', async () => {
  const { sandbox, data } = await sandboxOf(HARBOR)
  const before = sandbox.snapshot()
  const headers = { 'x-api-token': 'ann-key', 'content-type': 'application/json' }
  await sandbox.fetch(
    new Request('http://pipedrive.example/api/v2/deals/1', { method: 'PATCH', headers, body: '{"title":"Else","label_ids":[2]}' }),
  )
  expect(await data('/api/v2/deals/1')).toMatchObject({ title: 'Else' })
  sandbox.reset()
  expect(await data('/api/v2/deals/1')).toMatchObject({ title: 'Pier lights', label_ids: [1] })
  sandbox.reset()
  expect(sandbox.snapshot()).toEqual(before)
})

test('all problems are reported at once, with their paths in the file', async () => {
  const wrong = HARBOR.replace('person: other-kari', 'person: Kari Vik')
    .replace('labels: [Hot]\n', 'labels: [Hto]\n')
    .replace('stage: signed', 'stage: First look')
    .replace('type: Dive', 'type: 9')
    .replace('Pilot: Ben Fox', 'Pilto: Ben Fox')
    .replace('[NOK, JPY]', '[NOK, KRONER]')
    .replaceAll(/key: \w+-key, /g, '')
  await expect(loadSeedFile(fileOf('harbor.yaml', wrong))).rejects.toThrow(
    /harbor\.yaml is not a valid seed:(.|\n)*companies\[0\]\.users: no user has a key/,
  )
  const messages = await loadSeedFile(fileOf('harbor.yaml', wrong)).catch((error: Error) => error.message)
  for (const line of [
    'companies[0].currencies[1]: "KRONER" is not an ISO currency code',
    'companies[0].deals[0].person: 2 are called "Kari Vik": give one a handle with `as` and use that',
    'companies[0].deals[0].labels[0]: there is no label of a deal "Hto"; did you mean "Hot"?',
    'companies[0].deals[0].custom: there is no custom field of a deal "Pilto"; did you mean "Pilot"?',
    'companies[0].deals[1].stage: 2 are called "First look"',
    'companies[0].activities[0].type: no type of activity has the id 9',
  ])
    expect(messages).toContain(line)
})

test('schema errors are reported with their paths', () => {
  const messages = (file: unknown) => {
    try {
      readSeed(file)
    } catch (error) {
      return (error as Error).message
    }
    return ''
  }
  const users = [{ name: 'A', key: 'a' }]
  expect(messages({ companies: [{ name: 'C', users, deals: [{ titel: 'x' }] }] })).toMatch(/companies\[0\]\.deals\[0\]: .*titel/)
  expect(messages({ companies: [{ name: 'C', users, deals: [{ title: 'x', won: 'yesterday' }] }] })).toContain('companies[0].deals[0].won')
  expect(messages({ companies: [{ name: 'C', users, plan: 'Gold' }] })).toContain('companies[0].plan')
  expect(messages({ generate: { deals: 0 } })).toContain('generate.deals')
  expect(messages([])).toContain('the whole')
  expect(
    messages({
      companies: [
        { name: 'C', users },
        { name: 'D', users },
      ],
    }),
  ).toContain('companies[1].users[0].key: another user has this key')
})

test('a file that is not there or cannot be parsed is named', async () => {
  await expect(loadSeedFile('/nowhere/seed.yaml')).rejects.toThrow('/nowhere/seed.yaml is not a valid seed')
  const broken = fileOf('seed.yaml', 'companies:\n  - {name: [')
  await expect(loadSeedFile(broken)).rejects.toThrow(broken)
  await expect(loadSeedFile(fileOf('seed.json', '{'))).rejects.toThrow('seed.json is not a valid seed')
})

test('JSON is read as YAML is', async () => {
  const file: SeedFile = { companies: [{ name: 'C', users: [{ name: 'A', key: 'a' }] }] }
  expect(await loadSeedFile(fileOf('seed.json', JSON.stringify(file)))).toEqual(file)
})

test('the standard companies are seed files that can be read as any other', async () => {
  const companies = await Promise.all(
    ['brightwater', 'kranich'].map(async (name) => (await loadSeedFile(join(import.meta.dirname, `companies/${name}.json`))).companies!),
  )
  const own = createSandbox({ clock: manualClock(), seed: { companies: companies.flat() } })
  expect(own.snapshot()).toEqual(createSandbox({ clock: manualClock() }).snapshot())
})

const SETTINGS = `
companies:
  - name: Laden
    language: de
    plan: Growth
    visibility: { 1: Besitzer }
    users:
      - { name: Ann, key: ann, admin: true, followers: [Ben] }
      - { name: Ben }
    currencies: [{ code: CHF, name: Schweizer Franken }, { code: EEK, name: Kroon, symbol: kr, decimals: 2, inactive: true }]
    activityTypes: [{ key: call, name: Anruf }, Probe, { name: Messe, inactive: true }]
    fields: [{ name: Lieferung, type: time }]
    products: [{ name: Lampe, prices: [{ price: 9, currency: CHF }], linkable: false }]
    deals:
      - title: Licht
        won: 2
        wonBefore: 5
        origin: WebForms
        files: 3
        emails: 4
        custom: { Lieferung: { value: '07:30:00', timezone_name: Europe/Zurich } }
        products: [{ product: Lampe, discount: 5, comments: Rot, billing: monthly, cycles: 3, billingStart: '2027-01-01' }]
    leadLabels: [{ id: 0d6f2a10-6a60-11f1-b7c3-4e1d9a8c3f07, name: Wichtig }]
    activities: [{ subject: Probe, type: Probe, creator: Ben, attendee: guest@laden.example }]
`

test('settings of a company, and what a record went through, can be said in a seed file', async () => {
  const { sandbox, data } = await sandboxOf(SETTINGS)
  const company = Object.values(sandbox.snapshot().companies)[0]!
  expect(company.values).toMatchObject({
    plan: { name: 'Growth', visibility: { 1: 'Besitzer', 3: 'Entire company' } },
    currencies: [
      { code: 'CHF', name: 'Schweizer Franken', symbol: 'CHF', decimal_points: 2, active_flag: true },
      { code: 'EEK', name: 'Kroon', symbol: 'kr', active_flag: false },
    ],
    activityTypes: [
      { key_string: 'call', name: 'Anruf', icon_key: 'call', is_custom_flag: false },
      { key_string: 'probe', icon_key: 'signpost', is_custom_flag: true, active_flag: true },
      { key_string: 'messe', is_custom_flag: true, active_flag: false },
    ],
  })
  const row = (table: string) => company.tables[table]!.rows[0]
  expect(row('products')).toMatchObject({ is_linkable: false })
  expect(row('leadLabels')).toMatchObject({ uuid: '0d6f2a10-6a60-11f1-b7c3-4e1d9a8c3f07' })
  expect(row('activities')).toMatchObject({ creator_user_id: 20_000_002, attendees: [{ email: 'guest@laden.example' }] })
  expect(row('deals')).toMatchObject({
    first_won_time: '2026-11-17T10:00:00Z',
    won_time: '2026-11-20T10:00:00Z',
    origin: 'WebForms',
    files_count: 3,
    email_messages_count: 4,
  })
  expect(row('dealProducts')).toMatchObject({
    item_price: 9,
    discount: 5,
    comments: 'Rot',
    billing_frequency: 'monthly',
    billing_frequency_cycles: 3,
    billing_start_date: '2027-01-01',
  })
  expect(Object.values((await data('/api/v2/deals/1', 'ann'))['custom_fields'] as object)).toEqual([
    expect.objectContaining({ value: '07:30:00', timezone_name: 'Europe/Zurich', timezone_id: expect.any(Number) as number }),
  ])
  expect(await data('/api/v2/users/20000001/followers', 'ann')).toMatchObject([{ user_id: 20_000_002 }])
})

test('a level that the plan does not have and a time zone that does not exist are problems', () => {
  const wrong = SETTINGS.replace('{ 1: Besitzer }', '{ 5: Gruppe }').replace('Europe/Zurich', 'Europe/Zürich')
  return expect(loadSeedFile(fileOf('laden.yaml', wrong))).rejects.toThrow(
    /companies\[0\]\.visibility: the plan Growth has no level 5(.|\n)*custom\.Lieferung\.timezone_name: there is no time zone "Europe\/Zürich"/,
  )
})
