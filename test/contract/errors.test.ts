import { beforeEach, describe, expect } from 'vitest'
import { findSeedRecords, type SeedRecords } from './seed-records.ts'
import { verifies } from './verifies.ts'
import { ALICE, BOB, createWorld, type WireError, type World } from './world.ts'

let world: World
let seed: SeedRecords
beforeEach(async () => {
  world = await createWorld()
  seed = await findSeedRecords(world)
  world.takeRequests()
})

const getDeal = (dealId: unknown = seed.deal) => world.call<WireError>('GetDeal', { dealId })
const post = (body: string, headers: Record<string, string> = {}) =>
  world.http<WireError>('/v1/deals', {
    method: 'POST',
    headers: { 'x-api-key': ALICE, 'content-type': 'application/json', ...headers },
    body,
  })
const answerWith = (body: string, status: number, headers: Record<string, string> = {}) =>
  world.intercept(() => new Response(body, { status, headers }))

describe('the shape of failures', () => {
  verifies('error.shape', 'is statusCode, code, message, source, requestId and details', async () => {
    const { status, body } = await world.call<WireError>('AddDeal', { title: '', value: 'much' })
    expect(Object.keys(body)).toEqual(['statusCode', 'code', 'message', 'source', 'requestId', 'details'])
    expect(body).toMatchObject({ statusCode: status, code: 'InvalidInput', source: 'connector', requestId: expect.stringMatching(/.{8}/) })
    expect(body.details.map(({ field }) => field).sort()).toEqual(['title', 'value'])
  })

  verifies('header.cost', 'and of successes: the headers tell the upstream calls and tokens', async () => {
    for (const dealId of [seed.deal, 999_999]) {
      const { headers } = await getDeal(dealId)
      expect(headers.get('x-dealbridge-upstream-calls')).toBe(String(world.takeRequests().length))
      const price = world.sandbox
        .requests()
        .slice(-Number(headers.get('x-dealbridge-upstream-calls')))
        .reduce((sum, { tokens }) => sum + tokens, 0)
      expect(headers.get('x-dealbridge-token-cost')).toBe(String(price))
    }
  })
})

describe('requests that cannot be read', () => {
  verifies('error.body-too-large', 'a body over 1 MB is a 413', async () => {
    expect((await post(JSON.stringify({ title: 'x'.repeat(1_100_000) }))).status).toBe(413)
    expect((await post(JSON.stringify({ title: 'x'.repeat(900_000) }))).status).not.toBe(413)
  })

  verifies('error.content-type', 'a wrong content type is a 415; any charset and +json pass, and so does no body', async () => {
    const body = '{"title":"New"}'
    expect((await post(body, { 'content-type': 'text/plain' })).status).toBe(415)
    expect((await post(body, { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415)
    expect((await post(body, { 'content-type': 'application/json; charset=utf-16' })).status).toBe(200)
    expect((await post(body, { 'content-type': 'application/vnd.api+json' })).status).toBe(200)
    expect((await world.call('GetDeal', { dealId: seed.deal }, { headers: { 'content-type': 'text/plain' } })).status).toBe(200)
  })

  verifies('error.body-not-json', 'a body that is not a JSON object is a 400', async () => {
    for (const body of ['{"title":', '[]', '"text"', '42', 'null', '']) {
      const reply = await post(body)
      expect([reply.status, reply.body.source]).toEqual([400, 'connector'])
    }
  })

  verifies('error.unknown-route', 'an unknown route is a 404 with the nearest one', async () => {
    const { status, body } = await world.http<WireError>('/v1/deal/5', { headers: { 'x-api-key': ALICE } })
    expect(status).toBe(404)
    expect(body.message).toContain('/v1/deals/{dealId}')
  })

  verifies('error.wrong-method', 'a known path with another method is a 405 that names the right one', async () => {
    const { status, body, headers } = await world.http<WireError>('/v1/activities', { method: 'DELETE', headers: { 'x-api-key': ALICE } })
    expect(status).toBe(405)
    expect(headers.get('allow')).toContain('POST')
    expect(body.message).toContain('POST')
  })
})

describe('what Pipedrive refuses', () => {
  verifies('error.not-found', 'a record that does not exist is a 404', async () => {
    const { status, body } = await getDeal(999_999)
    expect([status, body.source]).toEqual([404, 'pipedrive'])
    expect(body.message).toContain('999999')
  })

  verifies('error.forbidden', 'what the user may not do is a 403', async () => {
    answerWith(JSON.stringify({ success: false, error: 'You do not have permissions to do this' }), 403, {
      'content-type': 'application/json',
    })
    const { status, body } = await getDeal()
    expect([status, body.source]).toEqual([403, 'pipedrive'])
    expect(body.message).toContain('permissions')
  })

  verifies(['error.rejected', 'error.field-names'], "what is invalid is a 400 in the contract's field names", async () => {
    const { status, body } = await world.call<WireError>('AddActivity', { type: 'call', subject: 'New', user_id: 999_999 })
    expect([status, body.source]).toEqual([400, 'pipedrive'])
    expect(body.details.map(({ field }) => field)).toEqual(['user_id'])
    expect(body.message).not.toContain('owner_id')
  })

  verifies(
    'error.field-names',
    'a custom field is named as the caller named it, a participant as the person_id that it came from',
    async () => {
      const key = 'f'.repeat(40)
      const deal = await world.call<WireError>('AddDeal', { title: 'New', [key]: 'Blue' })
      expect(deal.body.details.map(({ field }) => field)).toEqual([key])
      const activity = await world.call<WireError>('AddActivity', { type: 'call', subject: 'New', person_id: 999_999 })
      expect(activity.body.details.map(({ field }) => field)).toEqual(['person_id'])
    },
  )

  verifies('error.account-blocked', 'a 402 is a 403 PipedriveAccountBlocked', async () => {
    answerWith(JSON.stringify({ success: false, error: 'Company account is not open' }), 402, { 'content-type': 'application/json' })
    const { status, body } = await getDeal()
    expect([status, body.code, body.source]).toEqual([403, 'PipedriveAccountBlocked', 'pipedrive'])
  })
})

describe('limits of Pipedrive', () => {
  const json = { 'content-type': 'application/json' }
  const refused = JSON.stringify({ success: false, error: 'request over limit' })

  verifies('error.upstream-burst', 'a burst window that stays full is a 429 that says until when', async () => {
    answerWith(refused, 429, {
      ...json,
      'x-ratelimit-limit': '20',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': '2',
      'x-daily-requests-left': '1000',
    })
    const { status, body, headers } = await getDeal()
    expect([status, body.source]).toEqual([429, 'pipedrive'])
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    expect(body.message).toMatch(/burst|2 seconds|second/i)
    expect(world.takeRequests().length).toBeGreaterThan(1)
  })

  verifies('error.upstream-budget', 'an empty daily budget is a 429 at once that says until when', async () => {
    answerWith(refused, 429, {
      ...json,
      'x-ratelimit-limit': '20',
      'x-ratelimit-remaining': '19',
      'x-ratelimit-reset': '2',
      'x-daily-ratelimit-token-remaining': '0',
      'x-daily-requests-left': '0',
    })
    const { status, body, headers } = await getDeal()
    expect([status, body.source, world.takeRequests().length]).toEqual([429, 'pipedrive', 1])
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(3_600)
    expect(body.message).toMatch(/day|daily|budget/i)
  })

  verifies('error.firewall', 'a 403 with HTML is a 503 with Retry-After, and nothing is sent meanwhile', async () => {
    answerWith('<html><title>Access denied</title></html>', 403, { 'content-type': 'text/html' })
    const { status, headers } = await getDeal()
    expect([status, world.takeRequests().length]).toEqual([503, 1])
    expect(Number(headers.get('retry-after'))).toBe(60)
    world.intercept()
    expect([(await getDeal()).status, world.takeRequests().length]).toEqual([503, 0])
    expect((await world.call('GetDeal', { dealId: seed.deal }, { key: BOB })).status).toBe(200)
    world.clock.advance(60_000)
    expect((await getDeal()).status).toBe(200)
  })
})

describe('a Pipedrive that is broken', () => {
  verifies('error.unavailable', 'is asked again, and a read that stays unanswered is a 502 or 503', async () => {
    let failures = 0
    world.intercept(() => (failures++ < 2 ? new Response('{"success":false}', { status: 500 }) : undefined))
    expect((await getDeal()).status).toBe(200)
    world.intercept(() => {
      throw new Error('connect ETIMEDOUT')
    })
    const { status, body } = await getDeal()
    expect([502, 503]).toContain(status)
    expect(body.source).toBe('pipedrive')
  })

  verifies('error.unreadable', 'and answers no JSON is an error with its status and a short excerpt', async () => {
    for (const text of ['<html><p>Maintenance</p></html>'.padEnd(5_000, '.'), '']) {
      answerWith(text, 200, { 'content-type': 'text/html' })
      const { status, body } = await getDeal()
      expect(status).toBeGreaterThanOrEqual(500)
      expect(body.message).toContain('status 200')
      expect(body.message.includes('Maintenance')).toBe(text !== '')
      expect(body.message.length).toBeLessThan(500)
    }
  })
})
