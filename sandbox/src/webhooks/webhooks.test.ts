import { expect, test } from 'vitest'
import { eventually } from '../eventually.fixture.ts'
import { sandboxClient } from '../sandbox-client.fixture.ts'
import { createSandbox } from '../sandbox.ts'
import { webhookClient, receiver, type WebhookClient } from './receiver.fixture.ts'

const alice = 21470311
const bob = 21470312
const person = (client: WebhookClient, name = 'New') => client.data('POST', '/api/v2/persons', { name })
const names = ({ received }: WebhookClient) => received.map(({ data }) => data?.['name'])
const counters = ({ sandbox }: WebhookClient) => sandbox.webhooks().webhooks[0]!
const states = ({ sandbox }: WebhookClient) => sandbox.webhooks().deliveries.map(({ state }) => state)

test('a webhook gets its actions and objects; * means all', async () => {
  const client = webhookClient()
  const patterns = ['create.person', 'change.person', '*.person', 'create.*', '*.*', 'create.deal', 'delete.*']
  for (const event of patterns) await client.hook(event)
  await person(client)
  await client.settle()
  expect(client.received.map(({ meta }) => patterns[Number(meta.webhook_id) - 1])).toEqual(['create.person', '*.person', 'create.*', '*.*'])
  expect(new Set(client.received.map(({ meta }) => meta.id)).size).toBe(1)
})

test('events are those of one company', async () => {
  const client = webhookClient()
  await client.hook('*.*')
  await client.data('POST', '/api/v2/persons', { name: 'Elsewhere' }, 'sandbox-carol')
  await client.settle()
  expect(client.received).toEqual([])
})

test('a webhook gets events that its user may see, with the ids of all users who may', async () => {
  const client = webhookClient()
  await client.hook('create.deal', { user_id: bob })
  const own = await client.data('POST', '/api/v2/deals', { title: 'For all', visible_to: 3 })
  await client.data('POST', '/api/v2/deals', { title: 'For me', visible_to: 1 })
  const bobs = await client.data('POST', '/api/v2/deals', { title: 'For Bob', visible_to: 1, owner_id: bob })
  await client.settle()
  expect(client.received.map(({ data, meta }) => [data?.['id'], meta.permitted_user_ids])).toEqual([
    [own.id, ['21470311', '21470312', '21470313', '21470314', '21470315', '21470317']],
    [bobs.id, [String(alice), String(bob)]],
  ])
})

test("the event names the user, and has the correlation id of the request's answer", async () => {
  const client = webhookClient()
  await client.hook('*.*')
  const reply = await client.ask('POST', '/api/v2/persons', { name: 'New' }, 'sandbox-bob')
  await client.settle()
  const [{ meta }] = client.received as [WebhookClient['received'][0]]
  expect([meta.user_id, meta.change_source, meta.correlation_id]).toEqual([String(bob), 'api', reply.headers.get('x-correlation-id')])
})

test('what happens in Pipedrive itself, outside of any request, has the source app', async () => {
  const client = webhookClient()
  const { id } = await client.data('POST', '/api/v2/deals', { title: 'New' })
  await client.data('DELETE', `/api/v2/deals/${id}`)
  await client.hook('*.deal')
  client.sandbox.restoreDeal(id)
  await client.settle()
  expect(client.received).toMatchObject([{ meta: { action: 'change', change_source: 'app', entity_id: String(id) } }])
})

test('the delivery is a POST of JSON with Basic auth, when the webhook has a user', async () => {
  await using server = await receiver()
  const { data, sandbox } = sandboxClient()
  const hook = { event_action: '*', event_object: '*', name: 'real' }
  await data('POST', '/v1/webhooks', { ...hook, subscription_url: `${server.url}/a?b=c`, http_auth_user: 'me', http_auth_password: 's:e' })
  await data('POST', '/v1/webhooks', { ...hook, subscription_url: `${server.url}/plain` })
  await data('POST', '/api/v2/persons', { name: 'New' })
  await sandbox.clock.settle()
  expect(server.requests).toMatchObject([
    { method: 'POST', path: '/a?b=c', headers: { 'content-type': 'application/json', authorization: `Basic ${btoa('me:s:e')}` } },
    { method: 'POST', path: '/plain' },
  ])
  expect(server.requests[1]!.headers.authorization).toBeUndefined()
  expect(JSON.parse(server.requests[0]!.body)).toMatchObject({
    data: { name: 'New' },
    previous: null,
    meta: { entity: 'person', attempt: 1 },
  })
  expect(await data('GET', '/v1/webhooks')).toMatchObject([
    { last_delivery_time: '2026-11-22T10:00:00.000Z', last_http_status: 200 },
    { last_http_status: 200 },
  ])
})

test('webhookOrder: in order even to a slow receiver, or shuffled within 3 s, the same way each time', async () => {
  const first = ['1', '2', '3', '4', '5', '6']
  const arrived = async (webhookOrder: 'in order' | 'shuffled') => {
    const client = webhookClient({ webhookOrder })
    await client.hook('create.*')
    client.answer.with = async ({ body }) => {
      if (body.includes('"1"')) await new Promise((resolve) => setTimeout(resolve, 5))
      return { status: 200 }
    }
    for (const name of first) await person(client, name)
    await client.sandbox.clock.advance('3s')
    return names(client)
  }
  expect(await arrived('in order')).toEqual(first)
  const shuffled = await arrived('shuffled')
  expect(shuffled).not.toEqual(first)
  expect(new Set(shuffled)).toEqual(new Set(first))
  expect(shuffled).toHaveLength(first.length)
  expect(await arrived('shuffled')).toEqual(shuffled)
})

test('webhookCopies: each event is delivered that often, with the same meta.id or as metaId has it', async () => {
  for (const [metaId, ids] of [
    ['stable', 1],
    ['new for each attempt', 3],
  ] as const) {
    const client = webhookClient({ webhookCopies: 3, metaId })
    await client.hook('*.*')
    await person(client)
    await client.settle()
    expect(client.received).toHaveLength(3)
    expect(new Set(client.received.map(({ meta }) => meta.id)).size).toBe(ids)
  }
})

test('webhooks: none delivered loses every event without a word', async () => {
  const client = webhookClient({ webhooks: 'none delivered' })
  await client.hook('*.*')
  await person(client)
  await client.sandbox.clock.advance('1h')
  expect(client.received).toEqual([])
  expect(counters(client)).toMatchObject({ is_deleted: false, ban_count: 0, last_delivery_time: null })
  expect(states(client)).toEqual(['lost'])
})

test('strictUrls: deliveries do not reach addresses of this machine, by any name', async () => {
  await using server = await receiver()
  const { data, sandbox } = sandboxClient()
  const subscription_url = server.url.replace('127.0.0.1', 'localhost')
  await data('POST', '/v1/webhooks', { event_action: '*', event_object: '*', name: 'real', subscription_url })
  sandbox.behaviour.strictUrls = 'on'
  await data('POST', '/api/v2/persons', { name: 'New' })
  await sandbox.clock.settle()
  expect(server.requests).toEqual([])
  expect(sandbox.webhooks().deliveries).toMatchObject([{ attempts: [{ failure: 'localhost resolves to a private address' }] }])
})

test('an endpoint can read and change records while it handles a delivery', async () => {
  const client = webhookClient()
  await client.hook('create.person')
  await client.hook('change.person')
  const read: unknown[] = []
  client.answer.with = async ({ body }) => {
    const { data, meta } = JSON.parse(body) as { data: { id: number }; meta: { action: string } }
    if (meta.action === 'create') await client.data('PATCH', `/api/v2/persons/${data.id}`, { name: 'Changed' })
    read.push((await client.data('GET', `/api/v2/persons/${data.id}`))['name'])
    return { status: 200 }
  }
  await person(client)
  await client.settle()
  expect(client.received.map(({ meta }) => meta.action)).toEqual(['create', 'change'])
  expect(read).toEqual(['Changed', 'Changed'])
})

test('a merge sends two events, and none for moved records', async () => {
  const client = webhookClient()
  const from = await person(client, 'Twin')
  const to = await person(client, 'Other twin')
  await client.data('POST', '/api/v2/deals', { title: 'Theirs', person_id: from.id })
  await client.hook('*.*')
  await client.data('PUT', `/v1/persons/${from.id}/merge`, { merge_with_id: to.id })
  await client.settle()
  expect(client.received).toMatchObject([
    { data: null, meta: { action: 'delete', entity: 'person', entity_id: String(from.id), merged_to_id: String(to.id) } },
    { data: { id: to.id }, meta: { action: 'change', entity: 'person', entity_id: String(to.id), merged_from_id: String(from.id) } },
  ])
})

test('webhookOrder: while time runs, the next event waits until the one before it was answered', async () => {
  const steps: string[] = []
  const sandbox = createSandbox({
    async deliver({ body }) {
      const { data } = JSON.parse(body) as { data: { name: string } }
      steps.push(`begin ${data.name}`)
      await new Promise((resolve) => setTimeout(resolve, data.name === 'slow' ? 20 : 0))
      steps.push(`end ${data.name}`)
      return { status: 200 }
    },
  })
  const post = async (path: string, body: object) => {
    const headers = { 'x-api-token': 'sandbox-alice', 'content-type': 'application/json' }
    return await sandbox.fetch(new Request(`http://x.example${path}`, { method: 'POST', headers, body: JSON.stringify(body) }))
  }
  await post('/v1/webhooks', { event_action: '*', event_object: '*', name: 'x', subscription_url: 'http://127.0.0.1:1/' })
  await post('/api/v2/persons', { name: 'slow' })
  await post('/api/v2/persons', { name: 'quick' })
  await eventually(() => expect(steps).toHaveLength(4))
  expect(steps).toEqual(['begin slow', 'end slow', 'begin quick', 'end quick'])
})
