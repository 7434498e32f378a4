import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { NEVER } from '../../src/delivery/deps.ts'
import { sweepAccounts } from '../../src/delivery/subscriptions/delete-unused-accounts.ts'
import { onEveryEngine, onPostgres } from '../../src/store/engines.fixture.ts'
import { recordQueryPlans } from '../../src/store/query-plans.fixture.ts'
import type { Store } from '../../src/store/store.ts'
import { ALICE, CAROL, CONNECTOR, createWorld, testConfig, type Reply, type Row, type World } from '../contract/world.ts'
import { deleteAccounts } from './delivery-world.ts'

const RUNS = 4
const MONTH_MS = 40 * 24 * 3_600_000
/** If work items are still due by then, one hangs. */
const STUCK_AFTER_MS = 60_000
const TRIGGERS = ['TrigNewDealV2', 'TrigUpdatedDeal', 'TrigNewActivity', 'TrigDealWon']

/** A Step is one request; `which` selects its subject from those that exist. */
const step = fc.record({
  does: fc.oneof(
    { weight: 6, arbitrary: fc.constant('subscribe' as const) },
    { weight: 6, arbitrary: fc.constant('end' as const) },
    { weight: 3, arbitrary: fc.constantFrom('add connection', 'remove connection', 'add owner', 'remove owner') },
    { weight: 3, arbitrary: fc.constantFrom('add key', 'remove key', 'exchange key', 'call', 'test connection', 'renew token', 'rotate') },
    { weight: 3, arbitrary: fc.constantFrom('pause', 'resume', 'test', 'replay', 'retarget', 'remove', 'look', 'fetch', 'report') },
    { weight: 1, arbitrary: fc.constantFrom('deal', 'sweep') },
  ),
  // Few, so that two steps of a wave often have the same subject.
  which: fc.nat(2),
  how: fc.nat(5),
})
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never
/** The steps of a wave run in parallel. */
const history = fc.array(fc.array(step, { minLength: 1, maxLength: 8 }), { minLength: 3, maxLength: 7 })

const plans = recordQueryPlans()
afterAll(() => plans.stop())

onEveryEngine('subscriptions that end and start at the same time', (newStore) => {
  let store: Store
  let callback: string
  const flow = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead([202, 202, 500, 410][Math.floor(Math.random() * 4)]!).end())
  })
  beforeAll(async () => {
    store = await newStore()
    flow.listen(0, '127.0.0.1')
    await once(flow, 'listening')
    callback = `http://127.0.0.1:${(flow.address() as AddressInfo).port}/flow?sig=a-signature-that-starts-the-flow`
  }, 60_000)
  afterAll(async () => {
    flow.close()
    await store.close()
  })

  async function run(waves: readonly Step[][]): Promise<void> {
    await deleteAccounts(store)
    await store.db.deleteFrom('owners').where('id', '<>', 'admin').execute()
    await store.db.deleteFrom('connections').execute()
    const config = { publicUrl: CONNECTOR, callsPerMinute: 100_000, allowTargets: ['127.0.0.0/8'] }
    const world = await createWorld({ store, config })
    try {
      await runIn(world, waves)
    } finally {
      await world.close()
    }
  }

  async function runIn(world: World, waves: readonly Step[][]): Promise<void> {
    await world.listening()
    world.intercept(async (_request, pass) => {
      await pause(Math.random() * 8)
      return pass()
    })
    const failures: string[] = []
    const tokens = [testConfig.adminToken!.reveal()]
    const [owners, connections, keys, subscriptions, locations, pulled]: string[][] = [[], [], [], [], [], []]
    const keyIds: string[] = []
    const ask = async (method: string, path: string, headers: Record<string, string>, body?: Row): Promise<Reply> => {
      const init = { method, headers: { ...headers, 'content-type': 'application/json' }, ...(body && { body: JSON.stringify(body) }) }
      const reply = await world.http(path, init)
      if (reply.status >= 500) failures.push(`${method} ${path}: ${reply.status} ${reply.text}`)
      return reply
    }
    const api = (token: string, method: string, path: string, body?: Row) =>
      ask(method, `/api${path}`, { authorization: `Bearer ${token}` }, body)
    const pick = (from: readonly string[] | undefined, at: number): string => from?.at(-1 - (at % Math.max(1, from.length))) ?? 'none'
    const dataOf = ({ body }: Reply) => (body['data'] ?? body) as Row
    const addId = (into: string[] | undefined, reply: Reply) => {
      if (reply.status < 300) into?.push(String(dataOf(reply)['id']))
    }

    async function perform({ does, which, how }: Step): Promise<void> {
      const token = how % 3 === 0 ? pick(tokens, which) : tokens[0]!
      const admin = tokens[0]!
      const subscription = `/subscriptions/${pick(subscriptions, which)}`
      switch (does) {
        case 'subscribe': {
          const body = how % 5 === 4 ? { delivery: 'pull' } : { callbackUrl: `${callback}&to=${which % 2}` }
          const key = how % 3 === 0 ? pick(keys, which) : ALICE
          const reply = await ask(
            'POST',
            `/subscriptions/${TRIGGERS[how % TRIGGERS.length]}`,
            { 'x-api-key': key === 'none' ? CAROL : key },
            body,
          )
          if (reply.status === 201) locations?.push(reply.headers.get('location')!)
          return addId(subscriptions, reply)
        }
        case 'end':
          return void (await ask('DELETE', pick(locations, which) === 'none' ? '/subscriptions/x/y' : pick(locations, which), {}))
        case 'add connection':
          return addId(connections, await api(token, 'POST', '/connections', { name: `c${how}`, apiKey: how % 2 ? ALICE : CAROL }))
        case 'remove connection':
          return void (await api(admin, 'DELETE', `/connections/${pick(connections, which)}`))
        case 'add owner': {
          const reply = await api(admin, 'POST', '/owners', { name: `o${how}` })
          if (reply.status === 201) tokens.push(String(dataOf(reply)['token']))
          return addId(owners, reply)
        }
        case 'remove owner':
          return void (await api(admin, 'DELETE', `/owners/${pick(owners, which)}`))
        case 'renew token': {
          const reply = await api(admin, 'POST', `/owners/${pick(owners, which)}/token`)
          if (reply.status === 200) tokens.push(String(dataOf(reply)['token']))
          return
        }
        case 'add key': {
          const reply = await api(token, 'POST', '/keys', { connectionId: pick(connections, how), name: `k${how}` })
          if (reply.status === 201) keys?.push(String(dataOf(reply)['key']))
          return addId(keyIds, reply)
        }
        case 'remove key':
          return void (await api(token, 'DELETE', `/keys/${pick(keyIds, how)}`))
        case 'exchange key':
          return void (await api(token, 'PATCH', `/connections/${pick(connections, how)}`, {
            apiKey: how % 2 ? ALICE : CAROL,
            name: `c${how}`,
          }))
        case 'test connection':
          return void (await api(token, 'POST', `/connections/${pick(connections, how)}/test`))
        case 'rotate':
          return void (await api(admin, 'POST', '/connections/rotate'))
        case 'call':
          return void (await ask('GET', '/v1/deals/1', { 'x-api-key': pick(keys, which) }))
        case 'pause':
        case 'resume':
        case 'test':
          return void (await api(token, 'POST', `${subscription}/${does}`))
        case 'replay':
          return void (await api(token, 'POST', `${subscription}/replay`, { since: '2026-01-01T00:00:00Z' }))
        case 'retarget':
          return void (await api(token, 'PATCH', subscription, { callbackUrl: `${callback}&to=${how % 2}` }))
        case 'remove':
          return void (await api(token, 'DELETE', subscription))
        case 'look':
          await Promise.all([
            api(token, 'GET', subscription),
            api(token, 'GET', `${subscription}/deliveries`),
            api(token, 'GET', '/subscriptions'),
          ])
          return
        case 'fetch': {
          const reply = await ask('GET', `${pick(locations, which)}/events`, {})
          if (reply.status === 200)
            pulled?.push(...(reply.body['data'] as Row[]).map(({ id }) => `${pick(locations, which)}/events/${String(id)}`))
          return
        }
        case 'report':
          return void (await ask(
            'POST',
            pick(pulled, how) === 'none' ? '/x' : pick(pulled, how),
            {},
            { status: [200, 500, 410][how % 3], ms: 1 },
          ))
        case 'deal':
          return void (await world.pipedrive('POST', '/api/v2/deals', { title: `Deal ${how}` }))
        case 'sweep':
          world.clock.advance(MONTH_MS)
          return sweepAccounts({ store, clock: world.clock })
      }
    }

    for (const wave of waves) {
      await Promise.all(wave.map(perform))
      expect(failures).toEqual([])
    }
    // After everything has ended, no account has a key.
    await Promise.all((locations ?? []).map((location) => ask('DELETE', location, {})))
    await Promise.all((subscriptions ?? []).map((id) => api(tokens[0]!, 'DELETE', `/subscriptions/${id}`)))
    expect(failures).toEqual([])
    await untilIdle()
    expect(await store.db.selectFrom('accounts').select('principal').where('sealed_key', 'is not', null).execute()).toEqual([])
  }

  async function untilIdle(): Promise<void> {
    const since = performance.now()
    for (;;) {
      const busy = await store.db
        .selectFrom('sources')
        .select(['id', 'kind', 'due_at', 'leased_by', 'trouble'])
        .where(({ or, eb }) => or([eb('due_at', '<', NEVER), eb('leased_by', 'is not', null)]))
        .execute()
      if (busy.length === 0) return
      if (performance.now() - since > STUCK_AFTER_MS) throw new Error(`sources that stay due: ${JSON.stringify(busy)}`)
      await pause(20)
    }
  }

  test('a test of a subscription that ends during the call to Pipedrive is a SubscriptionEnded error, and delivers nothing', async () => {
    await deleteAccounts(store)
    const world = await createWorld({ store, config: { publicUrl: CONNECTOR } })
    const send = (method: string, path: string, key: Record<string, string>, body?: Row) =>
      world.http(path, { method, headers: { ...key, 'content-type': 'application/json' }, ...(body && { body: JSON.stringify(body) }) })
    const api = (method: string, path: string, body?: Row) =>
      send(method, `/api${path}`, { authorization: `Bearer ${testConfig.adminToken!.reveal()}` }, body)
    const subscribe = async (key: string) => {
      const { body } = await send(
        'POST',
        '/subscriptions/TrigNewDealV2',
        { 'x-api-key': key },
        { callbackUrl: 'https://hooks.example.com/in' },
      )
      return String(body['id'])
    }
    const testEndingWith = async (id: string, end: () => Promise<unknown>) => {
      world.intercept(async (request, pass) => {
        if (!request.url.includes('/deals')) return undefined
        const response = await pass()
        world.intercept()
        await end()
        return response
      })
      const { status, body } = await api('POST', `/subscriptions/${id}/test`)
      return [status, body['code']]
    }
    await world.pipedrive('POST', '/api/v2/deals', { title: 'Chairs' })
    const { body: connection } = await api('POST', '/connections', { name: 'Sales', apiKey: CAROL })
    const { body: key } = await api('POST', '/keys', { connectionId: connection['id'], name: 'flow' })
    const [named, keyless] = [await subscribe(String(key['key'])), await subscribe(ALICE)]
    expect(await testEndingWith(keyless, () => api('DELETE', `/subscriptions/${keyless}`))).toEqual([409, 'SubscriptionEnded'])
    expect(await testEndingWith(named, () => api('DELETE', `/connections/${String(connection['id'])}`))).toEqual([404, 'NotFoundHere'])
    expect(await store.db.selectFrom('deliveries').select('id').execute()).toEqual([])
    await world.close()
  })

  test('no valid call gets a 5xx, and an ended subscription leaves no key behind', { timeout: 900_000 }, async () => {
    await fc.assert(fc.asyncProperty(history, run), { numRuns: RUNS, endOnFailure: true })
    // Only SQLite's statements are recorded.
    expect(plans.scans(['select "id" from "deliveries"']), 'statements that scan a growing table').toEqual([])
  })
})

/** Resolves when a statement on this database waits for a lock. */
async function untilLocked({ db }: Store): Promise<void> {
  const since = performance.now()
  for (;;) {
    const { rows } = await sql`
      select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(db)
    if (rows.length > 0) return
    if (performance.now() - since > STUCK_AFTER_MS) throw new Error('no statement waits for a lock')
    await pause(10)
  }
}

onPostgres('deadlocks', (newStore) => {
  test.each(['by its owner', 'at its Location'])(
    'a subscription ends %s although the database has aborted the transaction',
    async (how) => {
      const first = await newStore()
      const other = new pg.Client({ connectionString: newStore.urlOf(first) })
      await other.connect()
      // The connector detects the deadlock after 3 s, when both wait even on a slow machine; the other connection never does.
      await other.query(`do $$ begin execute format('alter database %I set deadlock_timeout = %L', current_database(), '3s'); end $$`)
      await other.query(`set deadlock_timeout = '10min'`)
      const store = await newStore.again(first)
      const world = await createWorld({ store, config: { publicUrl: CONNECTOR } })
      const subscribed = await world.http('/subscriptions/TrigNewDealV2', {
        method: 'POST',
        headers: { 'x-api-key': ALICE, 'content-type': 'application/json' },
        body: JSON.stringify({ callbackUrl: 'https://hooks.example.com/in/ABCDEFGHIJKL' }),
      })
      const id = String(subscribed.body['id'])
      const end = () =>
        how === 'by its owner'
          ? world.http(`/api/subscriptions/${id}`, {
              method: 'DELETE',
              headers: { authorization: `Bearer ${testConfig.adminToken!.reveal()}` },
            })
          : world.http(subscribed.headers.get('location')!, { method: 'DELETE' })
      await other.query('begin')
      await other.query('select id from sources for update')
      const ended = end()
      await untilLocked(store)
      await other.query('select id from subscriptions for update')
      await other.query('commit')
      expect((await ended).status).toBe(204)
      expect(await store.db.selectFrom('subscriptions').select('state').execute()).toEqual([{ state: 'ended' }])
      await Promise.all([world.close(), other.end()])
      await Promise.all([store.close(), first.close()])
    },
  )
})
