import { expect, test } from 'vitest'
import { broken, webhookClient } from './receiver.fixture.ts'

const body = {
  subscription_url: 'http://127.0.0.1:9/hook',
  event_action: '*',
  event_object: '*',
  name: 'Everything',
}
const alice = 21470311
const bob = 21470312

test.each(['/v1', '/api/v1'])('%s/webhooks: a webhook is created with every documented field, listed and deleted', async (v1) => {
  const { ask } = webhookClient()
  const created = await ask('POST', `${v1}/webhooks`, { ...body, http_auth_user: 'me', http_auth_password: 'secret' })
  const hook = {
    id: 1,
    company_id: 13204417,
    owner_id: alice,
    user_id: alice,
    event_action: '*',
    event_object: '*',
    subscription_url: body.subscription_url,
    version: '2.0',
    is_active: 1,
    add_time: '2026-11-22T10:00:00.000Z',
    remove_time: null,
    type: 'general',
    http_auth_user: 'me',
    http_auth_password: 'secret',
    remove_reason: null,
    last_delivery_time: null,
    last_http_status: null,
    admin_id: alice,
    name: 'Everything',
  }
  expect([created.status, created.body]).toEqual([201, { status: 'ok', success: true, data: hook }])
  const listed = await ask('GET', `${v1}/webhooks`)
  expect([listed.status, listed.body]).toEqual([200, { status: 'ok', success: true, data: [hook] }])
  const deleted = await ask('DELETE', `${v1}/webhooks/1`)
  expect([deleted.status, deleted.body]).toEqual([200, { status: 'ok', success: true }])
  expect((await ask('GET', `${v1}/webhooks`)).body['data']).toEqual([])
  expect(await ask('DELETE', `${v1}/webhooks/1`)).toMatchObject({
    status: 404,
    body: { status: 'error', success: false, errors: { id: ['not found'] } },
  })
})

test.each(['7', 'abc', '1.5'])('there is no webhook %s to delete', async (id) => {
  const { ask, hook } = webhookClient()
  await hook('*.*')
  expect((await ask('DELETE', `/v1/webhooks/${id}`)).body['errors']).toEqual({ id: ['not found'] })
})

test('errors are reported field by field', async () => {
  const { ask } = webhookClient()
  const errors = async (input: unknown) => {
    const reply = await ask('POST', '/v1/webhooks', input)
    expect(reply.body).toMatchObject({ status: 'error', success: false })
    return [reply.status, reply.body['errors']]
  }
  expect(await errors({})).toEqual([
    400,
    {
      subscription_url: ['This value is required.'],
      event_action: ['This value is required.'],
      event_object: ['This value is required.'],
      name: ['This value is required.'],
    },
  ])
  expect(await errors({ ...body, event_action: 'added' })).toEqual([
    400,
    { event_action: ["The value is not one of 'create', 'change', 'delete', '*'"] },
  ])
  expect(await errors({ ...body, event_object: 'activityType' })).toMatchObject([
    400,
    { event_object: [expect.stringContaining("'stage'")] },
  ])
  expect(await errors({ ...body, name: 'x'.repeat(256) })).toEqual([400, { name: ['The value is longer than 255 characters'] }])
  expect(await errors({ ...body, name: '' })).toEqual([400, { name: ['This value should not be blank.'] }])
  expect(await errors({ ...body, name: 7 })).toEqual([400, { name: ["The value is not a valid 'string'"] }])
  expect(await errors({ ...body, user_id: 'x' })).toEqual([400, { user_id: ["The value is not a valid 'integer'"] }])
  expect(await errors({ ...body, user_id: 1 })).toEqual([400, { user_id: ['User not found or not accessible.'] }])
  for (const subscription_url of [
    '',
    'nowhere',
    'ftp://hooks.example.com',
    'https://api.pipedrive.com/v1/deals',
    'https://acme.pipedrive.com./x',
  ])
    expect(await errors({ ...body, subscription_url })).toEqual([400, { subscription_url: ['invalid or non-reachable URL'] }])
})

test('each user has at most 40 webhooks', async () => {
  const { ask, hook } = webhookClient()
  for (let count = 0; count < 40; count++) await hook('*.deal')
  expect(await ask('POST', '/v1/webhooks', body)).toMatchObject({
    status: 422,
    body: { status: 'error', success: false, errors: { user_id: ['Webhooks limit of 40 per user reached'] } },
  })
  expect((await ask('POST', '/v1/webhooks', { ...body, user_id: bob })).status).toBe(201)
  await ask('DELETE', '/v1/webhooks/7')
  expect((await ask('POST', '/v1/webhooks', body)).status).toBe(201)
})

test('only administrators may; webhooksForUsers sets the status for other users', async () => {
  const { ask, sandbox } = webhookClient()
  for (const [method, path, input] of [
    ['GET', '/v1/webhooks', undefined],
    ['POST', '/v1/webhooks', body],
    ['DELETE', '/v1/webhooks/1', undefined],
  ] as const) {
    sandbox.behaviour.webhooksForUsers = 403
    const forbidden = await ask(method, path, input, 'sandbox-bob')
    expect([forbidden.status, forbidden.body]).toEqual([403, { success: false, message: 'Forbidden' }])
    sandbox.behaviour.webhooksForUsers = 401
    expect((await ask(method, path, input, 'sandbox-bob')).body).toMatchObject({ error: 'unauthorized access', errorCode: 401 })
    expect((await ask(method, path, input, 'nobody')).status).toBe(401)
  }
})

test('version 1.0 is refused', async () => {
  const { ask } = webhookClient()
  expect((await ask('POST', '/v1/webhooks', { ...body, version: '1.0' })).body['errors']).toEqual({
    version: ["The value is not one of '2.0'"],
  })
})

test('answers show the password', async () => {
  const { hook, data } = webhookClient()
  await hook('*.*', { http_auth_user: 'me', http_auth_password: 'secret' })
  expect(await data('GET', '/v1/webhooks')).toMatchObject([{ http_auth_user: 'me', http_auth_password: 'secret' }])
})

test('the list hides removed webhooks', async () => {
  const { hook, ask, data } = webhookClient()
  const id = await hook('*.*')
  await ask('DELETE', `/v1/webhooks/${id}`)
  expect(await data('GET', '/v1/webhooks')).toEqual([])
})

const strict = { strictUrls: 'on' } as const
test.each([
  'http://hooks.example.com/in',
  'https://localhost/in',
  'https://printer/in',
  'https://build.internal/in',
  'https://127.0.0.1/in',
  'https://10.1.2.3/in',
  'https://172.20.0.1/in',
  'https://192.168.7.7/in',
  'https://169.254.169.254/latest/meta-data',
  'https://[::1]/in',
  'https://[::ffff:10.0.0.1]/in',
  'https://[fd00::1]/in',
  'https://2130706433/in',
])('strictUrls: %s is not a public https URL, and gets no request', async (subscription_url) => {
  const { ask, requests } = webhookClient(strict)
  const reply = await ask('POST', '/v1/webhooks', { ...body, subscription_url })
  expect([reply.status, reply.body['errors']]).toEqual([400, { subscription_url: ['invalid or non-reachable URL'] }])
  expect(requests).toEqual([])
})

test('strictUrls: who does not answer, or redirects, is refused', async () => {
  const { ask, answer, requests } = webhookClient(strict)
  const create = async () => (await ask('POST', '/v1/webhooks', { ...body, subscription_url: 'https://hooks.example.com/in' })).status
  answer.with = () => ({ failed: 'nobody there' })
  expect(await create()).toBe(400)
  answer.with = () => ({ status: 302 })
  expect(await create()).toBe(400)
  answer.with = () => broken
  expect(await create()).toBe(201)
  expect(requests.map(({ method, url, publicOnly }) => ({ method, url, publicOnly }))).toEqual(
    Array.from({ length: 3 }, () => ({ method: 'HEAD', url: 'https://hooks.example.com/in', publicOnly: true })),
  )
})

test('strictUrls: a user who may not create webhooks causes no request', async () => {
  const { ask, requests } = webhookClient(strict)
  const url = { ...body, subscription_url: 'https://hooks.example.com/in' }
  expect((await ask('POST', '/v1/webhooks', url, 'sandbox-bob')).status).toBe(403)
  expect((await ask('POST', '/v1/webhooks', url, 'nobody')).status).toBe(401)
  expect(requests).toEqual([])
})
