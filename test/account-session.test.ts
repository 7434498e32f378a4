import { expect, test } from 'vitest'
import { catalog } from '../src/catalog/index.ts'
import { createConnections, type Connections } from '../src/connections/connections.ts'
import { createAccountSessions } from '../src/engine/account-session.ts'
import { createEngine } from '../src/engine/execute.ts'
import { manualClock } from '../src/kit/clock.ts'
import { RateLimitExceeded } from '../src/kit/errors/rate-limit-exceeded.ts'
import { parseKeyRing } from '../src/kit/key-ring.ts'
import { createLogger } from '../src/kit/logger.ts'
import { noMetrics } from '../src/kit/metrics.ts'
import { Secret } from '../src/kit/secret.ts'
import { createPipedriveClient } from '../src/pipedrive/client.ts'
import { createFetchTransport } from '../src/pipedrive/fetch-transport.ts'
import { createLedger, createSpending } from '../src/pipedrive/ledger.ts'
import { createSandbox } from '../sandbox/src/index.ts'
import { ALICE, testConfig, UPSTREAM } from './contract/world.ts'

function setup(options: { allowCompanies?: number[]; callsPerMinute?: number } = {}, changes: Partial<Connections> = {}) {
  const clock = manualClock()
  const sandbox = createSandbox({ clock })
  const asked: string[] = []
  const logger = createLogger('silent')
  const logged: string[] = []
  logger.error = (...line: unknown[]) => void logged.push(String(line[1]))
  const transport = createFetchTransport(async (request) => {
    asked.push(new URL(request.url).pathname)
    return sandbox.fetch(request)
  })
  const client = createPipedriveClient({ transport, upstream: UPSTREAM, clock, logger })
  const connections = { ...createConnections({ clock, upstream: UPSTREAM, ...options }), ...changes }
  const spending = createSpending()
  const openSession = createAccountSessions({ client, connections, spending, logger })
  const open = (key = ALICE, companyId?: number) =>
    openSession({ key: new Secret(key), principal: `key ${key}`, ...(companyId !== undefined && { companyId }) }, '192.0.2.1')
  const engine = createEngine({
    client,
    connections,
    ring: parseKeyRing(testConfig.keys!),
    clock,
    logger,
    spending,
    store: undefined,
    metrics: noMetrics,
    activities: 'mine',
    hostIntents: true,
    settleSeconds: 10,
  })
  const call = (id: string, input: Record<string, unknown>) => {
    const operation = catalog.find((one) => one.id === id)
    if (!operation || operation.kind === 'trigger') throw new RangeError(`no operation ${id}`)
    return engine.execute(operation, input, { requestId: 'r', credential: { key: new Secret(ALICE) }, address: '192.0.2.1' })
  }
  return { open, call, asked, logged, spending }
}
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error as Error & { code?: string },
  )

test('two uses by one call cost the account what they cost, and the call pays for both', async () => {
  const { open, spending } = setup()
  const call = createLedger()
  const session = open()
  for (let use = 0; use < 2; use++) await session.withAccount({ purpose: 'test', chargedTo: call }, ({ pipedrive }) => pipedrive.users.me())
  expect(call.tokens).toBe(4)
  expect(spending.all()).toMatchObject([{ operation: 'test', calls: 2, upstreamCalls: 2, tokens: 4 }])
})

test('what a failed use has cost is counted too', async () => {
  const { open, spending } = setup()
  const use = open().withAccount({ purpose: 'test' }, async ({ pipedrive }) => {
    await pipedrive.users.me()
    throw new TypeError('ours')
  })
  expect((await failure(use))?.message).toBe('ours')
  expect(spending.all()).toMatchObject([{ tokens: 2 }])
})

test('a key that Pipedrive refuses is not asked about again: the next session does not open', async () => {
  const { open, asked } = setup()
  const refused = await failure(open('wrong').withAccount({ purpose: 'test' }, ({ pipedrive }) => pipedrive.users.me()))
  expect(refused?.code).toBe('ApiKeyRefused')
  const before = asked.length
  expect(() => open('wrong')).toThrow(/refused/)
  expect(asked.length).toBe(before)
})

test.each([
  ['the account knows', 4, undefined],
  ['the use knows', undefined, 4],
])('a company that %s is checked without asking Pipedrive', async (_, ofAccount, ofUse) => {
  const { open, asked } = setup({ allowCompanies: [3] })
  const use = open(ALICE, ofAccount).withAccount({ purpose: 'test', companyId: ofUse }, ({ pipedrive }) => pipedrive.users.me())
  expect((await failure(use))?.code).toBe('CompanyNotAllowed')
  expect(asked).toEqual([])
})

test('a company that nothing knows is asked for before anything else, and only where companies are limited', async () => {
  const limited = setup({ allowCompanies: [3] })
  let ran = false
  const use = limited.open().withAccount({ purpose: 'test' }, () => Promise.resolve((ran = true)))
  expect([(await failure(use))?.code, ran]).toEqual(['CompanyNotAllowed', false])
  expect(limited.asked).toEqual(['/api/v1/users/me'])
  const open = setup()
  await open.open().withAccount({ purpose: 'test' }, () => Promise.resolve())
  expect(open.asked).toEqual([])
})

test('when the state of a key cannot be recorded, the answer and the error stay what they are, and the log has a line', async () => {
  const away = () => Promise.reject(new Error('the database is away'))
  const { open, logged } = setup({}, { recordSuccess: away, recordFailure: away })
  expect(await open().withAccount({ purpose: 'test' }, ({ pipedrive }) => pipedrive.users.me())).toMatchObject({
    id: expect.any(Number) as number,
  })
  const failed = open('wrong').withAccount({ purpose: 'test' }, ({ pipedrive }) => pipedrive.users.me())
  expect((await failure(failed))?.code).toBe('ApiKeyRefused')
  expect(logged).toEqual(['recording the state of a key failed', 'recording the state of a key failed'])
})

test('a call that our own refusal ends is not counted, one that a replayed refusal ends is', async () => {
  const { open } = setup({ callsPerMinute: 1 })
  const session = open()
  const run = (replayed: boolean) =>
    failure(session.withRateLimit({ ledger: createLedger(), replayed }, () => Promise.reject(new RateLimitExceeded(77))))
  await run(false)
  expect((await run(true))?.message).toContain('77')
  expect((await run(false))?.message).not.toContain('77')
})

test('a call that is refused before it asks Pipedrive has a report with its account', async () => {
  const { call, asked } = setup({ callsPerMinute: 1 })
  const answered = await call('GetStage', { stageId: 1 })
  const { account } = answered.report
  expect(account).toMatch(/^.{12}$/)
  const invalid = await call('GetStage', {})
  const limited = await call('GetStage', { stageId: 1 })
  for (const { report } of [invalid, limited]) expect(report).toMatchObject({ account, upstreamCalls: 0, tokens: 0 })
  expect([answered, invalid, limited].map(({ result }) => (result.ok ? 'ok' : (result.error as { code: string }).code))).toEqual([
    'ok',
    'InvalidInput',
    'RateLimitExceeded',
  ])
  expect(asked).toHaveLength(answered.report.upstreamCalls)
})
