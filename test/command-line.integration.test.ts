import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ConnectionView, KeyView, OwnerView } from '../src/connections/registry.ts'
import type { Finding } from '../src/doctor/finding.ts'
import { startPairDirectly, type StartedPair } from './started-pair.ts'
import { PROGRAM } from './program.ts'

const empty = mkdtempSync(join(tmpdir(), 'dealbridge-cli-'))

/** A CommandResult is what a finished command printed and returned. */
interface CommandResult {
  code: number
  stdout: string
  stderr: string
}

/** Runs the program without the developer's environment. Piped input ends immediately. */
async function run(
  args: readonly string[],
  { env = {}, input = '' }: { env?: NodeJS.ProcessEnv; input?: string } = {},
): Promise<CommandResult> {
  const child = spawn(process.execPath, [...PROGRAM, ...args], { cwd: empty, env: { PATH: process.env['PATH'], ...env } })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk) => (stdout += String(chunk)))
  child.stderr.on('data', (chunk) => (stderr += String(chunk)))
  child.stdin.on('error', () => undefined).end(input)
  const [code] = (await once(child, 'close')) as [number]
  return { code, stdout, stderr }
}

let pair: StartedPair & { cleanUp(): void }
let admin: NodeJS.ProcessEnv
beforeAll(async () => {
  pair = await startPairDirectly()
  const file = /admin token\s+in the file (\S+)\/admin-token/.exec(pair.printed)
  admin = { DEALBRIDGE_URL: pair.url, DEALBRIDGE_DATA: file![1]! }
})
afterAll(() => {
  pair.cleanUp()
  rmSync(empty, { recursive: true })
})

/** Runs a command of the management API that must succeed. */
async function manage(args: readonly string[], more: { env?: NodeJS.ProcessEnv; input?: string } = {}): Promise<string> {
  const { code, stdout, stderr } = await run(args, { ...more, env: { ...admin, ...more.env } })
  expect(stderr).not.toMatch(/^dealbridge:/m)
  expect(code).toBe(0)
  return stdout
}
const json = async <T>(...args: string[]): Promise<T> => JSON.parse(await manage([...args, '--json'])) as T

test('the start message names the place of the store and the file of the admin token', () => {
  expect(pair.printed).toMatch(/^ {2}store +in memory: lost when the process ends$/m)
  expect(pair.printed).toMatch(/^ {2}admin token +in the file \/\S+\/admin-token$/m)
})

test('a server whose port is in use exits and releases its store', async () => {
  const data = mkdtempSync(join(empty, 'data-'))
  const { port } = new URL(pair.url)
  const { code, stderr } = await run(['serve', '--port', port, '--data', data])
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(`port ${port}: another program listens there`) })
  const doctor = await run(['doctor', '--port', '0', '--data', data, '--upstream', pair.sandboxUrl])
  expect(doctor.stdout).toMatch(/^ok +store +embedded, in \S+: opens, with the tables of this version$/m)
})

test('a connection is added with a piped key, gets a working connection key, and is removed', async () => {
  const made = await manage(['connections', 'add', 'Sales'], { input: 'sandbox-alice\n' })
  expect(made).toContain('acts as    Alice Andersson')
  expect(made).not.toContain('sandbox-alice')
  expect(made).toMatch(new RegExp(`^URL {8}${pair.url}/apim/pipedrive/\\w{32}$`, 'm'))
  expect(await manage(['connections', 'list'])).toMatch(/^\w{32} +Sales +ok +Alice Andersson \(.+\) at Brightwater Interiors +never$/m)
  expect(await manage(['connections', 'list'])).toContain(`\nRuntime URL: ${pair.url}/apim/pipedrive/<id>\n`)

  const { stdout, stderr } = await run(['connections', 'keys', 'add', 'Sales', '--name', 'orders'], { env: admin })
  expect(stdout).toMatch(/^dbk_\S+\n$/)
  expect(stderr).toContain('It is shown this once')
  const deal = () => fetch(`${pair.url}/v1/deals/1`, { headers: { 'x-api-key': stdout.trim() } }).then(({ status }) => status)
  expect(await deal()).toBe(200)

  const [key] = await json<KeyView[]>('connections', 'keys', 'list', 'Sales')
  expect(key).toMatchObject({ name: 'orders', hint: stdout.trim().slice(-4) })
  expect(await manage(['connections', 'test', 'Sales'])).toContain('state      ok')
  expect(await manage(['connections', 'rotate'])).toContain('1 secret resealed')
  expect(await deal()).toBe(200)

  expect(await manage(['connections', 'keys', 'remove', 'orders', '--yes'])).toContain('is removed')
  expect(await deal()).toBe(401)
  const asked = await run(['connections', 'remove', 'Sales'], { env: admin })
  expect(asked).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('This is not a terminal, so it cannot ask: add --yes.'),
  })
  await manage(['connections', 'remove', 'Sales', '--yes'])
  expect(await json<ConnectionView[]>('connections', 'list')).toEqual([])
})

test('a connection gets another name and another key of the same company', async () => {
  await manage(['connections', 'add', 'Support'], { env: { DEALBRIDGE_PIPEDRIVE_KEY: 'sandbox-alice' } })
  await manage(['connections', 'change', 'Support', '--name', 'Service'])
  expect(await manage(['connections', 'change', 'Service', '--key'], { input: 'sandbox-bob' })).toContain('acts as    Bob Becker')
  const other = await run(['connections', 'change', 'Service', '--key'], { env: admin, input: 'sandbox-carol' })
  expect(other).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^dealbridge: .*company/) })
  const nothing = await run(['connections', 'change', 'Service'], { env: admin })
  expect(nothing).toMatchObject({ code: 1, stderr: 'dealbridge: Say what to change: --name <name>, --key, or both.\n' })
})

test('each owner has a token, sees no connections of others, and every action is audited', async () => {
  const token = (await manage(['owners', 'add', 'Bob'])).trim()
  const own = { env: { DEALBRIDGE_TOKEN: token } }
  expect(await manage(['connections', 'list'], own)).toContain('No connections yet')
  const forbidden = await run(['owners', 'list'], { env: { ...admin, DEALBRIDGE_TOKEN: token } })
  expect(forbidden).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('Only the admin may do this') })

  const renewed = (await manage(['owners', 'renew', 'Bob'])).trim()
  expect(renewed).not.toBe(token)
  const stale = await run(['connections', 'list'], { env: { ...admin, DEALBRIDGE_TOKEN: token } })
  expect(stale).toMatchObject({ code: 1, stderr: expect.stringContaining('The token here came from DEALBRIDGE_TOKEN.') })
  await manage(['owners', 'remove', 'Bob', '--yes'])
  expect((await json<OwnerView[]>('owners', 'list')).map(({ id }) => id)).toEqual(['admin'])
  const audit = await manage(['audit', '--limit', '3'])
  expect(
    audit
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(/ {2,}/)[3]),
  ).toEqual(['owner.remove', 'owner.renew-token', 'owner.add'])
  expect(audit).not.toMatch(/dbo_/)
})

test('a missing key, or one that Pipedrive refuses, exits with 1 and is not printed', async () => {
  const refused = await run(['connections', 'add', 'Wrong'], { env: admin, input: 'not-a-key-of-anybody' })
  expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('refused by Pipedrive') })
  expect(refused.stderr).not.toContain('not-a-key-of-anybody')
  const none = await run(['connections', 'add', 'Wrong'], { env: admin })
  expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('set DEALBRIDGE_PIPEDRIVE_KEY') })
})

test('without a token, a server, or a Dealbridge at that address, the error names the next step', async () => {
  const list = ['connections', 'list']
  expect(await run(list)).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('There is no token: DEALBRIDGE_TOKEN is not set'),
  })
  const free = createServer().listen(0, '127.0.0.1')
  await once(free, 'listening')
  const { port } = free.address() as AddressInfo
  free.close()
  await once(free, 'close')
  const silent = await run([...list, '--url', `http://127.0.0.1:${port}`], { env: admin })
  expect(silent).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/No server answers at .* \(ECONNREFUSED\)\. Start it with `dealbridge serve`/),
  })
  const other = await run([...list, '--url', pair.sandboxUrl], { env: admin })
  expect(other).toMatchObject({ code: 1, stdout: '' })
  const token = await run([...list, '--url', pair.url.replace('//', '//me:hunter2@')], { env: admin })
  expect(token.stderr).toMatch(/^dealbridge: --url takes a URL without credentials/)
  expect(token.stderr).not.toContain('hunter2')
})

test('a configuration with mistakes lists all of them at boot', async () => {
  const env = { DEALBRIDGE_KEYS: 'main:c2hvcnQ=', DEALBRIDGE_METRICS_TOKEN: 'short', PGUSER: 'somebody' }
  const { code, stdout, stderr } = await run(['serve', '--port', 'x', '--settle-seconds', '61'], { env })
  expect([code, stdout]).toEqual([1, ''])
  expect(
    stderr
      .trim()
      .split('\n')
      .map((line) => line.replace('dealbridge: ', '').split(/[ :]/)[0]),
  ).toEqual(['--port', 'PGUSER', '--settle-seconds', 'DEALBRIDGE_METRICS_TOKEN', 'DEALBRIDGE_KEYS'])
})

test('a PostgreSQL that does not answer is named at boot, with the reason, and without user and password', async () => {
  const env = { DATABASE_URL: 'postgres://clerk:hunter2@127.0.0.1:1/deals' }
  for (const args of [
    ['serve', '--port', '0'],
    ['store', 'export', 'backup.jsonl'],
  ]) {
    const { code, stdout, stderr } = await run(args, { env })
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(
      /PostgreSQL, deals at 127\.0\.0\.1:1\) cannot be used: connect ECONNREFUSED 127\.0\.0\.1:1.* `dealbridge doctor`/,
    )
    expect(stderr).not.toMatch(/clerk|hunter2/)
  }
})

test('--store none says what it means, with any settings of PostgreSQL', async () => {
  const args = ['serve', '--store', 'none', '--port', '0', '--upstream', pair.sandboxUrl, '--log-level', 'silent']
  const env = { PATH: process.env['PATH'], PGHOST: 'nowhere.test', DATABASE_URL: 'mysql://nowhere' }
  const child = spawn(process.execPath, [...PROGRAM, ...args], { cwd: empty, env })
  try {
    expect(String((await once(child.stdout, 'data'))[0])).toMatch(/^ {2}store +--store none: pass-through keys only, limits per process$/m)
  } finally {
    child.kill('SIGTERM')
    await once(child, 'close')
  }
})

test('the doctor prints a line for each check, and ends with 1 only when there is a problem', async () => {
  const env = { DEALBRIDGE_PORT: new URL(pair.url).port, DEALBRIDGE_UPSTREAM: pair.sandboxUrl, DEALBRIDGE_DATA: admin['DEALBRIDGE_DATA'] }
  const well = await run(['doctor', '--json'], { env })
  expect(well).toMatchObject({ code: 0, stderr: '' })
  const { ok, findings } = JSON.parse(well.stdout) as { ok: boolean; findings: Finding[] }
  expect(ok).toBe(true)
  expect(findings.filter(({ state }) => state !== 'ok')).toEqual([])
  const ill = await run(['doctor'], { env: { ...env, DEALBRIDGE_UPSTREAM: pair.url } })
  expect(ill).toMatchObject({ code: 1, stderr: 'dealbridge: The doctor has found a problem.\n' })
  expect(ill.stdout).toMatch(
    /^problem {2}Pipedrive +\S+ answers 404 to a call without a key, where Pipedrive answers 401\. Check --upstream\.$/m,
  )
})
