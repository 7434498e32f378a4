import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from '../../src/kit/eventually.fixture.ts'
import { createSandbox, serveSandbox, type FaultRule } from '../../sandbox/src/index.ts'
import { ALICE } from '../contract/world.ts'
import { PROGRAM, root } from '../program.ts'

/** The first read-back comes after a fifth of it: enough time to be killed before. */
const SETTLE_SECONDS = 5
/** Longer than a test: the response never arrives. */
const NEVER = '1h'

/** Starts the connector with the embedded store in a process that can be killed. */
async function start(data: string, upstream: string) {
  const options = [
    '--port',
    '0',
    '--upstream',
    upstream,
    '--data',
    data,
    '--settle-seconds',
    String(SETTLE_SECONDS),
    '--log-level',
    'error',
  ]
  const env = { ...process.env, DATABASE_URL: '', DEALBRIDGE_STORE: 'embedded' }
  const child = spawn(process.execPath, [...PROGRAM, 'serve', ...options], { cwd: root, env })
  onTestFinished(() => void child.kill('SIGKILL'))
  let printed = ''
  let stderr = ''
  child.stderr.on('data', (chunk) => (stderr += String(chunk)))
  const ready = new Promise<string>((resolve) => {
    child.stdout.on('data', (chunk) => {
      const url = /is at (http:\/\/127\.0\.0\.1:\d+)/.exec((printed += String(chunk)))?.[1]
      if (url) resolve(url)
    })
  })
  const ended = once(child, 'exit')
  const url = await Promise.race([
    ready,
    ended.then(() => {
      throw new Error(`it did not start: ${stderr}`)
    }),
  ])
  const create = async (trackingId: string) => {
    const headers = { 'x-api-key': ALICE, 'content-type': 'application/json', 'x-ms-action-tracking-id': trackingId }
    const body = JSON.stringify({ title: 'Once', value: 1250.5, stage_id: '1' })
    const answer = await fetch(`${url}/connector-v2/v1/deals`, { method: 'POST', headers, body })
    return { status: answer.status, replayed: answer.headers.get('x-dealbridge-replayed'), body: (await answer.json()) as { id: number } }
  }
  const kill = async () => {
    child.kill('SIGKILL')
    await ended
  }
  return { create, kill }
}

/** Kills the connector after the fault `rule` hit a create; returns the response to the repeat, and the ids of the created deals. */
async function killDuring(rule: FaultRule, untilKilledMs: number) {
  const data = mkdtempSync(join(tmpdir(), 'dealbridge-kill-'))
  onTestFinished(() => rmSync(data, { recursive: true, force: true }))
  const sandbox = createSandbox()
  const served = await serveSandbox({ sandbox, port: 0 })
  onTestFinished(() => served.close())
  const before = await start(data, served.url)
  expect((await before.create('run-1')).status).toBe(200)

  const fault = sandbox.faults.add({ ...rule, method: 'POST', path: '/api/v2/deals', times: 1 })
  const lost = before.create('run-2').catch((error: unknown) => error)
  await eventually(() => expect(fault.hits).toBe(1))
  await new Promise((resolve) => setTimeout(resolve, untilKilledMs))
  await before.kill()
  expect(await lost).toBeInstanceOf(Error)

  const after = await start(data, served.url)
  const answer = await after.create('run-2')
  expect(await after.create('run-2')).toEqual({ ...answer, replayed: 'true' })
  await after.kill()
  const list = await sandbox.fetch(new Request(`${served.url}/api/v2/deals?limit=500`, { headers: { 'x-api-token': ALICE } }))
  const { data: deals } = (await list.json()) as { data: { id: number; title: string }[] }
  return { answer, ids: deals.filter(({ title }) => title === 'Once').map(({ id }) => id) }
}

test.each<[string, FaultRule, number]>([
  ['while Pipedrive processes the write', { kind: 'latency', delay: NEVER }, 0],
  ['before Pipedrive receives the write', { kind: 'silent', when: 'before' }, 0],
  ['while the lost response is read back', { kind: 'reset', when: 'after' }, 300],
])('kill -9 %s: the repeat of the run returns the one record that was created', async (_when, rule, untilKilledMs) => {
  const { answer, ids } = await killDuring(rule, untilKilledMs)
  expect(answer.status).toBe(200)
  expect(ids).toEqual([31, 32])
  expect(answer.body.id).toBe(32)
})
