import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { PROGRAM, root } from '../program.ts'

/** Starts the sandbox in a process that can be killed. */
async function start(data: string) {
  const child = spawn(process.execPath, [...PROGRAM, 'sandbox', '--port', '0', '--data', data], { cwd: root })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = once(child, 'exit')
  let printed = ''
  let stderr = ''
  child.stderr.on('data', (chunk) => (stderr += String(chunk)))
  const ready = new Promise<string>((resolve) => {
    child.stdout.on('data', (chunk) => {
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec((printed += String(chunk)))?.[0]
      if (url) resolve(url)
    })
  })
  const failed = ended.then(() => new Error(stderr))
  const first = await Promise.race([ready, failed])
  if (first instanceof Error) throw first
  const ask = (method: string, path: string, body?: unknown) =>
    fetch(first + path, {
      method,
      headers: { 'x-api-token': 'sandbox-alice', 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  return { child, ended, ask }
}

const newFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'dealbridge-kill-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

test('kill -9 during 500 writes loses no acknowledged write and leaves none half done', async () => {
  const data = newFolder()
  const before = await start(data)
  const answered = new Map<number, string>()
  let sent = 0
  const writer = async () => {
    while (sent < 500) {
      const title = `Deal ${++sent}`
      try {
        const answer = await before.ask('POST', '/api/v2/deals', { title, value: sent, person_id: 1 })
        const { data: deal } = (await answer.json()) as { data: { id: number } }
        answered.set(deal.id, title)
        if (answered.size === 250) before.child.kill('SIGKILL')
      } catch {
        return // The process is dead.
      }
    }
  }
  await Promise.all(Array.from({ length: 8 }, writer))
  await before.ended
  expect(answered.size).toBeGreaterThanOrEqual(250)
  expect(answered.size).toBeLessThan(500)

  const after = await start(data)
  for (const [id, title] of answered) {
    const { data: deal } = (await (await after.ask('GET', `/api/v2/deals/${id}`)).json()) as { data: { title: string; value: number } }
    expect(deal).toMatchObject({ title, value: Number(title.split(' ')[1]), person_id: 1, status: 'open' })
  }
  const next = (await (await after.ask('POST', '/api/v2/deals', { title: 'Next' })).json()) as { data: { id: number } }
  expect(next.data.id).toBeGreaterThan(Math.max(...answered.keys()))
})

test('a second process refuses the folder; after a kill -9 and a torn line the next one continues with clock, switches and webhooks', async () => {
  const data = newFolder()
  const first = await start(data)
  await expect(start(data)).rejects.toThrow(`is in use by another sandbox (process ${first.child.pid})`)
  await first.ask('POST', '/_sandbox/clock', { freeze: true, set: '2027-03-01T00:00:00Z' })
  await first.ask('POST', '/_sandbox/behaviour', { createStatus: 201 })
  const hook = { name: 'Kept', subscription_url: 'http://127.0.0.1:9/hook', event_action: 'create', event_object: 'deal' }
  expect((await first.ask('POST', '/api/v1/webhooks', hook)).status).toBeLessThan(300)
  const spent = await (await first.ask('GET', '/_sandbox/meters')).json()
  first.child.kill('SIGKILL')
  await first.ended
  appendFileSync(join(data, 'journal.ndjson'), '[["row",13204417,"deals",{"id":9')

  const second = await start(data)
  expect(await (await second.ask('GET', '/_sandbox/clock')).json()).toEqual({ now: '2027-03-01T00:00:00.000Z', frozen: true })
  expect(await (await second.ask('GET', '/_sandbox/meters')).json()).toEqual(spent)
  expect((await second.ask('POST', '/api/v2/deals', { title: 'x' })).status).toBe(201)
  expect(((await (await second.ask('GET', '/api/v1/webhooks')).json()) as { data: unknown[] }).data).toHaveLength(1)
  expect((await second.ask('GET', '/api/v2/deals/9')).status).toBe(200)

  second.child.kill('SIGTERM')
  await second.ended
  // A clean stop leaves one snapshot, a journal without entries, and no lock.
  expect(readFileSync(join(data, 'journal.ndjson'), 'utf8').trim().split('\n')).toHaveLength(1)
  expect(() => readFileSync(join(data, 'lock'))).toThrow('ENOENT')
  const third = await start(data)
  expect((await third.ask('GET', '/api/v2/deals/31')).status).toBe(200)
})
