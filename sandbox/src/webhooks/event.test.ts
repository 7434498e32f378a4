import { expect, test } from 'vitest'
import { webhookClient } from './receiver.fixture.ts'
import { alice, now, observedCompany } from './observed-company.fixture.ts'

const everybody = ['21470311', '21470312', '21470313', '21470314', '21470315', '21470317']
const uuid = expect.stringMatching(/^[\da-f-]{36}$/) as string

const meta = {
  company_id: '13204417',
  correlation_id: uuid,
  id: uuid,
  is_bulk_edit: false,
  timestamp: '2026-11-22T10:00:00.000Z',
  type: 'general',
  user_id: String(alice),
  version: '2.0',
  webhook_id: '1',
  webhook_owner_id: String(alice),
  change_source: 'api',
  attempt: 1,
  host: 'brightwater.pipedrive.com',
}

test('create.deal: data without update_time and without what only API v2 has, previous null', async () => {
  const { data, hook, received, settle } = webhookClient()
  await hook('create.deal')
  const { id } = await data('POST', '/api/v2/deals', { title: 'New', value: 5, visible_to: 3 })
  await settle()
  expect(received).toHaveLength(1)
  const { data: shown, previous, meta: about } = received[0]!
  expect([previous, about]).toEqual([
    null,
    { ...meta, action: 'create', entity: 'deal', entity_id: String(id), permitted_user_ids: everybody },
  ])
  expect(shown).toEqual({
    add_time: now,
    archive_time: null,
    channel: null,
    channel_id: null,
    close_time: null,
    creator_user_id: alice,
    currency: 'EUR',
    custom_fields: {},
    expected_close_date: null,
    first_won_time: null,
    id,
    is_archived: false,
    label_ids: [],
    lost_reason: null,
    lost_time: null,
    org_id: null,
    origin: 'API',
    origin_id: null,
    owner_id: alice,
    person_id: null,
    pipeline_id: 1,
    probability: null,
    stage_change_time: null,
    stage_id: 1,
    status: 'open',
    title: 'New',
    update_time: null,
    value: 5,
    visible_to: '3',
    won_time: null,
  })
})

test('change.deal: previous holds only what changed, without update_time', async () => {
  const { data, hook, received, settle, sandbox } = webhookClient()
  const { id } = await data('POST', '/api/v2/deals', { title: 'New' })
  await hook('change.deal')
  await sandbox.clock.advance('5s')
  await data('PATCH', `/api/v2/deals/${id}`, { title: 'Newer' })
  await settle()
  expect(received).toMatchObject([
    { data: { title: 'Newer', update_time: '2026-11-22T10:00:05Z' }, meta: { action: 'change', timestamp: '2026-11-22T10:00:05.000Z' } },
  ])
  expect(received.map(({ previous }) => previous)).toEqual([{ title: 'New' }])
})

test('delete.deal: data is null, previous the last state', async () => {
  const { data, hook, received, settle } = webhookClient()
  const { id } = await data('POST', '/api/v2/deals', { title: 'New' })
  await hook('delete.deal')
  await data('DELETE', `/api/v2/deals/${id}`)
  await settle()
  expect(received).toMatchObject([
    { data: null, previous: { id, title: 'New', status: 'open', update_time: now }, meta: { action: 'delete' } },
  ])
})

test('activities: v1 flag names, due times null on create and objects later, no note, no participants', async () => {
  const { data, hook, received, settle } = webhookClient()
  await hook('*.activity')
  const { id } = await data('POST', '/api/v2/activities', { subject: 'Call', type: 'call', due_date: '2026-11-24', note: 'Secret' })
  await data('PATCH', `/api/v2/activities/${id}`, { subject: 'Call again', due_time: '10:30' })
  await data('DELETE', `/api/v2/activities/${id}`)
  await settle()
  const shown = {
    active_flag: true,
    add_time: now,
    busy_flag: null,
    custom_fields: {},
    deal_id: null,
    done: false,
    due_date: '2026-11-24',
    due_time: null,
    duration: null,
    id,
    lead_id: null,
    location: null,
    org_id: null,
    owner_id: alice,
    person_id: null,
    public_description: '',
    subject: 'Call',
    type: 'call',
    update_time: now,
    update_user_id: null,
  }
  const later = {
    ...shown,
    subject: 'Call again',
    due_time: { timezone_id: null, value: '10:30:00' },
    duration: { timezone_id: null, value: '' },
  }
  const removed = Object.fromEntries(Object.entries(later).filter(([field]) => field !== 'update_user_id'))
  expect(received.map(({ data: after, previous }) => ({ after, previous }))).toEqual([
    { after: shown, previous: null },
    { after: later, previous: { subject: 'Call', due_time: { timezone_id: null, value: '' } } },
    { after: null, previous: removed },
  ])
})

test('persons and organizations: one label, a text for visible_to', async () => {
  const { data, hook, received, settle } = webhookClient()
  await hook('create.*')
  const organization = await data('POST', '/api/v2/organizations', { name: 'Acme', visible_to: 1 })
  const person = await data('POST', '/api/v2/persons', {
    name: 'Ada Lovelace',
    org_id: organization.id,
    emails: [{ value: 'ada@acme.example' }],
  })
  await settle()
  expect(received.map(({ data: shown }) => shown)).toEqual([
    {
      add_time: now,
      address: null,
      country_code: null,
      custom_fields: {},
      id: organization.id,
      label: null,
      name: 'Acme',
      owner_id: alice,
      picture_id: null,
      update_time: now,
      visible_to: '1',
    },
    {
      add_time: now,
      custom_fields: {},
      emails: [{ value: 'ada@acme.example', primary: true, label: 'work' }],
      first_name: 'Ada',
      id: person.id,
      label: null,
      last_name: 'Lovelace',
      name: 'Ada Lovelace',
      org_id: organization.id,
      owner_id: alice,
      phones: [],
      update_time: now,
      visible_to: '3',
    },
  ])
})

test('a change that no payload field shows makes no event', async () => {
  const { company, timeline, payloads } = observedCompany()
  const deal = company.deals.get(1)!
  company.deals.change(deal, { followers: [...deal.followers, { user_id: alice, since: 0 }] })
  company.deals.change(deal, { title: deal.title })
  await timeline.settle()
  expect(payloads).toEqual([])
})

test('the permanent removal of a deleted record makes no event; its restoration is a change', async () => {
  const { company, timeline, payloads } = observedCompany()
  const deal = company.deals.get(1)!
  company.deals.change(deal, { is_deleted: true, update_time: '2026-11-22T10:00:01Z' })
  company.deals.change(deal, { is_deleted: false, update_time: '2026-11-22T10:00:02Z' })
  company.deals.change(deal, { is_deleted: true, update_time: '2026-11-22T10:00:03Z' })
  company.deals.remove(deal)
  await timeline.settle()
  expect(payloads.map(({ meta: { action } }) => action)).toEqual(['delete', 'change', 'delete'])
})

test('a merge is two events: a delete with merged_to_id, and a change with merged_from_id, as texts', async () => {
  const { company, timeline, payloads, origin } = observedCompany()
  const [from, to] = [company.persons.get(1)!, company.persons.get(2)!]
  const user = company.users.get(alice)!
  origin.is = { user, company, changeSource: 'api', correlationId: 'c', merge: { table: 'persons', from: 1, to: 2 } }
  company.deals.change(company.deals.get(2)!, { title: 'Moved along', update_time: '2026-11-22T10:00:01Z' })
  company.persons.change(from, { is_deleted: true, update_time: '2026-11-22T10:00:01Z' })
  company.persons.change(to, { phones: from.phones, update_time: '2026-11-22T10:00:01Z' })
  await timeline.settle()
  expect(
    payloads.map(({ data, meta: { merged_to_id, merged_from_id, action, entity_id } }) => ({
      data: data?.['id'],
      action,
      entity_id,
      merged_to_id,
      merged_from_id,
    })),
  ).toEqual([
    { data: undefined, action: 'delete', entity_id: '1', merged_to_id: '2', merged_from_id: undefined },
    { data: 2, action: 'change', entity_id: '2', merged_to_id: undefined, merged_from_id: '1' },
  ])
})
