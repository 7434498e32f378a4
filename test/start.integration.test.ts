import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { startPair, startPairDirectly, type StartedPair } from './started-pair.ts'
import { PROGRAM } from './program.ts'

let pair: Awaited<ReturnType<typeof startPair>> | undefined
afterEach(() => {
  pair?.cleanUp()
  pair = undefined
})

const npmStart = async () => (pair = await startPair('npm', 'start', '--silent', '--'))
const answers = (url: string) =>
  fetch(`${url}/healthz`).then(
    (response) => response.status,
    () => 'no server',
  )
const health = async ({ url, sandboxUrl }: StartedPair) => [await answers(url), await answers(sandboxUrl)]

/** Whether npm's process group has ended: npm, its shell, the server. */
const isGone = ({ child }: StartedPair): boolean => {
  try {
    return !process.kill(-child.pid!, 0)
  } catch {
    return true
  }
}

test('npm start starts a connector and a sandbox, and prints their URLs, the keys, and three commands that work', async () => {
  const { url, sandboxUrl, printed } = await npmStart()
  expect(await health(pair!)).toEqual([200, 200])
  expect(url).not.toBe(sandboxUrl)
  for (const key of ['sandbox-alice', 'sandbox-bob', 'sandbox-carol']) expect(printed).toContain(key)
  const lines = printed.split('\n').filter((line) => line.trim().startsWith('curl '))
  expect(lines).toHaveLength(3)
  for (const line of lines) expect(execFileSync('bash', ['-c', `${line} --fail`], { encoding: 'utf8' })).not.toBe('')
})

test('SIGTERM to npm alone ends everything with 0', async () => {
  const started = await npmStart()
  started.child.kill('SIGTERM')
  expect(await started.ended).toBe(0)
  expect(await health(started)).toEqual(['no server', 'no server'])
  expect(isGone(started)).toBe(true)
})

test('SIGTERM to the whole process group ends everything with 0', async () => {
  const started = await npmStart()
  process.kill(-started.child.pid!, 'SIGTERM')
  expect(await started.ended).toBe(0)
  expect(await health(started)).toEqual(['no server', 'no server'])
  expect(isGone(started)).toBe(true)
})

test('a call in flight is answered although SIGTERM arrives twice, as through npm', async () => {
  const started = (pair = await startPairDirectly())
  const socket = connect(Number(new URL(started.url).port), '127.0.0.1')
  const body = JSON.stringify({ title: 'Last one' })
  const head = ['POST /connector-v2/v1/deals HTTP/1.1', 'host: localhost', 'x-api-key: sandbox-alice', 'content-type: application/json']
  socket.write(`${[...head, `content-length: ${body.length}`, 'expect: 100-continue'].join('\r\n')}\r\n\r\n`)
  // The server has read the head when it asks for the body.
  expect(String((await once(socket, 'data'))[0])).toContain('100 Continue')
  started.child.kill('SIGTERM')
  while ((await answers(started.url)) === 200);
  started.child.kill('SIGTERM')
  socket.write(body)
  expect(String((await once(socket, 'data'))[0])).toContain('HTTP/1.1 200')
  expect(await started.ended).toBe(0)
})

test('SIGTERM does not wait for a Pipedrive that never answers: exit code 0, and the caller receives a 503', async () => {
  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const upstream = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
  const env = { ...process.env, DEALBRIDGE_KEYS: `k:${Buffer.alloc(32).toString('base64')}` }
  const data = mkdtempSync(join(tmpdir(), 'dealbridge-data-'))
  const child = spawn(process.execPath, [...PROGRAM, 'serve', '--port', '0', '--upstream', upstream, '--data', data], { env })
  try {
    const url = /http:[^,\s]+/.exec(String((await once(child.stdout, 'data'))[0]))![0]
    const asked = once(silent, 'connection')
    const headers = { 'x-api-key': 'any', 'content-type': 'application/json' }
    const answered = fetch(`${url}/v1/deals`, { method: 'POST', headers, body: '{"title":"Never sent"}' })
    await asked
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
    // Nothing was written: the request for the key's user was still open. A server that waits for Pipedrive returns a 504.
    expect((await answered).status).toBe(503)
  } finally {
    child.kill('SIGKILL')
    silent.close()
    rmSync(data, { recursive: true, force: true })
  }
})
