import { expect, test } from 'vitest'
import { alice, bob, freshRow, now, payloadsOf, observedCompany } from './observed-company.fixture.ts'

test('stages and pipelines have the names of v1', async () => {
  const payloads = await payloadsOf((company) => {
    const pipeline = company.pipelines.insert({ ...freshRow, name: 'Key accounts', order_nr: 4, is_deal_probability_enabled: true })
    const stage = company.stages.insert({
      ...freshRow,
      name: 'First',
      order_nr: 0,
      pipeline_id: pipeline.id,
      deal_probability: 100,
      is_deal_rot_enabled: false,
      days_to_rotten: null,
    })
    company.stages.change(stage, { is_deal_rot_enabled: true, days_to_rotten: 1, update_time: '2026-11-22T10:00:01Z' })
    company.stages.change(stage, { is_deleted: true, deleted_at: 0 })
  })
  const stage = {
    active_flag: true,
    rotten_days: null,
    order_nr: 0,
    deal_probability: 100,
    rotten_flag: false,
    pipeline_id: 4,
    name: 'First',
  }
  expect(payloads[0]!.data).toEqual({
    id: expect.any(Number) as number,
    name: 'Key accounts',
    url_title: 'Key-accounts',
    order_nr: 4,
    active_flag: true,
    deal_probability: true,
    add_time: now,
    update_time: now,
  })
  expect(payloads[1]!.data).toEqual({
    ...stage,
    id: payloads[1]!.data!['id'],
    pipeline_id: payloads[0]!.data!['id'],
    add_time: now,
    update_time: now,
  })
  expect(payloads[2]!.previous).toEqual({ rotten_days: null, rotten_flag: false, update_time: now })
  expect(payloads[3]).toMatchObject({
    data: null,
    previous: { active_flag: true, rotten_flag: true },
    meta: { action: 'delete', change_source: 'app' },
  })
})

test('notes: pinned flags; the last state of a deleted one is the one after', async () => {
  const payloads = await payloadsOf((company) => {
    const note = company.notes.insert({
      ...freshRow,
      content: 'Deal note',
      user_id: bob,
      last_update_user_id: null,
      deal_id: 1,
      lead_id: null,
      person_id: null,
      org_id: null,
      project_id: null,
      task_id: null,
      pinned_to: ['deal'],
    })
    company.notes.change(note, { content: 'Longer', update_time: '2026-11-22T10:00:01Z' })
    company.notes.change(note, { is_deleted: true, update_time: '2026-11-22T10:00:02Z' })
  })
  const shown = {
    id: payloads[0]!.data!['id'],
    user_id: bob,
    deal_id: 1,
    person_id: null,
    org_id: null,
    lead_id: null,
    project_id: null,
    active_flag: true,
    content: 'Deal note',
    add_time: now,
    update_time: now,
    pinned_to_deal_flag: true,
    pinned_to_person_flag: false,
    pinned_to_organization_flag: false,
  }
  expect(payloads.map(({ data, previous }) => ({ data, previous }))).toEqual([
    { data: shown, previous: null },
    { data: { ...shown, content: 'Longer', update_time: '2026-11-22T10:00:01Z' }, previous: { content: 'Deal note', update_time: now } },
    { data: null, previous: { ...shown, content: 'Longer', active_flag: false, update_time: '2026-11-22T10:00:02Z' } },
  ])
  expect(payloads[0]!.meta).toMatchObject({ entity: 'note', user_id: String(bob) })
})

test('leads: a uuid as id, times with milliseconds', async () => {
  const id = 'b1810230-6c0d-11ed-9826-a53d0eb706a5'
  const payloads = await payloadsOf((company) =>
    company.leads.insert({
      ...freshRow,
      owner_id: alice,
      visible_to: 3,
      followers: [],
      uuid: id,
      title: 'Lead',
      creator_id: alice,
      label_ids: ['134b4de7-dcbc-46ae-b8f2-2eb328eebfe8'],
      person_id: 1,
      organization_id: null,
      source_name: 'API',
      origin: 'API',
      origin_id: null,
      channel: null,
      channel_id: null,
      source_deal_id: null,
      is_archived: false,
      was_seen: true,
      value: { amount: 300, currency: 'EUR' },
      expected_close_date: null,
      custom_fields: {},
    }),
  )
  expect(payloads).toMatchObject([{ meta: { entity: 'lead', entity_id: id } }])
  expect(payloads[0]!.data).toEqual({
    add_time: '2026-11-22T10:00:00.000Z',
    channel: null,
    channel_id: null,
    creator_id: alice,
    custom_fields: {},
    expected_close_date: null,
    id,
    is_archived: false,
    label_ids: ['134b4de7-dcbc-46ae-b8f2-2eb328eebfe8'],
    next_activity_id: null,
    organization_id: null,
    origin: 'API',
    origin_id: null,
    owner_id: alice,
    person_id: 1,
    source_name: 'API',
    title: 'Lead',
    update_time: '2026-11-22T10:00:00.000Z',
    was_seen: true,
    value: { amount: 300, currency: 'EUR' },
  })
})

test('products: selectable, the category as a text, prices with their product', async () => {
  const payloads = await payloadsOf((company) =>
    company.products.insert({
      ...freshRow,
      owner_id: alice,
      visible_to: 3,
      followers: [],
      name: 'Oranges',
      code: 'OR-0001',
      description: null,
      unit: null,
      tax: 2,
      category: 18,
      is_linkable: true,
      prices: [{ price: 234, currency: 'EUR', cost: 123, direct_cost: 111, notes: '' }],
      billing_frequency: 'one-time',
      billing_frequency_cycles: null,
      custom_fields: {},
    }),
  )
  const id = payloads[0]!.data!['id']
  expect(payloads[0]!.data).toEqual({
    add_time: now,
    category: '18',
    code: 'OR-0001',
    custom_fields: {},
    description: null,
    id,
    name: 'Oranges',
    owner_id: alice,
    selectable: true,
    tax: 2,
    unit: null,
    update_time: now,
    visible_to: '3',
    prices: [{ price: 234, currency: 'EUR', cost: 123, direct_cost: 111, notes: '', product_id: id }],
  })
})

test('custom fields are objects with their type; previous has null where there was no value', async () => {
  const values = {
    varchar: ['a text', { value: 'a text' }],
    text: ['a long text', { value: 'a long text' }],
    varchar_auto: ['known', { value: 'known' }],
    double: [12.5, { value: 12.5 }],
    monetary: [
      { value: 200, currency: 'EUR' },
      { value: 200, currency: 'EUR' },
    ],
    people: [7, { id: 7 }],
    org: [8, { id: 8 }],
    user: [alice, { id: alice }],
    phone: ['1234', { value: '1234' }],
    time: [
      { value: '00:45:00', timezone_id: 310, timezone_name: 'Europe/Tallinn' },
      { timezone_id: 310, value: '00:45:00' },
    ],
    timerange: [
      { value: '00:00:00', until: '01:15:00', timezone_id: 310, timezone_name: 'Europe/Tallinn' },
      { timezone_id: 310, from: '00:00:00', until: '01:15:00' },
    ],
    date: ['2026-06-27', { value: '2026-06-27' }],
    daterange: [
      { value: '2026-06-06', until: '2026-06-14' },
      { from: '2026-06-06', until: '2026-06-14' },
    ],
    address: [
      { value: 'Tallinn', country: 'Estonia', route: null },
      { value: 'Tallinn', country: 'Estonia', route: '' },
    ],
    enum: [17, { id: 17 }],
    set: [[13, 14], { values: [{ id: 13 }, { id: 14 }] }],
  } as const
  const payloads = await payloadsOf((company) => {
    for (const type of Object.keys(values))
      company.fields.insert({
        ...freshRow,
        entity: 'deal',
        code: type,
        name: type,
        type,
        description: '',
        is_custom: true,
        is_optional: false,
        is_writable: true,
        options: null,
        ui_visibility: {},
        important_fields: {},
        required_fields: {},
      })
    const custom_fields = Object.fromEntries(Object.entries(values).map(([type, [value]]) => [type, value]))
    company.deals.change(company.deals.get(1)!, { custom_fields, update_time: now })
  })
  const typed = Object.fromEntries(Object.entries(values).map(([type, [, form]]) => [type, { ...form, type }]))
  expect(payloads[0]!.data!['custom_fields']).toEqual(typed)
  expect((payloads[0]!.previous!['custom_fields'] as Record<string, unknown>)['varchar']).toBeNull()
})

test('users: texts for ids, seconds for times, meta.id is the user, deactivating is a change', async () => {
  const { timeline, webhooks, company, payloads } = observedCompany()
  const user = company.users.get(bob)!
  webhooks.userChanged(company, user)
  user.active_flag = false
  webhooks.userChanged(company, user, { active_flag: true })
  await timeline.settle()
  const shown = {
    id: String(bob),
    default_currency: 'USD',
    name: 'Bob Becker',
    email: 'bob@brightwater.example',
    phone: null,
    locale: 'en_US',
    lang: 'en-US',
    active_flag: true,
    last_login: '2026-11-19 10:00:00',
    timezone_name: 'America/New_York',
    icon_url: null,
    created: '2025-10-18 10:00:00',
    modified: '2026-11-19 10:00:00',
    access: null,
  }
  const about = {
    action: 'create',
    company_id: '13204417',
    correlation_id: expect.stringMatching(/^[\da-f-]{36}$/) as string,
    entity_id: String(bob),
    entity: 'user',
    id: String(bob),
    is_bulk_edit: false,
    timestamp: Date.parse(now) / 1000,
    type: 'general',
    user_id: String(bob),
    version: '2.0',
    webhook_id: '1',
    webhook_owner_id: String(alice),
    change_source: 'app',
    attempt: 1,
    host: 'brightwater.pipedrive.com',
  }
  expect(payloads).toEqual([
    { data: shown, previous: null, meta: about },
    { data: { ...shown, active_flag: false }, previous: { active_flag: true }, meta: { ...about, action: 'change' } },
  ])
})
