import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KyselyPlugin } from 'kysely'
import { beforeEach, expect, test } from 'vitest'
import { silentLogger } from '../../src/kit/logger.ts'
import { StoreUnavailable } from '../../src/store/errors/store-unavailable.ts'
import { openStore } from '../../src/store/open-store.ts'
import { errorCodes, metElsewhere, unmet, type ErrorCode } from './error-codes.ts'
import { findSeedRecords, type SeedRecords } from './seed-records.ts'
import { verifies } from './verifies.ts'
import { ALICE, createWorld, type Interception, type Reply, type Row, type WireError, type World } from './world.ts'

let world: World
let seed: SeedRecords
beforeEach(async () => {
  world = await createWorld({ config: { trustedProxies: ['127.0.0.1'] } })
  seed = await findSeedRecords(world)
})

type Failing = Promise<Reply<WireError>>
const getDeal = (): Failing => world.call('GetDeal', { dealId: seed.deal })
const addDeal = (input: Row = {}): Failing => world.call('AddDeal', { title: 'New', ...input })
const changeDeal = (): Failing => world.call('UpdateDealStatus', { dealId: seed.deal, status: 'won' })
const send = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}): Failing =>
  world.http(path, { ...init, headers: { 'x-api-key': ALICE, ...headers } })
const post = (body: string, type = 'application/json') => send('/v1/deals', { 'content-type': type }, { method: 'POST', body })
const ring = (id: string) => `${id}:${Buffer.alloc(32, 1).toString('base64')}`

/** Pipedrive answers everything like this. */
const answers = (status: number, error: string, headers: Record<string, string> = {}): Interception => {
  return () => Response.json({ success: false, error }, { status, headers })
}
async function when(interception: Interception, then: () => Failing): Failing {
  world.intercept(interception)
  return then()
}
const tooMany = (left: { calls: string; tokens: string }) =>
  answers(429, 'request over limit', {
    'x-ratelimit-limit': '20',
    'x-ratelimit-remaining': left.calls,
    'x-ratelimit-reset': '2',
    'x-daily-ratelimit-token-remaining': left.tokens,
  })

const provocations: Record<ErrorCode, () => Failing> = {
  InvalidInput: () => addDeal({ title: '' }),
  InvalidBody: () => post('{"title":'),
  InvalidRequest: () => send('/trigger/v1/deals', { 'x-forwarded-host': 'not a host' }),
  InvalidIdempotencyKey: () =>
    send('/v1/deals', { 'content-type': 'application/json', 'idempotency-key': 'two words' }, { method: 'POST', body: '{"title":"New"}' }),
  InvalidTriggerState: () => send('/trigger/v1/deals?triggerstate=x'),
  async TriggerStateKeyUnknown() {
    await world.restart({ keys: ring('old') })
    const location = (await send('/trigger/v1/deals')).headers.get('location')!
    await world.restart({ keys: ring('new') })
    return send(location)
  },
  Rejected: () => addDeal({ person_id: 999_999 }),
  ApiKeyMissing: () => world.http('/v1/pipelines'),
  ApiKeyMalformed: () => send('/v1/pipelines', { 'x-api-key': 'my key' }),
  ApiKeyRefused: () => send('/v1/pipelines', { 'x-api-key': 'wrong' }),
  ConnectionKeyRefused: () => send('/v1/pipelines', { 'x-api-key': 'dbk_unknown' }),
  MetricsTokenRefused: () => world.http('/metrics', { headers: { authorization: 'Bearer wrong' } }),
  async CompanyNotAllowed() {
    await world.restart({ allowCompanies: [1] })
    return getDeal()
  },
  Forbidden: () => when(answers(403, 'no permission'), getDeal),
  PipedriveAccountBlocked: () => when(answers(402, 'account is not open'), getDeal),
  NotFound: () => world.call('GetDeal', { dealId: 999_999 }),
  RouteNotFound: () => send('/v1/nothing'),
  MethodNotAllowed: () => send('/v1/activities', {}, { method: 'DELETE' }),
  async DealDeleted() {
    await world.pipedrive('DELETE', `/api/v2/deals/${seed.deal}`)
    return changeDeal()
  },
  async DealArchived() {
    await world.pipedrive('PATCH', `/api/v2/deals/${seed.deal}`, { is_archived: true })
    return changeDeal()
  },
  DealNotDeleted: () =>
    when(
      (request) => (request.method === 'DELETE' ? new Response('{}', { status: 500 }) : undefined),
      () => addDeal({ status: 'deleted' }),
    ),
  Conflict: () => when((request, pass) => (request.method === 'GET' ? undefined : answers(409, 'locked')(request, pass)), changeDeal),
  OutcomeUnknown: () => when((request) => (request.method === 'POST' ? new Response('', { status: 504 }) : undefined), addDeal),
  BodyTooLarge: () => post(JSON.stringify({ title: 'x'.repeat(1_100_000) })),
  UnsupportedBody: () => post('title=New', 'text/plain'),
  HostRefused: () => send('/v1/pipelines', { host: 'rebound.example' }),
  async RateLimitExceeded() {
    await world.restart({ callsPerMinute: 1 })
    await getDeal()
    return getDeal()
  },
  async TooManyRefusedKeys() {
    for (let n = 0; n < 20; n++) await send('/v1/pipelines', { 'x-api-key': `guess-${n}` })
    return send('/v1/pipelines', { 'x-api-key': 'guess' })
  },
  BurstExhausted: () => when(tooMany({ calls: '0', tokens: '1000' }), getDeal),
  BudgetExhausted: () => when(tooMany({ calls: '19', tokens: '0' }), getDeal),
  StoreMissing: () => world.http('/api/me'),
  NotReady() {
    world.drain()
    return world.http('/readyz')
  },
  async StoreUnavailable() {
    const store = await openStore({ place: { kind: 'memory' }, logger: silentLogger })
    const away: KyselyPlugin = {
      transformQuery({ node }) {
        if (JSON.stringify(node).includes('connection_keys')) throw new StoreUnavailable(new Error('gone'))
        return node
      },
      transformResult: ({ result }) => Promise.resolve(result),
    }
    const { http } = await createWorld({ store: { ...store, db: store.db.withPlugin(away) } })
    const reply = await http<WireError>('/v1/pipelines', { headers: { 'x-api-key': 'dbk_unknown' } })
    await store.close()
    return reply
  },
  Unreadable: () => when(() => new Response('<html>', { status: 200 }), getDeal),
  FirewallBlocked: () => when(() => new Response('<html>Denied</html>', { status: 403 }), getDeal),
  Unavailable: () => when(answers(500, 'Broken'), getDeal),
  OutOfTime: () =>
    when(
      () => {
        world.clock.advance(30_000)
        return undefined
      },
      () => addDeal({ stage_id: seed.stage }),
    ),
}

verifies.errorCodes('each code comes with its status', async (code) => {
  const { status, body } = await provocations[code]()
  expect([body.code, body.statusCode, status]).toEqual([code, errorCodes[code], errorCodes[code]])
  expect(body.message).toMatch(/\w+ \w+/)
})

test('no code of the program is missing here', () => {
  const root = join(import.meta.dirname, '../../src')
  const sources = globSync('{kit,store,pipedrive,connections,catalog,engine,delivery,adapters}/**/*.ts', { cwd: root }).filter(
    (file) => !file.endsWith('.test.ts'),
  )
  const codes = sources.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/\bcode: .*?'([A-Z][a-z]\w+)'(?: : '([A-Z]\w+)')?/g)].flatMap(([, one, other]) => [
      one!,
      other ?? one!,
    ]),
  )
  expect([...new Set(codes)].sort()).toEqual([...Object.keys(errorCodes), ...unmet, ...metElsewhere].sort())
})

test('codes that are met elsewhere are named by a test there', () => {
  const root = join(import.meta.dirname, '../..')
  const tests = globSync(
    [
      'src/**/*.test.ts',
      'test/connections/*.test.ts',
      'test/triggers/*.test.ts',
      'test/safe-writes*.test.ts',
      'test/find-or-create*.test.ts',
    ],
    {
      cwd: root,
    },
  ).map((file) => readFileSync(join(root, file), 'utf8'))
  expect(metElsewhere.filter((code) => !tests.some((text) => text.includes(`'${code}'`)))).toEqual([])
})
