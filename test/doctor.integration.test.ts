import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp } from '../src/app.ts'
import { readConfig, serveOptions } from '../src/config/config.ts'
import { checkNode } from '../src/doctor/check-node.ts'
import { judgeMigrations } from '../src/doctor/check-store.ts'
import { judgeAnswer, judgeClock, judgeSilence } from '../src/doctor/check-upstream.ts'
import type { Finding } from '../src/doctor/finding.ts'
import { examine } from '../src/doctor/doctor.ts'
import { serveHttp, type RunningServer } from '../src/adapters/http/serve-http.ts'
import { manualClock, systemClock } from '../src/kit/clock.ts'
import { silentLogger } from '../src/kit/logger.ts'
import { version } from '../src/kit/version.ts'
import { createSandbox } from '../sandbox/src/index.ts'
import { serveSandbox, type ServedSandbox } from '../sandbox/src/serve.ts'
import { migrationNames } from '../src/store/migrations/index.ts'
import { openStore } from '../src/store/open-store.ts'
import { onPostgres } from '../src/store/engines.fixture.ts'

const root = mkdtempSync(join(tmpdir(), 'dealbridge-doctor-'))
let folders = 0
const folder = () => join(root, String(++folders))
const ringKey = Buffer.alloc(32, 5).toString('base64')
const adminToken = 'an-admin-token-of-a-test-1'

const defaults = Object.fromEntries(
  serveOptions.map(({ flags, default: value }) => [
    flags
      .split(' ')[0]!
      .slice(2)
      .replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]),
)

let sandbox: ServedSandbox
/** A connector with a store in memory. */
let server: RunningServer
let close: () => Promise<void>
/** Something else that speaks HTTP. */
const other = createServer((_, response) => response.end('hello'))
let otherUrl: string

beforeAll(async () => {
  sandbox = await serveSandbox({ sandbox: createSandbox(), port: 0 })
  const options = { ...defaults, upstream: sandbox.url, store: 'memory', data: folder(), logLevel: 'silent' }
  const app = await createApp(readConfig(options, { DEALBRIDGE_ADMIN_TOKEN: adminToken }), { logger: silentLogger })
  server = await serveHttp({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 })
  close = app.close
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  otherUrl = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
})
afterAll(async () => {
  await server.close()
  await close()
  await sandbox.close()
  other.close()
  rmSync(root, { recursive: true })
})

const port = (url: string) => new URL(url).port
/** Without a store unless a test is about one, and with a free port. */
const look = async (options: Record<string, string> = {}, env: NodeJS.ProcessEnv = {}, clock = systemClock) => {
  const findings = await examine({
    options: { ...defaults, upstream: sandbox.url, port: '0', store: 'none', data: folder(), ...options },
    env,
    clock,
  })
  return (check: string): Finding => findings.find((finding) => finding.check === check)!
}

test('before the first start all is well, and nothing was made', async () => {
  const data = folder()
  const findings = await examine({ options: { ...defaults, upstream: sandbox.url, port: '0', data }, env: {} })
  expect(findings.filter(({ state }) => state !== 'ok')).toEqual([])
  expect(findings.map(({ check }) => check)).toEqual([
    'Node',
    'configuration',
    'server',
    'data folder',
    'key ring',
    'admin token',
    'store',
    'Pipedrive',
    'clock',
    'polls',
    'public URL',
  ])
  expect(() => rmSync(data, { recursive: true })).toThrow('ENOENT')
})

test('each mistake of the configuration is a separate problem', async () => {
  const env = { PGHOST: 'db', DEALBRIDGE_ADMIN_TOKEN: 'short-token' }
  const findings = await examine({ options: { ...defaults, upstream: sandbox.url, port: 'x' }, env })
  expect(findings.filter(({ check }) => check === 'configuration').map(({ state, message }) => [state, message.split(/[ :]/)[0]])).toEqual([
    ['problem', '--port'],
    ['problem', 'PGHOST'],
    ['problem', 'DEALBRIDGE_ADMIN_TOKEN'],
  ])
  expect(JSON.stringify(findings)).not.toContain('short-token')
})

test('a running server is found, and asked about the store that it has open', async () => {
  const found = await look({ port: port(server.url), store: 'memory' })
  expect(found('server')).toMatchObject({ state: 'ok', message: `runs at ${server.url}` })
  expect(found('store')).toMatchObject({
    state: 'ok',
    message: expect.stringContaining(`the server at ${server.url} has its store open and is ready`),
  })
})

test('another program on our port is a problem', async () => {
  expect((await look({ port: port(otherUrl) }))('server')).toMatchObject({
    state: 'problem',
    message: `another program answers at ${otherUrl}`,
    todo: expect.stringContaining('--port'),
  })
})

test('a data folder that is a file is a problem, one that is open to others a warning', async () => {
  const file = folder()
  writeFileSync(file, '')
  expect((await look({ data: file }))('data folder')).toMatchObject({ state: 'problem', message: `${file} is not a folder` })
  const open = folder()
  mkdirSync(open, { mode: 0o755 })
  expect((await look({ data: open }))('data folder')).toMatchObject({ state: 'warning', todo: `Run: chmod 700 ${open}` })
})

test('the key ring is counted, and never shown', async () => {
  const data = folder()
  mkdirSync(data, { mode: 0o700 })
  writeFileSync(join(data, 'keys'), `b:${ringKey}\na:${ringKey}\n`, { mode: 0o600 })
  expect((await look({ data }))('key ring')).toEqual({
    check: 'key ring',
    state: 'ok',
    message: `${join(data, 'keys')}: 2 keys, the first signs ("b")`,
  })
  const env = await look({ data }, { DEALBRIDGE_KEYS: `main:${ringKey}` })
  expect(env('key ring')).toMatchObject({ state: 'ok', message: 'DEALBRIDGE_KEYS: one key ("main")' })
})

test('a key file that others can read, or that is broken, is a problem', async () => {
  const data = folder()
  mkdirSync(data, { mode: 0o700 })
  writeFileSync(join(data, 'keys'), `a:${ringKey}\n`)
  chmodSync(join(data, 'keys'), 0o644)
  expect((await look({ data }))('key ring')).toMatchObject({
    state: 'problem',
    message: expect.stringContaining(`chmod 600 ${join(data, 'keys')}`),
  })
  writeFileSync(join(data, 'keys'), `a:${ringKey}:${ringKey}`)
  chmodSync(join(data, 'keys'), 0o600)
  const broken = (await look({ data }))('key ring')
  expect(broken).toMatchObject({ state: 'problem', message: expect.stringContaining('key 1 of the key ring ("a") is not base64') })
  expect(JSON.stringify(broken)).not.toContain(ringKey)
})

test('a key file that is gone while its store is still there is a problem', async () => {
  const data = folder()
  mkdirSync(join(data, 'store'), { recursive: true, mode: 0o700 })
  expect((await look({ data, store: 'embedded', port: port(server.url) }))('key ring')).toMatchObject({
    state: 'problem',
    message: expect.stringContaining(`${join(data, 'keys')} is missing`),
    todo: expect.stringContaining('Restore it from a backup'),
  })
})

test('beyond this machine keys must be given, and TLS be in front', async () => {
  const found = await look({ host: '0.0.0.0' })
  expect(found('key ring')).toMatchObject({ state: 'problem', message: expect.stringContaining('Set DEALBRIDGE_KEYS') })
  expect(found('public URL')).toMatchObject({ state: 'warning', todo: expect.stringContaining('--public-url https://') })
})

test('an admin token that is empty or open to others is a problem', async () => {
  const data = folder()
  mkdirSync(data, { mode: 0o700 })
  const file = join(data, 'admin-token')
  writeFileSync(file, '\n', { mode: 0o600 })
  const options = { data, store: 'memory' }
  expect((await look(options))('admin token')).toMatchObject({ state: 'problem', message: `${file} is empty` })
  writeFileSync(file, adminToken)
  expect((await look(options))('admin token')).toMatchObject({ state: 'ok', message: `in ${file}` })
  chmodSync(file, 0o604)
  const open = (await look(options))('admin token')
  expect(open).toMatchObject({ state: 'problem', message: expect.stringContaining(`chmod 600 ${file}`) })
  expect(JSON.stringify(open)).not.toContain(adminToken)
  expect((await look(options, { DEALBRIDGE_ADMIN_TOKEN: adminToken }))('admin token').state).toBe('ok')
})

test('a PostgreSQL that is not there is a problem, told without the password', async () => {
  const store = (await look({ store: 'embedded' }, { DATABASE_URL: 'postgres://u:hunter2@127.0.0.1:1/deals' }))('store')
  expect(store).toMatchObject({ state: 'problem', message: expect.stringMatching(/^PostgreSQL, deals at 127\.0\.0\.1:1: .*ECONNREFUSED/) })
  expect(JSON.stringify(store)).not.toContain('hunter2')
})

test('a file named in DATABASE_URL that is not there is named', async () => {
  const url = 'postgres://u:hunter2@127.0.0.1:1/deals?sslmode=verify-full&sslrootcert=/nowhere/ca.pem'
  const store = (await look({ store: 'embedded' }, { DATABASE_URL: url }))('store')
  expect(store).toMatchObject({ state: 'problem', message: expect.stringContaining('the file /nowhere/ca.pem, which cannot be read') })
  expect(JSON.stringify(store)).not.toMatch(/hunter2|defect/)
})

onPostgres('the doctor', (newStore) => {
  test('finds the tables of this version in a PostgreSQL that a server has used', async () => {
    const store = await newStore()
    const url = newStore.urlOf(store)
    const lookAtStore = async () => (await look({ store: 'embedded' }, { DATABASE_URL: url }))('store')
    expect(await lookAtStore()).toMatchObject({
      state: 'ok',
      message: expect.stringContaining('reachable, with the tables of this version'),
    })
    await sql`insert into kysely_migration values ('9999-from-the-future', '2100-01-01')`.execute(store.db)
    expect(await lookAtStore()).toMatchObject({ state: 'problem', message: expect.stringContaining('9999-from-the-future') })
    await store.close()
    const wrong = new URL(url)
    wrong.password = 'hunter2'
    const refused = (await look({ store: 'embedded' }, { DATABASE_URL: wrong.href }))('store')
    expect(refused).toMatchObject({ state: 'problem', message: expect.stringContaining('password authentication failed') })
    expect(JSON.stringify(refused)).not.toContain('hunter2')
  })
})

test('an embedded store opens, unless another process has it open', async () => {
  const data = folder()
  mkdirSync(data, { mode: 0o700 })
  const options = { data, store: 'embedded' }
  const store = await openStore({ place: { kind: 'embedded', folder: join(data, 'store') }, logger: silentLogger })
  expect((await look(options))('store')).toMatchObject({ state: 'problem', message: expect.stringMatching(/in use|open/) })
  await store.close()
  expect((await look(options))('store')).toMatchObject({ state: 'ok', message: expect.stringContaining('with the tables of this version') })
})

test('an embedded store that cannot be opened is a problem', async () => {
  const data = folder()
  mkdirSync(data, { mode: 0o700 })
  writeFileSync(join(data, 'store'), 'no folder')
  expect((await look({ data, store: 'embedded' }))('store')).toMatchObject({
    state: 'problem',
    message: expect.stringContaining(join(data, 'store')),
  })
})

test('a store in memory is a warning, none is as asked for', async () => {
  expect((await look({ store: 'memory' }))('store').state).toBe('warning')
  expect((await look())('store')).toMatchObject({ state: 'ok', message: '--store none: pass-through keys only, limits per process' })
})

test.each([
  [[], 'ok', 'the next start migrates its tables'],
  [migrationNames, 'ok', 'with the tables of this version'],
  [[...migrationNames, '9999-from-the-future'], 'problem', 'from a newer Dealbridge (9999-from-the-future)'],
])('the tables of a database are judged by its migrations (%#)', (done, state, message) => {
  expect(judgeMigrations(done, migrationNames, 'PostgreSQL')).toMatchObject({ state, message: expect.stringContaining(message) })
})

test('an upstream that is silent, speaks no TLS or is not Pipedrive is a problem', async () => {
  expect((await look())('Pipedrive')).toMatchObject({ state: 'ok', message: `${sandbox.url} answers like Pipedrive` })
  const silent = await look({ upstream: 'http://127.0.0.1:1' })
  expect(silent('Pipedrive')).toMatchObject({ state: 'problem', message: expect.stringContaining('ECONNREFUSED') })
  expect(silent('clock').state).toBe('warning')
  const noTls = (await look({ upstream: sandbox.url.replace('http:', 'https:') }))('Pipedrive')
  expect(noTls).toMatchObject({ state: 'problem', todo: expect.stringContaining('NODE_EXTRA_CA_CERTS') })
  expect((await look({ upstream: otherUrl }))('Pipedrive')).toMatchObject({
    state: 'problem',
    message: `${otherUrl} answers 200 to a call without a key, where Pipedrive answers 401`,
  })
})

const refused = { headers: {}, body: '{"success":false,"error":"unauthorized access"}' }
test.each([
  ['https://api.pipedrive.com', { ...refused, status: 401 }, 'ok', 'answers like Pipedrive'],
  ['http://pipedrive.test', { ...refused, status: 401 }, 'warning', 'unencrypted'],
  ['https://api.pipedrive.com', { status: 403, headers: { 'content-type': 'text/html' }, body: '<html>' }, 'problem', 'firewall'],
  ['https://api.pipedrive.com', { status: 503, headers: {}, body: '' }, 'warning', 'answers 503'],
])('the answer of an upstream is judged by its 401 (%#)', (base, answer, state, message) => {
  expect(judgeAnswer(base, answer)).toMatchObject({ state, message: expect.stringContaining(message) })
})

test.each([
  ['ENOTFOUND', 'DNS'],
  ['CERT_HAS_EXPIRED', 'NODE_EXTRA_CA_CERTS'],
  ['ECONNREFUSED', 'firewall'],
])('what to do about %s is said', (code, todo) => {
  const error = new Error('no way', { cause: Object.assign(new Error(code), { code }) })
  expect(judgeSilence('https://api.pipedrive.com', error)).toMatchObject({ state: 'problem', todo: expect.stringContaining(todo) })
})

test('our clock may differ by 30 seconds from that of Pipedrive', async () => {
  const now = Date.parse('2026-11-22T10:00:00Z')
  const date = (seconds: number) => new Date(now + seconds * 1000).toUTCString()
  expect(judgeClock(date(0), now + 500)).toMatchObject({ state: 'ok', message: 'matches the clock of Pipedrive' })
  expect(judgeClock(date(30), now + 500)).toMatchObject({ state: 'ok', message: '30 s behind the clock of Pipedrive' })
  expect(judgeClock(date(31), now + 500)).toMatchObject({ state: 'warning', message: '31 s behind the clock of Pipedrive' })
  expect(judgeClock(date(-31), now + 500)).toMatchObject({ state: 'warning', message: '31 s ahead of the clock of Pipedrive' })
  expect(judgeClock(undefined, now).state).toBe('warning')
  const anHourAhead = manualClock(Date.now() + 3_600_000)
  expect((await look({}, {}, anHourAhead))('clock')).toMatchObject({ state: 'warning', message: expect.stringMatching(/^3\d{3} s ahead/) })
})

test('a host that drops the Location of its polls is a warning that names the trigger, if the doctor may read the metrics', async () => {
  const options = { ...defaults, upstream: sandbox.url, store: 'none', data: folder(), logLevel: 'silent' }
  const env = { DEALBRIDGE_METRICS_TOKEN: 'a-metrics-token-of-a-test-1' }
  const clock = manualClock()
  const polled = await createApp(readConfig(options, env), { clock, logger: silentLogger })
  const at = await serveHttp({ fetch: polled.fetch, hostname: '127.0.0.1', port: 0 })
  const pollOnce = async () => {
    const { status } = await fetch(`${at.url}/trigger/v1/activities`, { headers: { 'x-api-key': 'sandbox-alice' } })
    expect(status).toBe(202)
    clock.advance(120_000)
  }
  const here = { port: port(at.url) }
  await pollOnce()
  expect((await look(here, env))('polls')).toMatchObject({ state: 'ok', message: 'no host drops the Location of its polls' })
  for (let n = 0; n < 11; n++) await pollOnce()
  expect((await look(here, env))('polls')).toMatchObject({
    state: 'warning',
    message: expect.stringMatching(/without the Location of its last poll.*TrigNewActivity \(4 polls\)/),
    todo: expect.stringContaining('instant trigger'),
  })
  expect((await look(here))('polls')).toMatchObject({ state: 'ok', message: expect.stringContaining('DEALBRIDGE_METRICS_TOKEN') })
  expect((await look(here, { DEALBRIDGE_METRICS_TOKEN: 'not-the-metrics-token-of-it' }))('polls')).toMatchObject({ state: 'warning' })
  await at.close()
  await polled.close()
})

test('a public URL is asked whether it is us', async () => {
  const here = { port: port(server.url) }
  const to = async (publicUrl: string, running = true) => (await look({ ...(running && here), publicUrl }))('public URL')
  expect(await to(server.url)).toMatchObject({ state: 'ok', message: `${server.url} is Dealbridge ${version}` })
  expect(await to(otherUrl)).toMatchObject({ state: 'problem', message: `${otherUrl} answers 200, but is not Dealbridge` })
  expect(await to(`${server.url}/flows`)).toMatchObject({
    state: 'problem',
    message: expect.stringContaining('answers 404, but is not Dealbridge'),
  })
  expect(await to('http://127.0.0.1:1')).toMatchObject({ state: 'problem', message: expect.stringContaining('nothing answers at') })
  expect(await to('http://127.0.0.1:1', false)).toMatchObject({ state: 'warning', todo: expect.stringContaining('Start it') })
})

test.each([
  ['22.19.0', 'ok'],
  ['24.0.0', 'ok'],
  ['22.18.9', 'problem'],
  ['20.20.1', 'problem'],
])('Node %s is %s where 22.19 is the least', (have, state) => {
  expect(checkNode(have, '>=22.19.0').state).toBe(state)
})
