import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../src/kit/eventually.fixture.ts'
import type { DeliveryView, SubscriptionDetail, SubscriptionView } from '../../src/delivery/subscriptions/subscriptions.ts'
import type { Row } from '../contract/world.ts'
import { startPair, type StartedPair } from '../started-pair.ts'
import { PROGRAM, root } from '../program.ts'

const ALICE = 'sandbox-alice'

let pair: StartedPair & { cleanUp(): void }
let env: NodeJS.ProcessEnv
let callback: string
const received: { headers: Record<string, unknown>; body: Row }[] = []
let status = 200
const flow = createServer((request, response) => {
  let text = ''
  request.on('data', (chunk) => (text += String(chunk)))
  request.on('end', () => {
    received.push({ headers: request.headers, body: JSON.parse(text) as Row })
    response.writeHead(status).end()
  })
})

beforeAll(async () => {
  flow.listen(0, '127.0.0.1')
  await once(flow, 'listening')
  callback = `http://127.0.0.1:${(flow.address() as AddressInfo).port}/flow?sig=a-signature-that-starts-the-flow`
  pair = await startPair(process.execPath, ...PROGRAM, 'start', '--allow-target', '127.0.0.0/8')
  const file = /admin token\s+in the file (\S+)\/admin-token/.exec(pair.printed)
  env = { PATH: process.env['PATH'], DEALBRIDGE_URL: pair.url, DEALBRIDGE_DATA: file![1]! }
})
afterAll(() => {
  pair.cleanUp()
  flow.close()
})

async function run(args: readonly string[], input = ''): Promise<{ code: number; out: string; complaint: string }> {
  const child = spawn(process.execPath, [...PROGRAM, ...args], { cwd: root, env })
  let [out, complaint] = ['', '']
  child.stdout.on('data', (chunk) => (out += String(chunk)))
  child.stderr.on('data', (chunk) => (complaint += String(chunk)))
  child.stdin.on('error', () => undefined).end(input)
  const [code] = (await once(child, 'close')) as [number]
  return { code, out, complaint }
}
const json = async <T>(...args: string[]): Promise<T> => {
  const { out, complaint, code } = await run(['subscriptions', ...args, '--json'])
  expect(complaint).toBe('')
  expect(code).toBe(0)
  return JSON.parse(out) as T
}
const addDeal = (title: string) =>
  fetch(`${pair.sandboxUrl}/api/v2/deals`, {
    method: 'POST',
    headers: { 'x-api-token': ALICE, 'content-type': 'application/json' },
    body: JSON.stringify({ title }),
  })

test('a subscription can be listed, shown, tested, paused, replayed, retargeted and ended', async () => {
  const response = await fetch(`${pair.url}/subscriptions/TrigNewDealV2`, {
    method: 'POST',
    headers: { 'x-api-key': ALICE, 'content-type': 'application/json' },
    body: JSON.stringify({ callbackUrl: callback, pipeline_id: 1 }),
  })
  expect(response.status).toBe(201)
  const { id } = (await response.json()) as { id: string }
  expect(await json<SubscriptionView[]>('list')).toMatchObject([{ id, trigger: 'TrigNewDealV2', state: 'active' }])
  const listed = await run(['subscriptions', 'list'])
  expect(listed.out).toMatch(/TrigNewDealV2 +pipeline_id=1 +127\.0\.0\.1:\d+…flow +active +webhook +a Pipedrive key/)

  const fired = await json<DeliveryView>('test', id)
  await eventually(() => expect(received.at(-1)?.headers).toMatchObject({ 'webhook-id': fired.id, 'webhook-test': 'true' }))
  await eventually(async () => expect(await json<SubscriptionDetail>('show', id)).toMatchObject({ delivered: 1, pending: 0 }))
  expect((await run(['subscriptions', 'show', id])).out).toMatch(/deliveries 0 pending; 1 delivered; 0 dead\n\nlast attempts \(UTC\)/)
  expect(await json<DeliveryView[]>('deliveries', id)).toMatchObject([{ id: fired.id, state: 'delivered', test: true }])
  expect((await run(['subscriptions', 'deliveries', id, '--delivery', fired.id])).out).toContain('"attemptList"')

  expect(await json('replay', id, '--delivery', fired.id)).toEqual({ replayed: 1 })
  await eventually(() => expect(received.filter(({ headers }) => headers['webhook-id'] === fired.id)).toHaveLength(2))
  expect((await run(['subscriptions', 'replay', id])).complaint).toMatch(/send one of "delivery"/)

  expect(await json<SubscriptionView>('pause', id)).toMatchObject({ state: 'paused' })
  expect(await json<SubscriptionView>('resume', id)).toMatchObject({ state: 'active' })
  const moved = await run(['subscriptions', 'retarget', id], `${callback}-2`)
  expect(moved.out).toMatch(/target +127\.0\.0\.1:\d+…ow-2, as record/)
  expect((await run(['subscriptions', 'end', id])).complaint).toMatch(/This is not a terminal, so it cannot ask: add --yes/)
  expect((await run(['subscriptions', 'end', id, '--yes'])).out).toMatch(/has ended\./)
  expect(await json<SubscriptionView[]>('list')).toEqual([])
})

test('listen prints a line for each event until Ctrl-C, and reads its key from anywhere but the command line', async () => {
  received.length = 0
  status = 204
  const child = spawn(process.execPath, [...PROGRAM, 'listen', 'TrigNewDealV2', '--forward-to', callback], {
    cwd: root,
    env: { ...env, DEALBRIDGE_KEY: ALICE },
  })
  let [out, notes] = ['', '']
  child.stdout.on('data', (chunk) => (out += String(chunk)))
  child.stderr.on('data', (chunk) => (notes += String(chunk)))
  const ended = once(child, 'close')
  await eventually(() => expect(notes).toContain('Listening to TrigNewDealV2 (as it happens). Ctrl-C ends it.'))
  await addDeal('Heard')
  await eventually(() => expect(out).toMatch(/^\d\d:\d\d:\d\d {2}\S+ {2}204 {2}\d+ ms\n$/))
  expect(received.map(({ body }) => body['title'])).toEqual(['Heard'])
  child.kill('SIGINT')
  expect(await ended).toEqual([0, null])
  expect(await json<SubscriptionView[]>('list')).toEqual([])
})

test('listen reports invalid arguments before it subscribes', async () => {
  expect((await run(['listen', 'TrigNewDealV2'], ALICE)).complaint).toMatch(/--forward-to takes the http or https URL/)
  expect((await run(['listen', 'TrigNewDeal', '--forward-to', callback], ALICE)).complaint).toMatch(/subscribe to TrigNewDealV2/)
  expect((await run(['listen', 'TrigNewDealV2', '--forward-to', callback, '--filters', 'stage'], ALICE)).complaint).toMatch(
    /--filters: "stage" is no filter/,
  )
})
