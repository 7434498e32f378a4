import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { manualClock } from '../clock.ts'
import { createSandbox, type Sandbox, type SandboxOptions } from '../sandbox.ts'

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dealbridge-kept-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function open(dataDir: string, options: SandboxOptions = {}): Sandbox {
  const sandbox = createSandbox({ clock: manualClock(), dataDir, ...options })
  onTestFinished(() => sandbox.close())
  return sandbox
}

const ask = async (sandbox: Sandbox, method: string, path: string, body?: unknown, key = 'sandbox-alice') => {
  const headers = { 'x-api-token': key, ...(body !== undefined && { 'content-type': 'application/json' }) }
  const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }
  const answer = await sandbox.fetch(new Request(`http://pipedrive.example${path}`, init))
  const text = await answer.text()
  return { status: answer.status, body: (text === '' ? undefined : JSON.parse(text)) as { data: { id: number }; error: string } }
}

/** What the folder says, read by another sandbox while the first one is still there, as after a kill -9. */
function copyOf(dataDir: string, options?: SandboxOptions): Sandbox {
  const folder = newFolder()
  for (const name of ['snapshot.ndjson', 'journal.ndjson']) {
    if (existsSync(join(dataDir, name))) writeFileSync(join(folder, name), readFileSync(join(dataDir, name)))
  }
  return open(folder, options)
}

const deal = { title: 'Kept', value: 5, person_id: 1 }

test('what was answered is in the folder by then: rows, ids, switches, the clock, what is spent', async () => {
  const folder = newFolder()
  const sandbox = open(folder)
  const { id } = (await ask(sandbox, 'POST', '/api/v2/deals', deal)).body.data
  await ask(sandbox, 'PATCH', '/api/v2/deals/1', { title: 'Changed', label_ids: [12] })
  await ask(sandbox, 'DELETE', '/api/v2/deals/2')
  await ask(sandbox, 'POST', '/_sandbox/behaviour', { createStatus: 201 })
  await ask(sandbox, 'POST', '/_sandbox/clock', { advance: '3d', freeze: true })
  const copy = copyOf(folder)
  expect(copy.snapshot()).toEqual(sandbox.snapshot())
  expect((await ask(copy, 'GET', `/api/v2/deals/${id}`)).body.data).toMatchObject(deal)
  expect((await ask(copy, 'POST', '/api/v2/deals', deal)).status).toBe(201)
  expect(copy.meters()).toMatchObject([{ spent: expect.any(Number) as number }, {}])
})

test('ids of removed rows are not reused after a restart', async () => {
  const folder = newFolder()
  const sandbox = open(folder)
  const hook = (await ask(sandbox, 'POST', '/api/v2/deals/1/products', { product_id: 1, item_price: 1, quantity: 1 })).body.data
  expect((await ask(sandbox, 'DELETE', `/api/v2/deals/1/products/${hook.id}`)).status).toBe(200)
  sandbox.close()
  const again = open(folder)
  const next = (await ask(again, 'POST', '/api/v2/deals/1/products', { product_id: 1, item_price: 1, quantity: 1 })).body.data
  expect(next.id).toBeGreaterThan(hook.id)
})

test('changes outside requests are stored by the end of the turn', async () => {
  const folder = newFolder()
  const sandbox = open(folder)
  await ask(sandbox, 'DELETE', '/api/v2/deals/3')
  sandbox.restoreDeal(3)
  await Promise.resolve()
  expect((await ask(copyOf(folder), 'GET', '/api/v2/deals?ids=3')).body.data).toHaveLength(1)
})

test('a clean stop writes a snapshot and empties the journal; a start changes neither', async () => {
  const folder = newFolder()
  const sandbox = open(folder)
  await ask(sandbox, 'POST', '/api/v2/deals', deal)
  const before = sandbox.snapshot()
  sandbox.close()
  const journal = () => readFileSync(join(folder, 'journal.ndjson'), 'utf8').split('\n').length - 1
  expect(journal()).toBe(1)
  const again = open(folder)
  expect(again.snapshot()).toEqual(before)
})

test('a long journal is replaced by a snapshot without loss', async () => {
  const folder = newFolder()
  const sandbox = open(folder)
  const note = 'n'.repeat(1 << 20)
  for (let at = 0; at < 20; at++) await ask(sandbox, 'POST', '/api/v2/activities', { subject: `S${at}`, type: 'call', note })
  expect(statSync(join(folder, 'journal.ndjson')).size).toBeLessThan(10 << 20)
  expect(statSync(join(folder, 'snapshot.ndjson')).size).toBeGreaterThan(16 << 20)
  expect(copyOf(folder).snapshot()).toEqual(sandbox.snapshot())
})

test('a journal that belongs to an older snapshot is left out: the process died between the two', async () => {
  const folder = newFolder()
  const sandbox = open(folder)
  await ask(sandbox, 'POST', '/api/v2/deals', deal)
  const old = readFileSync(join(folder, 'journal.ndjson'))
  await ask(sandbox, 'PATCH', '/api/v2/deals/1', { title: 'Newest' })
  sandbox.close()
  writeFileSync(join(folder, 'journal.ndjson'), old)
  expect((await ask(open(folder), 'GET', '/api/v2/deals/1')).body.data).toMatchObject({ title: 'Newest' })
})

test('a reset replaces the stored state, and later changes are stored too', async () => {
  const folder = newFolder()
  const sandbox = open(folder)
  await ask(sandbox, 'POST', '/api/v2/deals', deal)
  expect((await ask(sandbox, 'POST', '/_sandbox/reset')).status).toBe(204)
  await ask(sandbox, 'PATCH', '/api/v2/deals/1', { title: 'After' })
  const copy = copyOf(folder)
  expect(copy.snapshot()).toEqual(sandbox.snapshot())
  expect((await ask(copy, 'GET', '/api/v2/deals/31')).status).toBe(404)
})

test('a folder of a newer version, and a folder in use, are refused with the next step', () => {
  const newer = newFolder()
  writeFileSync(join(newer, 'snapshot.ndjson'), '{"format":2,"snapshot":1}\n')
  expect(() => open(newer)).toThrow('written by a newer version of @dealbridge/sandbox (format 2; this one reads 1)')
  // The refusal does not keep the folder.
  expect(existsSync(join(newer, 'lock'))).toBe(false)
  const folder = newFolder()
  open(folder)
  expect(() => open(folder)).toThrow('is in use by another sandbox')
})
