import { describe, expect, test } from 'vitest'
import { contractOperations } from '../contract/operations.ts'
import { findSeedRecords } from '../contract/seed-records.ts'
import { ALICE, BOB, CAROL, CONNECTOR, type Row, type WireError } from '../contract/world.ts'
import { useManagedConnector } from './managed-connector.ts'

const connector = useManagedConnector()
const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
const basic = (password: string) => ({ authorization: `Basic ${Buffer.from(`any:${password}`).toString('base64')}` })
const ask = <B = WireError>(path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
  connector.world.http<B>(path, { ...init, headers })

describe('a connection key', () => {
  test('is taken wherever a Pipedrive key is, and as a bearer token', async () => {
    const { key } = await connector.connect()
    const ways: Record<string, string>[] = [{ 'x-api-key': key }, { 'x-api-token': key }, basic(key), bearer(key)]
    for (const headers of ways) expect((await ask('/v1/pipelines', headers)).status).toBe(200)
  })

  test('gives way to a key in x-api-key: the order of the places stays', async () => {
    const { key } = await connector.connect()
    expect((await ask('/v1/pipelines', { 'x-api-key': ALICE, ...bearer('dbk_none') })).status).toBe(200)
    expect((await ask('/v1/pipelines', { 'x-api-key': 'dbk_none', ...bearer(key) })).body).toMatchObject({ code: 'ConnectionKeyRefused' })
  })

  test('in the wrong case, or in quotes, is refused and not sent to Pipedrive, also as the key of a connection', async () => {
    const { key } = await connector.connect()
    const { world } = connector
    world.takeRequests()
    for (const wrong of [key.toUpperCase(), `DBK_${key.slice(4)}`, `Dbk_${key.slice(4)}`, 'DBO_short', 'dBa_x', `"${key.toUpperCase()}"`]) {
      const places: Record<string, string>[] = [{ 'x-api-key': wrong }, { 'x-api-token': wrong }, basic(wrong)]
      for (const headers of places)
        expect(await ask('/v1/pipelines', headers), wrong).toMatchObject({ status: 401, body: { code: 'ApiKeyMissing' } })
      expect((await ask('/v1/pipelines', bearer(wrong))).status).toBe(401)
      const reply = await connector.manage('POST', '/api/connections', { name: 'From a key', apiKey: wrong })
      expect([reply.status, reply.body['code']], wrong).toEqual([400, 'InvalidInput'])
    }
    expect(world.takeRequests()).toEqual([])
  })

  test('that was revoked is a 401 that says so', async () => {
    const { key, keyId } = await connector.connect()
    expect((await connector.manage('DELETE', `/api/keys/${keyId}`)).status).toBe(204)
    const { status, body } = await ask('/v1/pipelines', { 'x-api-key': key })
    expect([status, body.code]).toEqual([401, 'ConnectionKeyRefused'])
    expect(body.message).toMatch(/revoked/)
  })
})

describe('the runtime URL of a connection', () => {
  test('answers every operation of the contract as the plain path does', async () => {
    const { world } = connector
    const { id, key } = await connector.connect()
    const seed = await findSeedRecords(world)
    const inputs: Record<string, unknown> = { dealId: seed.deal, stageId: seed.stage, pipeline_id: String(seed.pipeline) }
    for (const operation of contractOperations) {
      const path = operation.path.replace(/\{(\w+)\}/, (_, name: string) => String(inputs[name]))
      const send = (prefix: string, headers: Record<string, string>) => {
        // A write would not be answered twice alike: it is sent with nothing in it, and refused alike.
        const init = operation.method === 'GET' ? {} : { method: operation.method, body: '{"nonsense":1}' }
        return ask<Row>(prefix + path, { ...headers, 'content-type': 'application/json' }, init)
      }
      const [plain, behind] = [await send('', { 'x-api-key': ALICE }), await send(`/apim/pipedrive/${id}`, bearer(key))]
      expect([behind.status, { ...behind.body, requestId: 0 }], operation.id).toEqual([plain.status, { ...plain.body, requestId: 0 }])
      expect(behind.status, operation.id).toBe(operation.kind === 'trigger' ? 202 : operation.method === 'GET' ? 200 : 400)
    }
  })

  test('is in every Location that a trigger answers under it', async () => {
    const { id, key } = await connector.connect()
    const first = await ask(`/apim/pipedrive/${id}/trigger/v1/deals`, bearer(key))
    const start = `${CONNECTOR}/apim/pipedrive/${id}/trigger/v1/deals?triggerstate=`
    expect(first.headers.get('location')?.startsWith(start)).toBe(true)
    const second = await ask(first.headers.get('location')!, bearer(key))
    expect([second.status, second.headers.get('location')?.startsWith(start)]).toEqual([202, true])
  })

  test('takes only a key of this connection', async () => {
    const [one, two] = [await connector.connect(), await connector.connect()]
    const at = (id: string) => `/apim/pipedrive/${id}/v1/pipelines`
    const refusal = async (path: string, headers: Record<string, string>) => {
      const { status, body, headers: answered } = await ask(path, headers)
      expect([status, answered.get('www-authenticate')]).toEqual([401, 'Bearer realm="Dealbridge"'])
      return body.code
    }
    expect((await ask(at(one.id), bearer(one.key))).status).toBe(200)
    expect((await ask(at(one.id), { 'x-api-key': one.key })).status).toBe(200)
    expect(await refusal(at(one.id), bearer(two.key))).toBe('ConnectionKeyRefused')
    expect((await ask(at(one.id), bearer(two.key))).body.message).toMatch(/different connection .* Correct the id in the URL/)
    expect(await refusal(at('0'.repeat(32)), bearer(one.key))).toBe('ConnectionKeyRefused')
    expect(await refusal(at('%00'), bearer(one.key))).toBe('ConnectionKeyRefused')
    expect(await refusal(at(one.id), { 'x-api-key': ALICE })).toBe('ConnectionKeyRefused')
    const wayOut = async (headers: Record<string, string>) => (await ask(at(one.id), headers)).body.message
    expect(await wayOut({ 'x-api-key': ALICE })).toContain('the Pipedrive key to the same path without /apim')
    expect(await wayOut(bearer('dbk_unknown'))).toContain('Make a new connection key')
    expect(await refusal(at(one.id), {})).toBe('ApiKeyMissing')
    expect(await refusal(at(one.id), bearer('eyJ0eXAiOiJKV1QifQ.e30.x'))).toBe('ApiKeyMissing')
  })

  test('knows what is not there, as the plain path does', async () => {
    const { id } = await connector.connect()
    const prefix = `/apim/pipedrive/${id}`
    const missing = await ask(`${prefix}/v1/deal/7`)
    expect([missing.status, missing.body.code]).toEqual([404, 'RouteNotFound'])
    expect(missing.body.message).toContain('GET /apim/pipedrive/{connectionId}/v1/deals/{dealId}')
    expect((await ask(prefix)).status).toBe(404)
    expect((await ask(`/apim/pipedrives/${id}/v1/stages/7`)).body.message).toContain('/apim/pipedrive/{connectionId}/v1/stages/{stageId}')
    const wrong = await ask(`${prefix}/v1/activities`, {}, { method: 'DELETE' })
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST, OPTIONS'])
    const options = await ask(`${prefix}/v1/deals/7`, {}, { method: 'OPTIONS' })
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS'])
  })
})

describe('a poll without a key', () => {
  const begin = async (headers: Record<string, string>, path = '/trigger/v1/deals') => (await ask(path, headers)).headers.get('location')!
  const addDeal = async () => (await connector.world.pipedrive('POST', '/api/v2/deals', { title: 'New' }))['id'] as number
  const ids = (rows: unknown) => (rows as Row[]).map((row) => row['id'])
  const refusal = async (location: string, headers = {}) => {
    const { status, body } = await ask(location, headers)
    return [status, body.code]
  }

  test('is served when a connection key made its state, again and again', async () => {
    const { key } = await connector.connect()
    const location = await begin(bearer(key))
    const deal = await addDeal()
    const first = await ask<Row[]>(location)
    expect([first.status, ids(first.body)]).toEqual([200, [deal]])
    const next = await addDeal()
    connector.world.clock.advance(120_000)
    expect(ids((await ask(first.headers.get('location')!)).body)).toEqual([next])
  })

  test('is served for its own trigger only', async () => {
    const { key } = await connector.connect()
    const location = await begin(bearer(key))
    expect(await refusal(location.replace('/trigger/v1/deals', '/trigger/v1/activities'))).toEqual([400, 'InvalidTriggerState'])
    expect(await refusal(location.replace('/trigger/v1/deals', '/v1/deals'))).toEqual([401, 'ApiKeyMissing'])
  })

  test('is served under its own connection only', async () => {
    const [one, two] = [await connector.connect(), await connector.connect()]
    const location = await begin(bearer(one.key), `/apim/pipedrive/${one.id}/trigger/v1/deals`)
    expect((await ask(location)).status).toBe(202)
    expect(await refusal(location.replace(one.id, two.id))).toEqual([401, 'ConnectionKeyRefused'])
  })

  test('is a 401 when a Pipedrive key made the state, or nothing did', async () => {
    const { status, body } = await ask(await begin({ 'x-api-key': ALICE }))
    expect([status, body.code]).toEqual([401, 'ApiKeyMissing'])
    expect(body.message).toMatch(/not stored.*x-api-key/)
    expect(await refusal('/trigger/v1/deals')).toEqual([401, 'ApiKeyMissing'])
    connector.world.takeRequests()
    expect(await refusal('/trigger/v1/deals?triggerstate=x')).toEqual([400, 'InvalidTriggerState'])
    expect(connector.world.takeRequests()).toEqual([])
  })

  test('is a 401 once the connection key is revoked or its connection removed', async () => {
    const [one, two] = [await connector.connect(), await connector.connect()]
    const [first, second] = [await begin(bearer(one.key)), await begin(bearer(two.key))]
    await connector.manage('DELETE', `/api/keys/${one.keyId}`)
    await connector.manage('DELETE', `/api/connections/${two.id}`)
    expect(await refusal(first)).toEqual([401, 'ConnectionKeyRefused'])
    expect(await refusal(second)).toEqual([401, 'ConnectionKeyRefused'])
  })

  test('whose state was changed anywhere is refused', async () => {
    const { key } = await connector.connect()
    const location = await begin(bearer(key))
    const state = new URL(location).searchParams.get('triggerstate')!
    for (const at of [12, 40, 60, state.length - 1]) {
      const changed = state.slice(0, at) + (state[at] === 'A' ? 'B' : 'A') + state.slice(at + 1)
      expect(await refusal(location.replace(state, changed))).toEqual([400, 'InvalidTriggerState'])
    }
  })

  test('does not stand in for a key that is sent and refused: that decides', async () => {
    const { key } = await connector.connect()
    const location = await begin(bearer(key))
    expect(await refusal(location, bearer('dbk_none'))).toEqual([401, 'ConnectionKeyRefused'])
    expect(await refusal(location, { 'x-api-key': 'wrong' })).toEqual([401, 'ApiKeyRefused'])
  })

  test('goes on under a new key of the same connection, and from then on by that one alone', async () => {
    const { id, key, keyId } = await connector.connect()
    const location = await begin(bearer(key))
    const { body } = await connector.manage('POST', '/api/keys', { connectionId: id, name: 'replacement' })
    const deal = await addDeal()
    connector.world.takeRequests()
    const followed = await ask<Row[]>(location, bearer(body['key'] as string))
    expect(ids(followed.body)).toEqual([deal])
    expect(connector.world.takeRequests().filter(({ path }) => path.endsWith('/users/me'))).toEqual([])
    await connector.manage('DELETE', `/api/keys/${keyId}`)
    connector.world.clock.advance(120_000)
    expect((await ask(followed.headers.get('location')!)).status).toBe(202)
    expect(await refusal(location)).toEqual([401, 'ConnectionKeyRefused'])
  })

  test("goes on with a colleague's Pipedrive key in the connection, after one users/me", async () => {
    const { id, key } = await connector.connect()
    const location = await begin(bearer(key))
    expect((await connector.manage('PATCH', `/api/connections/${id}`, { apiKey: BOB })).status).toBe(200)
    const deal = await addDeal()
    await connector.world.restart()
    connector.world.takeRequests()
    expect(ids((await ask(location)).body)).toEqual([deal])
    expect(connector.world.takeRequests().filter(({ path }) => path.endsWith('/users/me'))).toHaveLength(1)
  })

  test('acts as no user after a request with a Pipedrive key', async () => {
    const { key } = await connector.connect()
    const followed = await ask(await begin(bearer(key)), { 'x-api-key': ALICE })
    connector.world.clock.advance(120_000)
    expect(await refusal(followed.headers.get('location')!)).toEqual([401, 'ApiKeyMissing'])
  })
})

describe('a state and another connection of its company', () => {
  const ids = (rows: unknown) => (rows as Row[]).map((row) => row['id'])

  test('the state continues with the key of the other connection, as that connection, and later without a key as that one alone', async () => {
    const [one, two] = [await connector.connect(), await connector.connect({ apiKey: BOB })]
    const add = (key: string) => connector.world.pipedrive('POST', '/api/v2/activities', { type: 'call', subject: 'New' }, key)
    const location = (await ask('/trigger/v1/activities', bearer(one.key))).headers.get('location')!
    const [, theirs] = [await add(ALICE), await add(BOB)]
    const taken = await ask<Row[]>(location, bearer(two.key))
    expect([taken.status, ids(taken.body)]).toEqual([200, [theirs['id']]])
    await connector.manage('DELETE', `/api/keys/${one.keyId}`)
    connector.world.clock.advance(120_000)
    const later = await add(BOB)
    expect(ids((await ask(taken.headers.get('location')!)).body)).toEqual([later['id']])
    expect((await ask(location)).body).toMatchObject({ code: 'ConnectionKeyRefused' })
  })

  test('the state of another company is refused, before its time too', async () => {
    const [one, two] = [await connector.connect(), await connector.connect({ apiKey: CAROL })]
    const first = (await ask('/trigger/v1/deals', bearer(one.key))).headers.get('location')!
    const early = (await ask(first, bearer(one.key))).headers.get('location')!
    for (const location of [first, early])
      expect((await ask(location, bearer(two.key))).body).toMatchObject({ statusCode: 400, code: 'InvalidTriggerState' })
  })
})
