import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createSandbox, type Sandbox } from '../sandbox/src/index.ts'
import { createIdempotency, type Idempotency } from '../src/engine/idempotency/idempotency.ts'
import type { OperationOutcome } from '../src/engine/idempotency/stored-answer.ts'
import { manualClock, type ManualClock } from '../src/kit/clock.ts'
import { silentLogger } from '../src/kit/logger.ts'
import { noMetrics } from '../src/kit/metrics.ts'
import { Secret } from '../src/kit/secret.ts'
import { createPipedriveClient, type PipedriveClient } from '../src/pipedrive/client.ts'
import { createFetchTransport } from '../src/pipedrive/fetch-transport.ts'
import { createLedger } from '../src/pipedrive/ledger.ts'
import type { WriteCall } from '../src/pipedrive/pipedrive.ts'
import { openStore } from '../src/store/open-store.ts'
import type { Store } from '../src/store/store.ts'
import { ALICE, UPSTREAM } from './contract/world.ts'

type Row = Record<string, unknown>
type NewRecord = Omit<WriteCall, 'method'> & { body: Row; list?: string; idField?: string; needs?: readonly [string, Row] }

const lead = { title: 'Chairs for the hall', person_id: 1, value: { amount: 12.5, currency: 'EUR' } }
const oneTime = ['/api/v2/deals/3/products', { product_id: 1, item_price: 10, quantity: 1 }] as const

/** One create of every kind of list. */
const creates: readonly NewRecord[] = [
  { object: 'person', path: '/api/v2/persons', body: { name: 'Ada', emails: [{ value: 'ada@example.com', primary: true }] } },
  { object: 'organization', path: '/api/v2/organizations', body: { name: 'Analytical Engines' } },
  { object: 'product', path: '/api/v2/products', body: { name: 'Engine', prices: [{ price: 5, currency: 'EUR' }] } },
  { object: 'deal', path: '/api/v2/deals', body: { title: 'Chairs' } },
  {
    object: 'archived deal',
    path: '/api/v2/deals',
    body: { title: 'Chairs', is_archived: true },
    list: '/api/v2/deals/archived?limit=500',
  },
  { object: 'activity', path: '/api/v2/activities', body: { subject: 'Call', type: 'call' }, list: '/api/v2/activities?limit=500' },
  { object: 'back-dated note', path: '/api/v1/notes', body: { content: 'Old', deal_id: 1, add_time: '2026-01-02 03:04:05' } },
  { object: 'pipeline', path: '/api/v2/pipelines', body: { name: 'Second' } },
  { object: 'stage', path: '/api/v2/stages', body: { name: 'Late', pipeline_id: 1 } },
  { object: 'lead', path: '/api/v1/leads', body: lead },
  { object: 'archived lead', path: '/api/v1/leads', body: { ...lead, is_archived: true }, list: '/api/v1/leads/archived' },
  { object: 'note', path: '/api/v1/notes', body: { content: '<p>Twice &amp; never</p>', deal_id: 1, pinned_to_deal_flag: 1 } },
  { object: 'lead label', path: '/api/v1/leadLabels', body: { name: 'Warm', color: 'red' } },
  { object: 'product of deal 3', path: '/api/v2/deals/3/products', body: { product_id: 1, item_price: 10, quantity: 2 } },
  { object: 'discount of deal 3', path: '/api/v2/deals/3/discounts', body: { description: 'Friend', amount: 5, type: 'percentage' } },
  {
    object: 'installment of deal 3',
    path: '/api/v2/deals/3/installments',
    body: { description: 'Half', amount: 5, billing_date: '2027-01-31' },
    list: '/api/v2/deals/installments?deal_ids=3',
    needs: oneTime,
  },
  { object: 'variation of product 1', path: '/api/v2/products/1/variations', body: { name: 'Blue' } },
  { object: 'participant of deal 3', path: '/api/v1/deals/3/participants', body: { person_id: 5 } },
  { object: 'follower of deal 3', path: '/api/v2/deals/3/followers', body: { user_id: 21470315 }, idField: 'user_id' },
]
/** Pipedrive refuses a second one, so an older equal one cannot be there. */
const unique = new Set(['participant of deal 3', 'follower of deal 3'])

let store: Store
let clock: ManualClock
let sandbox: Sandbox
let client: PipedriveClient
let idempotency: Idempotency
let sent: string[]
beforeAll(async () => {
  store = await openStore({ place: { kind: 'memory' }, logger: silentLogger })
})
afterAll(() => store.close())
beforeEach(async () => {
  await store.db.deleteFrom('intents').execute()
  clock = manualClock()
  sandbox = createSandbox({ clock })
  sent = []
  const transport = createFetchTransport((request) => {
    if (request.method !== 'GET') sent.push(`${request.method} ${new URL(request.url).pathname}`)
    return Promise.resolve(sandbox.fetch(request))
  })
  client = createPipedriveClient({ transport, upstream: UPSTREAM, clock, logger: silentLogger })
  idempotency = createIdempotency({ store, clock, logger: silentLogger, metrics: noMetrics, hostIntents: true, settleSeconds: 10 })
})

/** Carries out a write as an operation does, as Alice. */
async function write(call: WriteCall, idempotencyKey?: string): Promise<OperationOutcome> {
  const request = { requestId: 'r', principal: 'alice', operation: 'Any', sent: { ...call }, idempotencyKey, trackingId: undefined }
  const { outcome } = await idempotency.run(request, async (guard) => {
    const notices = { warnings: [], incomplete: new Set<string>() }
    try {
      const { pipedrive } = client.open(new Secret(ALICE), { ledger: createLedger(), guard })
      return { ok: true, body: await pipedrive.write(call), notices }
    } catch (error) {
      return { ok: false, error, notices }
    }
  })
  return outcome
}

async function pipedrive(method: string, path: string, body?: Row): Promise<unknown> {
  const headers = { 'x-api-token': ALICE, 'content-type': 'application/json' }
  const answer = await sandbox.fetch(new Request(UPSTREAM + path, { method, headers, ...(body && { body: JSON.stringify(body) }) }))
  const text = await answer.text()
  expect(answer.status, text).toBeLessThan(300)
  return (JSON.parse(text) as { data: unknown }).data
}
const rowsOf = async ({ path, list = path }: Pick<NewRecord, 'path' | 'list'>): Promise<Row[]> =>
  ((await pipedrive('GET', list)) ?? []) as Row[]
const idsOf = async (record: NewRecord) => (await rowsOf(record)).map((row) => row[record.idField ?? 'id'])
const bodyOf = (outcome: OperationOutcome): Row => {
  if (!outcome.ok) throw outcome.error
  return outcome.body as Row
}
const codeOf = (outcome: OperationOutcome) => (outcome.ok ? 'answered' : (outcome.error as { code: string }).code)

describe.each(creates)('a new $object', (record) => {
  const { path, object, body, idField = 'id', needs } = record
  const create = (key?: string) => write({ method: 'POST', path, object, body }, key)
  beforeEach(async () => {
    if (needs) await pipedrive('POST', ...needs)
    if (unique.has(object)) return
    // An equal one of the same user is older than the attempt.
    await pipedrive('POST', path, body)
    await clock.sleep(120_000)
  })

  test.each([
    ['after', 1],
    ['before', 2],
  ] as const)('whose answer is lost %s the commit is there once, and is the answer', async (when, writes) => {
    const before = await idsOf(record)
    sandbox.faults.add({ kind: 'reset', when, method: 'POST', path, times: 1 })
    const answer = bodyOf(await create())
    const added = (await idsOf(record)).filter((id) => !before.includes(id))
    expect(added).toEqual([answer[idField]])
    expect(sent).toHaveLength(writes)
  })

  test('that was lost twice after the commit, once for each of two callers, is there twice', async () => {
    if (unique.has(object)) return
    const before = await idsOf(record)
    sandbox.faults.add({ kind: 'reset', when: 'after', method: 'POST', path, times: 2 })
    const answers = await Promise.all([create('a'), create('b')])
    const added = (await idsOf(record)).filter((id) => !before.includes(id))
    expect(new Set(added)).toEqual(new Set(answers.map((answer) => bodyOf(answer)['id'])))
    expect(added).toHaveLength(2)
  })
})

describe.each<[string, Row, 'PATCH' | 'PUT']>([
  ['/api/v2/persons', { name: 'Other' }, 'PATCH'],
  ['/api/v1/leads', { title: 'Other' }, 'PATCH'],
  ['/api/v1/notes', { content: 'Other' }, 'PUT'],
  ['/api/v2/deals/3/products', { quantity: 9 }, 'PATCH'],
  ['/api/v2/deals/3/discounts', { amount: 9 }, 'PATCH'],
])('a change below %s', (path, change, method) => {
  let id: string | number
  beforeEach(async () => {
    const made = creates.find((one) => one.path === path)!
    id = ((await pipedrive('POST', path, made.body)) as { id: string | number }).id
    await clock.sleep(120_000)
  })
  const at = () => `${path}/${id}`

  test.each([
    ['after', 1],
    ['before', 2],
  ] as const)('whose answer is lost %s the commit is made once', async (when, writes) => {
    sandbox.faults.add({ kind: 'reset', when, method, path: at(), times: 1 })
    expect(codeOf(await write({ method, path: at(), object: 'record', id, body: change }))).toBe('answered')
    expect((await rowsOf({ path })).find((row) => row['id'] === id)).toMatchObject(change)
    expect(sent).toHaveLength(writes)
  })

  test.each([
    ['after', 1],
    ['before', 2],
  ] as const)('that deletes, and whose answer is lost %s the commit, is made once', async (when, writes) => {
    sandbox.faults.add({ kind: 'reset', when, method: 'DELETE', path: at(), times: 1 })
    expect(codeOf(await write({ method: 'DELETE', path: at(), object: 'record', id }))).toBe('answered')
    expect((await rowsOf({ path })).map((row) => row['id'])).not.toContain(id)
    expect(sent).toHaveLength(writes)
  })
})

test.each<WriteCall>([
  { method: 'PUT', path: '/api/v1/deals/1/merge', object: 'deal', id: 1, body: { merge_with_id: 2 } },
  { method: 'POST', path: '/api/v1/deals/1/duplicate', object: 'deal', id: 1 },
])('a $method to $path whose answer is lost is never sent again, nor by a repeat of the call', async (call) => {
  sandbox.faults.add({ kind: 'reset', when: 'after', method: call.method, path: call.path, times: 1 })
  expect([codeOf(await write(call, 'a')), codeOf(await write(call, 'a'))]).toEqual(['OutcomeUnknown', 'OutcomeUnknown'])
  expect(sent).toEqual([`${call.method} ${call.path}`])
})
