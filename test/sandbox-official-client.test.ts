import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import * as v1 from 'pipedrive/v1'
import * as v2 from 'pipedrive/v2'
import { manualClock } from '../src/kit/clock.ts'
import { createSandbox } from '../sandbox/src/index.ts'
import { serveSandbox, type ServedSandbox } from '../sandbox/src/serve.ts'

// Pipedrive's own client knows nothing of ours: what it can read and drive is no mistake that our two sides share.
const sandbox = createSandbox({ clock: manualClock() })
let server: ServedSandbox
const configuration = (apiKey: string) => new v2.Configuration({ apiKey, basePath: `${server.url}/api/v2` })
const legacy = (path: string) => new v1.Configuration({ apiKey: 'sandbox-alice', basePath: server.url + path })
const deals = (key = 'sandbox-alice') => new v2.DealsApi(configuration(key))

beforeAll(async () => void (server = await serveSandbox({ sandbox, port: 0 })))
beforeEach(() => sandbox.reset())
afterAll(() => server.close())

/** The client's request types know single values where Pipedrive takes comma lists. */
const list = <T>(...values: string[]) => values.join() as T

test('the official client lists, gets, adds, updates and deletes deals', async () => {
  const api = deals()
  const added = await api.addDeal({ AddDealRequest: { title: 'From the client', value: 1250.5, person_id: 1, org_id: 1 } })
  const id = added.data!.id!
  expect(added.data).toMatchObject({
    title: 'From the client',
    value: 1250.5,
    stage_id: 1,
    pipeline_id: 1,
    currency: 'EUR',
    status: 'open',
  })
  const won = await api.updateDeal({ id, UpdateDealRequest: { status: 'won', stage_id: 3 } })
  expect(won.data).toMatchObject({ status: 'won', stage_id: 3, won_time: '2026-11-22T10:00:00Z' })
  const shown = await api.getDeal({ id, include_fields: list('participants_count', 'next_activity_id') })
  expect(shown.data).toMatchObject({ participants_count: 1, next_activity_id: null })
  expect(await api.deleteDeal({ id })).toEqual({ success: true, data: { id } })
  const deleted = await api.getDeals({ status: 'deleted', ids: String(id) })
  expect(deleted.data).toMatchObject([{ id, is_deleted: true, status: 'deleted' }])
})

test('the official client follows the cursor to the last page', async () => {
  const ids: number[] = []
  let cursor: string | undefined
  do {
    const page = await deals().getDeals({ limit: 10, sort_by: 'update_time', sort_direction: 'desc', ...(cursor && { cursor }) })
    ids.push(...page.data!.map((deal) => deal.id!))
    cursor = page.additional_data?.next_cursor ?? undefined
  } while (cursor)
  expect([ids.length, new Set(ids).size]).toEqual([24, 24])
  expect((await deals().getArchivedDeals({})).data!.map((deal) => deal.id)).toEqual([20, 21, 22])
})

test('the official client adds, updates, lists and deletes activities', async () => {
  const api = new v2.ActivitiesApi(configuration('sandbox-bob'))
  const { data } = await api.addActivity({
    AddActivityRequest: {
      subject: 'Call back',
      type: 'call',
      deal_id: 1,
      due_time: '09:30',
      participants: [{ person_id: 1, primary: true }],
    },
  })
  expect(data).toMatchObject({ subject: 'Call back', due_time: '09:30:00', person_id: 1, done: false })
  const id = data!.id!
  expect((await api.updateActivity({ id, AddActivityRequest: { done: true } })).data).toMatchObject({ done: true })
  expect((await api.getActivities({ deal_id: 1, sort_direction: 'desc', limit: 1 })).data).toMatchObject([{ id }])
  await api.deleteActivity({ id })
  expect((await api.getActivities({ ids: String(id) })).data).toEqual([])
})

test('the official client reads stages, pipelines and deal fields', async () => {
  const stages = await new v2.StagesApi(configuration('sandbox-alice')).getStages({ pipeline_id: 1, sort_by: 'order_nr' })
  expect(stages.data!.map((stage) => stage.order_nr)).toEqual([0, 1, 2, 3, 4])
  expect((await new v2.StagesApi(configuration('sandbox-alice')).getStage({ id: 6 })).data).toMatchObject({ pipeline_id: 2 })
  expect((await new v2.PipelinesApi(configuration('sandbox-carol')).getPipelines()).data).toHaveLength(2)
  const field = await new v2.DealFieldsApi(configuration('sandbox-alice')).getDealField({ field_code: 'visible_to' })
  expect(field.data?.options).toMatchObject([{ id: 1 }, { id: 3 }])
})

test('the official client adds, changes and finds persons and organizations', async () => {
  const organizations = new v2.OrganizationsApi(configuration('sandbox-alice'))
  const persons = new v2.PersonsApi(configuration('sandbox-alice'))
  const organization = await organizations.addOrganization({ AddOrganizationRequest: { name: 'Zenith' } })
  const org_id = organization.data!.id!
  const person = await persons.addPerson({ AddPersonRequest: { name: 'Ada Lovelace', org_id, emails: [{ value: 'ada@zenith.example' }] } })
  const id = person.data!.id!
  expect((await persons.getPersons({ org_id })).data).toMatchObject([{ id, first_name: 'Ada' }])
  expect((await persons.updatePerson({ id, UpdatePersonRequest: { name: 'Ada King' } })).data).toMatchObject({ last_name: 'King' })
  expect((await organizations.getOrganization({ id: org_id, include_fields: 'people_count' })).data).toMatchObject({ people_count: 1 })
  await persons.deletePerson({ id })
  expect((await persons.getPersons({ org_id })).data).toEqual([])
})

test.each(['/v1', '/api/v1'])('the official client reads users, activity types and currencies below %s', async (path) => {
  const users = new v1.UsersApi(legacy(path))
  const me = await users.getCurrentUser()
  expect(me.data).toMatchObject({ company_domain: 'brightwater', default_currency: 'EUR' })
  expect((await users.getUser({ id: me.data!.id! })).data).toMatchObject({ name: 'Alice Andersson' })
  expect((await users.getUsers()).data).toHaveLength(7)
  expect((await new v1.ActivityTypesApi(legacy(path)).getActivityTypes()).data).toHaveLength(8)
  expect((await new v1.CurrenciesApi(legacy(path)).getCurrencies()).data).toHaveLength(7)
})

test('the official client rejects with the bodies of errors', async () => {
  await expect(deals('nobody').getDeal({ id: 1 })).rejects.toMatchObject({ error: 'unauthorized access', errorCode: 401 })
  await expect(deals().getDeal({ id: 999 })).rejects.toEqual({ success: false, error: 'Deal not found' })
  const wrong = { title: 'x', value: '10' } as unknown as v2.AddDealRequest
  await expect(deals().addDeal({ AddDealRequest: wrong })).rejects.toMatchObject({ code: 'ERR_SCHEMA_VALIDATION_FAILED' })
})
