import { expect, test } from 'vitest'
import { eventually } from '../eventually.fixture.ts'
import { createSandbox } from '../sandbox.ts'
import { webhookClient, receiver } from './receiver.fixture.ts'

/** For each object: how it is made, changed and deleted over the API. */
const objects: Record<string, { path: string; body: object; change: ['PATCH' | 'PUT', object]; title: string }> = {
  deal: { path: '/api/v2/deals', body: { title: 'A' }, change: ['PATCH', { title: 'B' }], title: 'title' },
  activity: { path: '/api/v2/activities', body: { subject: 'A' }, change: ['PATCH', { subject: 'B' }], title: 'subject' },
  person: { path: '/api/v2/persons', body: { name: 'A' }, change: ['PATCH', { name: 'B' }], title: 'name' },
  organization: { path: '/api/v2/organizations', body: { name: 'A' }, change: ['PATCH', { name: 'B' }], title: 'name' },
  product: { path: '/api/v2/products', body: { name: 'A' }, change: ['PATCH', { name: 'B' }], title: 'name' },
  pipeline: { path: '/api/v2/pipelines', body: { name: 'A' }, change: ['PATCH', { name: 'B' }], title: 'name' },
  stage: { path: '/api/v2/stages', body: { name: 'A', pipeline_id: 1 }, change: ['PATCH', { name: 'B' }], title: 'name' },
  note: { path: '/v1/notes', body: { content: 'A', deal_id: 1 }, change: ['PUT', { content: 'B' }], title: 'content' },
  lead: { path: '/v1/leads', body: { title: 'A', person_id: 1 }, change: ['PATCH', { title: 'B' }], title: 'title' },
}

test.each(Object.entries(objects))(
  '%s: one event each for create, change and delete, and none besides',
  async (object, { path, body, change, title }) => {
    const { data, hook, received, settle, sandbox } = webhookClient()
    await hook('*.*')
    const { id } = await data('POST', path, body)
    await sandbox.clock.advance('5s')
    await data(change[0], `${path}/${id}`, change[1])
    await data('DELETE', `${path}/${id}`)
    await settle()
    const entity_id = String(id)
    expect(received).toMatchObject([
      { data: { id, [title]: 'A' }, previous: null, meta: { action: 'create', entity: object, entity_id } },
      { data: { id, [title]: 'B' }, previous: { [title]: 'A' }, meta: { action: 'change', entity: object, entity_id } },
      { data: null, previous: { id, [title]: 'B' }, meta: { action: 'delete', entity: object, entity_id } },
    ])
    expect(received).toHaveLength(3)
  },
)

test('while time runs, deliveries are sent without a call', async () => {
  await using server = await receiver()
  const sandbox = createSandbox()
  const post = (path: string, body: object) =>
    sandbox.fetch(
      new Request(`http://x.example${path}`, {
        method: 'POST',
        headers: { 'x-api-token': 'sandbox-alice', 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    )
  await post('/v1/webhooks', { event_action: '*', event_object: '*', name: 'x', subscription_url: server.url })
  await post('/api/v2/persons', { name: 'New' })
  await eventually(() => expect(sandbox.webhooks().deliveries).toMatchObject([{ state: 'delivered' }]))
  expect(server.requests).toHaveLength(1)
})
