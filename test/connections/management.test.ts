import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { Secret } from '../../src/kit/secret.ts'
import { ALICE, BOB, CAROL, CONNECTOR, createWorld, type Row, type WireError } from '../contract/world.ts'
import { ADMIN, useManagedConnector } from './managed-connector.ts'

const lines: string[] = []
const logger = pino({ level: 'debug', base: undefined }, { write: (line: string) => void lines.push(line) })
const METRICS_TOKEN = 'the-metrics-token-of-these-tests'
const connector = useManagedConnector({ logger, config: { metricsToken: new Secret(METRICS_TOKEN) } })
const { manage } = connector
let names = 0
const newName = () => `name ${++names}`
const fault = async (method: string, path: string, body?: unknown, token?: string) => {
  const reply = await manage<WireError>(method, path, body, token)
  return { status: reply.status, code: reply.body.code, fields: reply.body.details.map(({ field, message }) => `${field}: ${message}`) }
}
const data = async (path: string, token?: string) => (await manage<{ data: Row[] }>('GET', path, undefined, token)).body.data

describe('an owner', () => {
  test('is known by a bearer token, and by nothing else', async () => {
    expect((await manage('GET', '/api/me')).body).toEqual({ id: 'admin', name: 'admin', admin: true })
    for (const [path, headers] of [
      ['/api/me', {}],
      ['/api/me', { cookie: `token=${ADMIN}` }],
      [`/api/me?token=${ADMIN}&access_token=${ADMIN}`, {}],
      ['/api/me', { 'x-api-key': ADMIN }],
      ['/api/me', { authorization: `Basic ${Buffer.from(`admin:${ADMIN}`).toString('base64')}` }],
      ['/api/me', { authorization: 'Bearer wrong' }],
      ['/api/me', { authorization: `Bearer ${ADMIN} ${ADMIN}` }],
    ] as [string, Record<string, string>][]) {
      const { status, body, headers: answered } = await connector.world.http<WireError>(path, { headers })
      expect([status, body.code, answered.get('www-authenticate')]).toEqual([401, 'TokenRefused', 'Bearer realm="Dealbridge"'])
    }
  })

  test('is created by the admin, gets its own token, a new one, and ends', async () => {
    const made = await manage('POST', '/api/owners', { name: newName() })
    expect([made.status, made.headers.get('location')]).toEqual([201, null])
    const token = made.body['token'] as string
    expect((await manage('GET', '/api/me', undefined, token)).body).toMatchObject({ id: made.body['id'], admin: false })
    const renewed = await manage('POST', `/api/owners/${made.body['id']}/token`)
    expect([renewed.status, (await manage('GET', '/api/me', undefined, token)).status]).toEqual([200, 401])
    expect((await manage('GET', '/api/me', undefined, renewed.body['token'] as string)).status).toBe(200)
    expect((await data('/api/owners')).map(({ id }) => id)).toContain(made.body['id'])
    const removed = await manage('DELETE', `/api/owners/${made.body['id']}`)
    expect([removed.status, removed.text]).toEqual([204, ''])
    expect((await manage('GET', '/api/me', undefined, renewed.body['token'] as string)).status).toBe(401)
  })

  test('who is not the admin manages no owners and rotates nothing', async () => {
    const token = await connector.newOwner()
    for (const [method, path, body] of [
      ['GET', '/api/owners'],
      ['POST', '/api/owners', { name: 'me too' }],
      ['DELETE', '/api/owners/1'],
      ['POST', '/api/owners/1/token'],
      ['POST', '/api/connections/rotate'],
    ] as [string, string, Row?][])
      expect(await fault(method, path, body, token)).toMatchObject({ status: 403, code: 'AdminOnly' })
  })

  test('sees nothing of what another one has, and cannot touch it', async () => {
    const { id, keyId } = await connector.connect()
    const token = await connector.newOwner()
    expect(await data('/api/connections', token)).toEqual([])
    expect(await data('/api/keys', token)).toEqual([])
    for (const [method, path, body] of [
      ['GET', `/api/connections/${id}`],
      ['PATCH', `/api/connections/${id}`, { name: 'mine' }],
      ['DELETE', `/api/connections/${id}`],
      ['POST', `/api/connections/${id}/test`],
      ['GET', `/api/keys?connectionId=${id}`],
      ['POST', '/api/keys', { connectionId: id, name: 'mine' }],
      ['DELETE', `/api/keys/${keyId}`],
    ] as [string, string, Row?][])
      expect(await fault(method, path, body, token), path).toMatchObject({ status: 404, code: 'NotFoundHere' })
  })
})

describe('a connection', () => {
  test('is added, shown, renamed, tested and removed', async () => {
    const name = newName()
    const made = await manage('POST', '/api/connections', { name, apiKey: ` ${ALICE}\n` })
    const at = `/api/connections/${made.body['id']}`
    expect([made.status, made.headers.get('location')]).toEqual([201, CONNECTOR + at])
    expect(made.body).toMatchObject({ name, state: 'ok', reason: null, user: { name: expect.any(String) as string } })
    expect(made.body['runtimeUrl']).toBe(`${CONNECTOR}/apim/pipedrive/${made.body['id']}`)
    expect((await manage('GET', at)).body).toEqual(made.body)
    expect((await data('/api/connections')).find(({ id }) => id === made.body['id'])).toEqual(made.body)
    const renamed = await manage('PATCH', at, { name: `${name} again` })
    expect([renamed.status, renamed.body['name']]).toEqual([200, `${name} again`])
    expect((await manage('POST', `${at}/test`)).body).toMatchObject({ state: 'ok', runtimeUrl: made.body['runtimeUrl'] })
    const removed = await manage('DELETE', at)
    expect([removed.status, removed.text, (await manage('GET', at)).status]).toEqual([204, '', 404])
  })

  test('takes a new key of the same company only, and each name once', async () => {
    const name = newName()
    await manage('POST', '/api/connections', { name, apiKey: ALICE })
    expect(await fault('POST', '/api/connections', { name, apiKey: BOB })).toMatchObject({ status: 409, code: 'NameTaken' })
    const { id } = await connector.connect()
    expect(await fault('PATCH', `/api/connections/${id}`, { apiKey: CAROL })).toMatchObject({ status: 409, code: 'OtherCompany' })
    expect((await manage('PATCH', `/api/connections/${id}`, { apiKey: BOB })).status).toBe(200)
  })

  test.each([
    ['nothing', {}, ['name: is required', 'apiKey: is required']],
    ['a field that is misspelt', { name: 'x', apikey: 'k' }, ['apikey: is no field here; did you mean "apiKey"?', 'apiKey: is required']],
    ['wrong types', { name: 5, apiKey: ['k'] }, ['name: must be a text', 'apiKey: must be a text']],
    ['nulls', { name: null, apiKey: null }, ['name: must be a text', 'apiKey: must be a text']],
    ['a key with a blank', { name: 'x', apiKey: 'k k' }, [expect.stringMatching(/^apiKey: is longer than 256 characters, or holds/)]],
    ['a blank key', { name: 'x', apiKey: ' ' }, ['apiKey: is required']],
    ['a connection key', { name: 'x', apiKey: 'dbk_1' }, [expect.stringMatching(/^apiKey: is a connection key/)]],
    ['no name', { name: ' ', apiKey: ALICE }, ['name: is required']],
  ])('with %s is refused field by field', async (_, body, fields) => {
    expect(await fault('POST', '/api/connections', body)).toEqual({ status: 400, code: 'InvalidInput', fields })
  })

  test('is not changed by nothing', async () => {
    const { id } = await connector.connect()
    expect(await fault('PATCH', `/api/connections/${id}`, {})).toMatchObject({ status: 400, code: 'InvalidInput' })
  })

  test('is sealed again by a rotation, with the keys of the ring from the environment as they are', async () => {
    const { key } = await connector.connect()
    const { status, body } = await manage('POST', '/api/connections/rotate')
    expect([status, body]).toMatchObject([200, { keyId: 'test', unreadable: [] }])
    expect((await connector.world.http('/v1/pipelines', { headers: { 'x-api-key': key } })).status).toBe(200)
  })
})

describe('a connection key', () => {
  test('is shown once, listed without itself, and revoked', async () => {
    const { id } = await connector.connect()
    const made = await manage('POST', '/api/keys', { connectionId: id, name: 'Excel' })
    expect([made.status, made.headers.get('location')]).toEqual([201, null])
    expect(made.body['key']).toMatch(/^dbk_/)
    expect(made.headers.get('cache-control')).toBe('no-store')
    const listed = await data(`/api/keys?connectionId=${id}`)
    expect(listed).toHaveLength(2)
    expect(JSON.stringify(listed)).not.toContain('dbk_')
    expect((await data('/api/keys')).length).toBeGreaterThanOrEqual(2)
    expect((await manage('DELETE', `/api/keys/${made.body['id']}`)).status).toBe(204)
    expect(await data(`/api/keys?connectionId=${id}`)).toHaveLength(1)
    expect(await fault('DELETE', `/api/keys/${made.body['id']}`)).toMatchObject({ status: 404, code: 'NotFoundHere' })
  })

  test('is asked for with the fields that there are', async () => {
    expect((await fault('POST', '/api/keys', { conectionId: '1', name: 'x' })).fields).toEqual([
      'conectionId: is no field here; did you mean "connectionId"?',
      'connectionId: is required',
    ])
    expect((await fault('GET', '/api/keys?conectionId=1')).fields).toEqual(['conectionId: is no field here; did you mean "connectionId"?'])
    expect(await fault('GET', '/api/keys?connectionId=%00')).toMatchObject({ status: 400, code: 'InvalidInput' })
  })
})

test('the audit log is read newest first, page by page', async () => {
  await connector.connect()
  const all = await data('/api/audit?limit=100')
  expect(all[0]).toMatchObject({ owner: 'admin', action: 'key.add' })
  const page = await data('/api/audit?limit=1')
  expect(page).toEqual(all.slice(0, 1))
  expect(await data(`/api/audit?limit=1&before=${page[0]!['id']}`)).toEqual(all.slice(1, 2))
  expect((await fault('GET', '/api/audit?limit=0&before=x')).fields).toEqual([
    'before: must be a whole number from 1 on',
    'limit: must be a whole number from 1 on',
  ])
})

describe('a request of the management API', () => {
  test.each([
    ['that is no JSON', 'POST', '/api/connections', '{', 400, 'InvalidBody'],
    ['of an array', 'POST', '/api/connections', '[]', 400, 'InvalidBody'],
    ['with a body where none goes', 'POST', '/api/connections/rotate', '{"force":true}', 400, 'InvalidInput'],
    ['for an id that can be none', 'DELETE', '/api/keys/%00', undefined, 404, 'NotFoundHere'],
    ['for a path like another one', 'GET', '/api/conections', undefined, 404, 'RouteNotFound'],
    ['for a path below a known one', 'GET', '/api/connections/1/keys', undefined, 404, 'RouteNotFound'],
    ['with another method', 'PUT', '/api/connections/1', '{}', 405, 'MethodNotAllowed'],
  ])('%s is refused', async (_, method, path, body, status, code) => {
    expect(await fault(method, path, body)).toMatchObject({ status, code })
  })

  test('that misses a route receives the nearest, and OPTIONS the methods', async () => {
    expect((await manage<WireError>('GET', '/api/conections')).body.message).toContain('GET /api/connections')
    expect((await manage<WireError>('POST', `/api/connection/${'0'.repeat(32)}/tests`)).body.message).toContain(
      'POST /api/connections/{id}/test',
    )
    expect((await manage('PUT', '/api/me', {})).headers.get('allow')).toBe('GET, HEAD, OPTIONS')
    expect((await manage('OPTIONS', '/api/connections/1')).headers.get('allow')).toBe('GET, HEAD, PATCH, DELETE, OPTIONS')
  })

  test('leaves no body, token, key or query in the log', async () => {
    const token = await connector.newOwner()
    const { key, id } = await connector.connect({ apiKey: BOB, token })
    await manage('GET', `/api/keys?connectionId=${id}&secret=in-the-query`, undefined, token)
    await manage('PATCH', `/api/connections/${id}`, { name: 'in-the-body', apiKey: 'wrong-api-key' }, token)
    await connector.world.http(`/apim/pipedrive/${id}/v1/pipelines?secret=in-the-query`, { headers: { authorization: `Bearer ${key}` } })
    const text = lines.join('')
    expect(text).toContain('/api/connections/{id}')
    expect(text).toContain('/apim/pipedrive/{connectionId}/v1/pipelines')
    for (const secret of [ADMIN, token, key, ALICE, BOB, 'wrong-api-key', 'in-the-query', 'in-the-body']) expect(text).not.toContain(secret)
  })
})

test('without a store the management API is a 501 that names the way out, and connection keys are refused', async () => {
  const world = await createWorld()
  for (const [method, path] of [
    ['GET', '/api/me'],
    ['POST', '/api/connections'],
    ['DELETE', '/api/keys/1'],
  ] as const) {
    const { status, body } = await world.http<WireError>(path, { method, headers: { authorization: `Bearer ${ADMIN}` } })
    expect([status, body.code]).toEqual([501, 'StoreMissing'])
    expect(body.message).toMatch(/--store none.*DATABASE_URL/)
  }
  const refused = await world.http<WireError>('/v1/pipelines', { headers: { authorization: 'Bearer dbk_1' } })
  expect([refused.status, refused.body.code]).toEqual([401, 'ConnectionKeyRefused'])
  await world.close()
})

describe('how the server is', () => {
  test('says /readyz: the store answers, and it is not shutting down', async () => {
    expect(await connector.world.http('/readyz')).toMatchObject({ status: 200, body: { status: 'ready' } })
    const world = await createWorld({ store: connector.store })
    world.drain()
    expect(await world.http('/readyz')).toMatchObject({
      status: 503,
      body: { code: 'NotReady', details: [{ field: 'server', message: 'is shutting down' }] },
    })
    expect((await world.http('/healthz')).status).toBe(200)
    await world.close()
  })

  test('shows its routes in /metrics by their templates, without a secret', async () => {
    const { key, id } = await connector.connect()
    await connector.world.http(`/apim/pipedrive/${id}/v1/pipelines`, { headers: { authorization: `Bearer ${key}` } })
    const { status, text, headers } = await manage('GET', '/metrics', undefined, METRICS_TOKEN)
    expect([status, headers.get('content-type')]).toEqual([200, expect.stringMatching(/^text\/plain/) as string])
    expect(text).toMatch(/operation="ListPipelines"/)
    expect(text).toMatch(/operation="\/api\/connections"/)
    for (const secret of [key, id, ADMIN, METRICS_TOKEN, ALICE]) expect(text).not.toContain(secret)
    expect(await fault('GET', '/metrics', undefined, 'wrong')).toMatchObject({ status: 401, code: 'MetricsTokenRefused' })
    expect((await connector.world.http('/metrics')).headers.get('www-authenticate')).toBe('Bearer realm="Dealbridge"')
  })
})
