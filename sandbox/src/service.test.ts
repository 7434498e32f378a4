import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { sandboxClient } from './sandbox-client.fixture.ts'
import { unsupportedV2 } from './unsupported-endpoints.ts'
import { routes } from './routes.ts'
import type { RequestRecord } from './request-log.ts'

test('without a known key every path gets a 401 of the gateway', async () => {
  const { sandbox, ask } = sandboxClient()
  for (const path of ['/api/v2/deals', '/nothing/here']) {
    const reply = await ask('GET', path, undefined, 'wrong')
    expect([reply.status, reply.body]).toEqual([
      401,
      { success: false, error: 'unauthorized access', errorCode: 401, error_info: 'Please check developers.pipedrive.com' },
    ])
    expect(reply.headers.get('x-401-by-gw')).toBe('true')
    expect(reply.headers.get('x-correlation-id')).toMatch(/^[\w-]{36}$/)
  }
  expect((await sandbox.fetch(new Request('http://x.example/api/v2/deals?api_token=sandbox-alice'))).status).toBe(401)
  expect(sandbox.requests().at(-1)).toMatchObject({ path: '/api/v2/deals', user: null, company: null, tokens: 0 })
})

test('a body of more than 4 MiB is a 413, with and without an announced length', async () => {
  const { sandbox } = sandboxClient()
  const post = (path: string, body: BodyInit) =>
    sandbox.fetch(
      new Request(`http://x.example${path}`, {
        method: 'POST',
        headers: { 'x-api-token': 'sandbox-alice', 'content-type': 'application/json' },
        body,
        duplex: 'half',
      } as RequestInit),
    )
  const endless = () =>
    new ReadableStream<Uint8Array>({ pull: (stream) => stream.enqueue(new Uint8Array(65_536).fill(0x20)) }, { highWaterMark: 0 })
  for (const path of ['/api/v2/deals', '/v1/notes', '/api/v2/nothing/here']) {
    expect((await post(path, ' '.repeat(4 * 1_048_576 + 1))).status, path).toBe(413)
    expect((await post(path, endless())).status, path).toBe(413)
  }
  expect((await post('/api/v2/deals', JSON.stringify({ title: 'x', custom: ' '.repeat(3_000_000) }))).status).toBe(400)
})

test('what Pipedrive has and the sandbox has not is a 501 with its name', async () => {
  const { ask } = sandboxClient()
  for (const [method, path] of [
    ['GET', '/api/v2/tasks'],
    ['GET', '/api/v2/products/1/images'],
    ['POST', '/api/v2/boards'],
    ['GET', '/api/v2/phases/1'],
    ['GET', '/v1/deals/summary'],
    ['GET', '/v1/deals/1/files'],
  ] as const) {
    const reply = await ask(method, path)
    expect(reply.status, path).toBe(501)
    expect(reply.body.error).toContain(path.split('/')[3])
  }
})

test('a 501 of a wildcard names the requested path', async () => {
  const { ask } = sandboxClient()
  const { body } = await ask('POST', '/v1/users?x=1')
  expect(body.error).toBe('POST /v1/users is not supported by this sandbox; Pipedrive has /v1/users/*.')
})

test('unrouted paths are a 404 page', async () => {
  const { ask } = sandboxClient()
  for (const path of ['/api/v2/users/me', '/api/v2/users', '/v2/deals', '/api/v2/activityTypes']) {
    const reply = await ask('GET', path)
    expect([reply.status, reply.headers.get('content-type')], path).toEqual([404, 'text/html; charset=utf-8'])
  }
})

test('the removed v1 endpoints answer 410', async () => {
  const { ask } = sandboxClient()
  for (const path of [
    '/v1/deals',
    '/api/v1/deals/1',
    '/v1/activities',
    '/v1/stages/1',
    '/v1/pipelines',
    '/v1/persons/1',
    '/v1/organizations',
  ])
    expect((await ask('GET', path)).status, path).toBe(410)
  expect((await ask('PUT', '/v1/deals/1', { title: 'x' })).status).toBe(410)
})

test.each(['/v1', '/api/v1'])('%s serves users, activity types and currencies', async (v1) => {
  const { ask, data } = sandboxClient()
  expect(await data('GET', `${v1}/users/me`, undefined, 'sandbox-bob')).toMatchObject({
    id: 21470312,
    timezone_name: 'America/New_York',
    timezone_offset: '-05:00',
    default_currency: 'USD',
    company_id: 13204417,
    company_domain: 'brightwater',
    is_you: true,
  })
  const users = await data<{ active_flag: boolean }[]>('GET', `${v1}/users`)
  expect(users.map(({ active_flag }) => active_flag)).toEqual([true, true, true, true, true, false, true])
  expect(await data('GET', `${v1}/users/21470311`)).toMatchObject({ name: 'Alice Andersson', is_you: true, created: '2025-10-18 10:00:00' })
  const missing = await ask('GET', `${v1}/users/31880104`)
  expect([missing.status, missing.body]).toEqual([404, { success: false, error: 'User not found or not accessible.' }])
  const types = await data<{ key_string: string; active_flag: boolean; is_custom_flag: boolean }[]>('GET', `${v1}/activityTypes`)
  expect(types.find(({ key_string }) => key_string === 'site_visit')).toMatchObject({ active_flag: true, is_custom_flag: true })
  expect(types.find(({ key_string }) => key_string === 'trade_fair')).toMatchObject({ active_flag: false })
  expect(await data('GET', `${v1}/currencies?term=yen`)).toMatchObject([{ code: 'JPY', decimal_points: 0 }])
})

test('deal fields are served as a list and one by one', async () => {
  const { ask, data } = sandboxClient()
  const { body } = await ask<{ data: object[]; additional_data: { next_cursor: string } }>('GET', '/api/v2/dealFields?limit=10')
  const rest = await data<object[]>('GET', `/api/v2/dealFields?limit=500&cursor=${body.additional_data.next_cursor}`)
  expect([...body.data, ...rest]).toEqual(await data('GET', '/api/v2/dealFields'))
  expect(body.data).toHaveLength(10)
  expect(await data('GET', '/api/v2/dealFields/title?include_fields=required_fields')).toMatchObject({
    field_type: 'varchar',
    is_custom_field: false,
    required_fields: { enabled: false },
  })
  expect((await ask('GET', '/api/v2/dealFields/nothing')).status).toBe(404)
})

test('a body that is no JSON is refused', async () => {
  const { sandbox } = sandboxClient()
  const post = (body: string, type: string) =>
    sandbox.fetch(
      new Request('http://x.example/api/v2/deals', {
        method: 'POST',
        body,
        headers: { 'x-api-token': 'sandbox-alice', 'content-type': type },
      }),
    )
  expect((await post('{', 'application/json')).status).toBe(400)
  expect((await post('[]', 'application/json')).status).toBe(400)
  expect((await post('title=x', 'application/x-www-form-urlencoded')).status).toBe(415)
  expect((await post('{"title":"x"}', 'application/json; charset=utf-8')).status).toBe(200)
})

test('an id that is no number is refused', async () => {
  expect((await sandboxClient().ask('GET', '/api/v2/deals/12abc')).body.error).toBe(
    "Validation failed: id: The value is not a valid 'integer'",
  )
})

test('the log has the user, the request, the time and the price', async () => {
  const { ask, sandbox } = sandboxClient()
  await ask('GET', '/api/v2/deals?ids=1,2', undefined, 'sandbox-carol')
  await ask('DELETE', '/api/v2/deals/999')
  const record = { time: '2026-11-22T10:00:00Z' }
  expect(sandbox.requests()).toEqual([
    { ...record, id: 1, method: 'GET', path: '/api/v2/deals?ids=1,2', status: 200, tokens: 10, user: 31880104, company: 14590832 },
    { ...record, id: 2, method: 'DELETE', path: '/api/v2/deals/999', status: 404, tokens: 3, user: 21470311, company: 13204417 },
  ] satisfies RequestRecord[])
})

// Pipedrive's own files lie beside the project where the project is developed; they are not part of it.
const yaml = new URL('../../../shared/reference/openapi/', import.meta.url)
interface Specification {
  paths: Record<string, Record<string, { 'x-token-cost'?: number; parameters?: { name: string; in: string }[] }>>
}
const isThere = existsSync(yaml)
const read = (version: string): Specification =>
  isThere ? (parse(readFileSync(new URL(`pipedrive-${version}.yaml`, yaml), 'utf8')) as Specification) : { paths: {} }
const braces = (path: string) => path.replace(/:(\w+)/g, '{$1}')

describe.skipIf(!isThere)("held against Pipedrive's own OpenAPI files (skipped: not there)", () => {
  const specifications = { '/api/v2': read('v2'), '/v1': read('v1'), '/api/v1': read('v1') }

  test.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))('%s has its official price', (_name, route) => {
    const prefix = Object.keys(specifications).find((start) => route.path.startsWith(`${start}/`)) as keyof typeof specifications
    const operation = specifications[prefix].paths[braces(route.path.slice(prefix.length))]?.[route.method.toLowerCase()]
    expect(route.tokens).toBe(operation?.['x-token-cost'])
  })

  test('every operation of API v2 is served, or answers that it is not', () => {
    const known = new Set([
      ...routes.map(({ method, path }) => `${method} ${braces(path)}`),
      ...unsupportedV2.flatMap(({ methods, path }) => methods.map((method) => `${method} ${braces(path)}`)),
    ])
    const official = Object.entries(specifications['/api/v2'].paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} /api/v2${path}`),
    )
    expect(official.filter((operation) => !known.has(operation))).toEqual([])
    expect([...known].filter((operation) => operation.includes('/v2/') && !official.includes(operation))).toEqual([])
  })

  test.each(routes.filter(({ method, path }) => method === 'GET' && path.startsWith('/api/v2')).map(({ path }) => [path]))(
    'GET %s takes every query parameter that it has there',
    async (path) => {
      const { ask } = sandboxClient()
      const names = (specifications['/api/v2'].paths[braces(path.slice('/api/v2'.length))]?.['get']?.parameters ?? [])
        .filter((parameter) => parameter.in === 'query')
        .map(({ name }) => name)
      for (const name of names) {
        const { text } = await ask('GET', `${path.replace(':id', '1').replace(':field_code', 'title')}?${name}=x`)
        expect(text, name).not.toContain('is not allowed')
      }
      const { text } = await ask('GET', `${path.replace(':id', '1').replace(':field_code', 'title')}?never_heard_of=x`)
      expect(text).toContain("Parameter 'never_heard_of' is not allowed")
    },
  )
})
