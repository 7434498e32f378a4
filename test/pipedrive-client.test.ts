import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { manualClock, systemClock } from '../src/kit/clock.ts'
import type { DealbridgeError } from '../src/kit/errors/dealbridge-error.ts'
import { silentLogger } from '../src/kit/logger.ts'
import { Secret } from '../src/kit/secret.ts'
import { createPipedriveClient, type OpenOptions } from '../src/pipedrive/client.ts'
import { createFetchTransport } from '../src/pipedrive/fetch-transport.ts'
import { createLedger } from '../src/pipedrive/ledger.ts'
import { templatePath } from '../src/pipedrive/token-prices.ts'
import { createUndiciTransport } from '../src/pipedrive/undici-transport.ts'
import { createSandbox, serveSandbox, type Behaviour } from '../sandbox/src/index.ts'

/** A write is sent with 3 s left, and a read with half a second: the rest is for a machine that is slow to get there. */
const SENT_FOR_SURE_MS = 6_000
const READ_FOR_SURE_MS = 3_000

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

/** A client before the sandbox, in this process. */
function inProcess(behaviour: Partial<Behaviour> = {}) {
  const clock = manualClock()
  const sandbox = createSandbox({ clock, behaviour })
  const client = createPipedriveClient({
    transport: createFetchTransport(sandbox.fetch),
    upstream: 'https://pipedrive.test',
    clock,
    logger: silentLogger,
  })
  const open = (key = 'sandbox-alice') => {
    const ledger = createLedger()
    return { ...client.open(new Secret(key), { ledger }), ledger }
  }
  return { clock, sandbox, open }
}

describe('before the sandbox', () => {
  test('a deal is created, read with its counts, changed and deleted', async () => {
    const { pipedrive } = inProcess().open()
    const created = await pipedrive.deals.create({ title: 'Chairs', value: 12.5 })
    expect(created).toMatchObject({ title: 'Chairs', value: 12.5, status: 'open', is_deleted: false })
    expect(await pipedrive.deals.update(created.id, { status: 'lost', lost_reason: 'Too dear' })).toMatchObject({
      status: 'lost',
      lost_reason: 'Too dear',
    })
    expect(await pipedrive.deals.get(created.id, ['files_count', 'next_activity_id'])).toMatchObject({
      files_count: 0,
      next_activity_id: null,
    })
    await pipedrive.deals.delete(created.id)
    expect(await pipedrive.deals.find(created.id)).toMatchObject({ id: created.id, is_deleted: true })
  })

  test('the ledger agrees with what Pipedrive counts, call by call', async () => {
    const { sandbox, open } = inProcess()
    const { pipedrive, referenceData, ledger } = open()
    const { rows } = await pipedrive.deals.list({ limit: 20, include: ['next_activity_id'] })
    await referenceData.fetch('user', [...new Set(rows.flatMap((deal) => [deal.owner_id, deal.creator_user_id]))])
    await referenceData.fetch(
      'person',
      rows.flatMap((deal) => deal.person_id ?? []),
    )
    await referenceData.fetch(
      'organization',
      rows.flatMap((deal) => deal.org_id ?? []),
    )
    await referenceData.fetch(
      'activity',
      rows.flatMap((deal) => deal.next_activity_id ?? []),
    )
    await Promise.all([
      referenceData.stages(),
      referenceData.pipelines(),
      referenceData.activityTypes(),
      referenceData.currencies(),
      referenceData.me(),
      referenceData.visibleToOptions(),
    ])
    await pipedrive.deals.find(999_999).catch(() => {})
    await pipedrive.activities.create({ subject: 'Call', type: 'call', due_date: '2026-12-01' })
    const priced = (calls: readonly { method: string; path: string; tokens: number }[]) =>
      calls.map(({ method, path, tokens }) => `${method} ${templatePath(path)} ${tokens}`).sort((a, b) => a.localeCompare(b))
    expect(priced(ledger.entries)).toEqual(priced(sandbox.requests()))
    expect(ledger.calls).toBeGreaterThan(10)
  })

  test.each<[Behaviour['getDeletedDeal'], Behaviour['getArchivedDeal']]>([
    ['served', 'served'],
    ['served', '404'],
    ['404', 'served'],
    ['404', '404'],
  ])('deleted and archived deals are found when GET by id answers %s and %s', async (getDeletedDeal, getArchivedDeal) => {
    const { sandbox, open } = inProcess({ getDeletedDeal, getArchivedDeal })
    const { pipedrive } = open()
    const [kept, deleted, archived] = await Promise.all(['kept', 'deleted', 'archived'].map((title) => pipedrive.deals.create({ title })))
    await pipedrive.deals.delete(deleted!.id)
    const archive = new Request(`https://pipedrive.test/api/v2/deals/${archived!.id}`, {
      method: 'PATCH',
      headers: { 'x-api-token': 'sandbox-alice', 'content-type': 'application/json' },
      body: '{"is_archived":true}',
    })
    expect((await sandbox.fetch(archive)).status).toBe(200)
    const found = await Promise.all([kept, deleted, archived].map((deal) => pipedrive.deals.find(deal!.id, ['files_count'])))
    expect(found.map(({ title, is_deleted, is_archived, files_count }) => [title, is_deleted, is_archived, files_count])).toEqual([
      ['kept', false, false, 0],
      ['deleted', true, false, 0],
      ['archived', false, true, 0],
    ])
  })

  test('a refused key, a missing record and a refused field are reported as such', async () => {
    const { open } = inProcess()
    const codeOf = (attempt: Promise<unknown>) =>
      attempt.catch((error: DealbridgeError) => [error.status, error.code, error.details.map(({ field }) => field)])
    expect(await codeOf(open('wrong').pipedrive.users.me())).toEqual([401, 'ApiKeyRefused', []])
    expect(await codeOf(open().pipedrive.persons.get(999_999))).toEqual([404, 'NotFound', []])
    expect(await codeOf(open().pipedrive.deals.create({ title: 'Chairs', owner_id: 1 }))).toEqual([400, 'Rejected', ['owner_id']])
  })

  test('two companies have different names for the same ids, and each key sees its own', async () => {
    const { open } = inProcess()
    const read = async (key: string) => {
      const { referenceData } = open(key)
      return [
        (await referenceData.me()).company_id,
        (await referenceData.fetch('person', [1])).get(1)?.name,
        (await referenceData.stages())[0]?.name,
        await referenceData.visibleToOptions(),
      ]
    }
    const first = [await read('sandbox-alice'), await read('sandbox-carol')]
    expect(first[0]![0]).not.toBe(first[1]![0])
    expect(first[0]![1]).not.toBe(first[1]![1])
    expect([await read('sandbox-alice'), await read('sandbox-carol')]).toEqual(first)
  })

  test('an enforced burst limit is kept without a single refusal, by waiting', async () => {
    const { sandbox, open, clock } = inProcess({ limits: 'on' })
    const start = clock.now()
    for (let i = 0; i < 150; i++) await open().pipedrive.deals.get(1)
    expect(sandbox.requests().filter(({ status }) => status === 429)).toEqual([])
    expect(clock.now() - start).toBeGreaterThanOrEqual(6_000)
  })
})

describe('over sockets', () => {
  async function overSockets(url: string) {
    const { transport, close } = createUndiciTransport()
    cleanUp.push(close)
    const client = createPipedriveClient({ transport, upstream: url, clock: systemClock, logger: silentLogger })
    return (options: Partial<OpenOptions> = {}) => client.open(new Secret('sandbox-alice'), { ledger: createLedger(), ...options })
  }
  /** A server that says one thing to each request and hangs up. */
  async function saying(answer: (socket: Socket, asked: number) => void) {
    const sockets = new Set<Socket>()
    let asked = 0
    const server = createTcpServer((socket) => {
      sockets.add(socket.on('error', () => {}))
      socket.once('data', () => answer(socket, ++asked))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    cleanUp.push(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    return { open: await overSockets(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), asked: () => asked }
  }
  const http = (status: string, body: string, type = 'application/json') =>
    `HTTP/1.1 ${status}\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`
  const good = http('200 OK', '{"success":true,"data":{"id":1,"title":"Chairs"}}')
  const errorOf = (attempt: Promise<unknown>) =>
    attempt.then(
      () => expect.unreachable(),
      (error: DealbridgeError) => error,
    )

  test('the sandbox on a port is read and written', async () => {
    const served = await serveSandbox({ sandbox: createSandbox(), port: 0 })
    cleanUp.push(() => served.close())
    const { pipedrive, referenceData } = (await overSockets(served.url))()
    const { id } = await pipedrive.deals.create({ title: 'Chairs' })
    expect((await pipedrive.deals.find(id)).title).toBe('Chairs')
    expect((await referenceData.stages()).length).toBeGreaterThan(1)
  })

  test.each<[string, (socket: Socket) => void]>([
    ['a connection that is reset', (socket) => socket.resetAndDestroy()],
    ['an answer that is cut off', (socket) => socket.end(good.slice(0, -9))],
    ['an empty 502', (socket) => socket.end(http('502 Bad Gateway', ''))],
    ['an empty 200', (socket) => socket.end(http('200 OK', ''))],
  ])('%s leaves a write in doubt: 409, sent once', async (_, answer) => {
    const { open, asked } = await saying(answer)
    expect(await errorOf(open().pipedrive.deals.create({ title: 'Chairs' }))).toMatchObject({ status: 409, code: 'OutcomeUnknown' })
    expect(asked()).toBe(1)
  })

  test.each<[string, (socket: Socket) => void]>([
    ['a connection that is reset', (socket) => socket.resetAndDestroy()],
    ['an answer that is cut off', (socket) => socket.end(good.slice(0, -9))],
    ['an empty 502', (socket) => socket.end(http('502 Bad Gateway', ''))],
  ])('%s makes a read be repeated', async (_, answer) => {
    const { open, asked } = await saying((socket, turn) => (turn === 1 ? answer(socket) : socket.end(good)))
    expect((await open().pipedrive.deals.get(1)).title).toBe('Chairs')
    expect(asked()).toBe(2)
  })

  test('a refused connection leaves a write undone: 503 after some attempts, so that hosts repeat it', async () => {
    const refusing = await overSockets('http://127.0.0.1:1')
    const deadlineAt = Date.now() + SENT_FOR_SURE_MS
    expect(await errorOf(refusing({ deadlineAt }).pipedrive.deals.create({ title: 'Chairs' }))).toMatchObject({
      status: 503,
      code: 'Unavailable',
    })
  })

  test('a firewall page stops everything at once', async () => {
    const { open, asked } = await saying((socket) => socket.end(http('403 Forbidden', '<html><title>Sorry</title></html>', 'text/html')))
    for (let i = 0; i < 3; i++) expect(await errorOf(open().pipedrive.deals.get(1))).toMatchObject({ status: 503, code: 'FirewallBlocked' })
    expect(asked()).toBe(1)
  })

  test('a server that never answers costs no more than the time of the call', async () => {
    const { open } = await saying(() => {})
    const within = (ms: number) => open({ deadlineAt: Date.now() + ms })
    const failures = [
      within(READ_FOR_SURE_MS).pipedrive.deals.get(1),
      within(READ_FOR_SURE_MS).referenceData.stages(),
      within(SENT_FOR_SURE_MS).pipedrive.deals.create({ title: 'Chairs' }),
    ]
    expect((await Promise.all(failures.map(errorOf))).map(({ status, code }) => [status, code])).toEqual([
      [504, 'Unavailable'],
      [504, 'Unavailable'],
      [409, 'OutcomeUnknown'],
    ])
  })
})
