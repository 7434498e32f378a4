/**
 * Measures instant triggers: the response time of a burst of webhooks, the delay until the endpoint is called, events per second, tokens per
 * event, and memory per subscription. Every server is a separate process, both databases write to this machine's disk (fsync), and all of them
 * share this machine's cores with the sandbox and the endpoint.
 * Single times depend on the machine; quote them with the reference that the first line measures.
 */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import pg from 'pg'
import { Agent, request } from 'undici'
import { postgresPrograms, startCluster } from '../src/store/postgres-cluster.fixture.ts'
import { median } from './measure.ts'
import { dispatcher, send, startServer, type Server } from './servers.ts'

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5)
/** Administrators of four companies: each has a source of deals and one of activities. */
const KEYS = ['bench-1', 'bench-2', 'bench-3', 'bench-4'] as const
/** Of each kind in each company: events of one record wait for each other. */
const RECORDS = 100
const SEED = JSON.stringify({
  companies: KEYS.map((key) => ({
    name: `Company ${key}`,
    users: [{ name: `Admin ${key}`, key, admin: true }],
    deals: Array.from({ length: RECORDS }, (_, i) => ({ title: `Deal ${i}` })),
    activities: Array.from({ length: RECORDS }, (_, i) => ({ subject: `Activity ${i}` })),
  })),
})
const SUSTAINED = Number(process.env['BENCH_EVENTS'] ?? 4_000)
const MANY = Number(process.env['BENCH_SUBSCRIPTIONS'] ?? 10_000)

const percentile = (times: readonly number[], part: number): number =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * part))] ?? Number.NaN
const ms = (value: number): string => value.toFixed(1)

/** Counts what arrives, by path. */
async function startReceiver() {
  const arrivals = new Map<string, number[]>()
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      const at = arrivals.get(request.url!) ?? []
      at.push(performance.now())
      arrivals.set(request.url!, at)
      response.writeHead(202).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const total = () => [...arrivals.values()].reduce((sum, { length }) => sum + length, 0)
  return { url, at: (path: string) => arrivals.get(path) ?? [], total, clear: () => arrivals.clear(), close: () => server.close() }
}

async function until(done: () => boolean | Promise<boolean>, what: string, withinMs = 120_000): Promise<void> {
  const end = performance.now() + withinMs
  while (!(await done())) {
    if (performance.now() > end) throw new Error(`${what} did not happen within ${withinMs / 1_000} s`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** A Hook is a webhook in the sandbox: its URL and its credentials. */
interface Hook {
  key: string
  kind: string
  url: string
  authorization: string
}

async function hooksOf(sandbox: Server): Promise<Hook[]> {
  const all: Hook[] = []
  for (const key of KEYS) {
    const listed = await send(`${sandbox.url}/api/v1/webhooks`, 'GET', { 'x-api-token': key })
    for (const hook of dataOf<Record<string, string>[]>(listed))
      all.push({
        key,
        kind: hook['event_object']!,
        url: hook['subscription_url']!,
        authorization: `Basic ${Buffer.from(`${hook['http_auth_user']}:${hook['http_auth_password']}`).toString('base64')}`,
      })
  }
  return all
}

/** What an answer of Pipedrive's holds. */
const dataOf = <T>({ json }: { json: unknown }): T => (json as { data: T }).data

interface Sample {
  hook: Hook
  body: { data: Record<string, unknown>; previous: unknown; meta: Record<string, unknown> }
}

/** A change of each record, in turn for all sources: the bench sends them as Pipedrive would. */
async function samplesOf(sandbox: Server, hooks: readonly Hook[]): Promise<Sample[]> {
  const samples: Sample[] = []
  for (const hook of hooks) {
    const headers = { 'x-api-token': hook.key }
    const me = dataOf<Record<string, number>>(await send(`${sandbox.url}/api/v1/users/me`, 'GET', headers))
    const path = hook.kind === 'deal' ? 'deals' : 'activities'
    const listed = await send(`${sandbox.url}/api/v2/${path}?limit=${RECORDS}`, 'GET', headers)
    for (const data of dataOf<Record<string, unknown>[]>(listed))
      samples.push({
        hook,
        body: {
          data,
          previous: hook.kind === 'deal' ? { title: 'Before' } : { subject: 'Before' },
          meta: {
            action: 'change',
            company_id: String(me['company_id']),
            entity: hook.kind,
            entity_id: String(data['id']),
            version: '2.0',
            attempt: 1,
          },
        },
      })
  }
  // All sources at once, as when many users are at work.
  return samples.map((_, i) => samples[(i % hooks.length) * RECORDS + Math.floor(i / hooks.length)]!)
}

/** Pipedrive waits for no answer before it sends the next. */
const pipedrive = new Agent({ connections: 500 })
let moment = Date.now()
/** Each is another event. */
const post = async ({ hook, body }: Sample) => {
  const meta = { ...body.meta, id: randomUUID(), timestamp: new Date(++moment).toISOString() }
  const headers = { authorization: hook.authorization, 'content-type': 'application/json' }
  const answer = await request(hook.url, { dispatcher: pipedrive, method: 'POST', headers, body: JSON.stringify({ ...body, meta }) })
  await answer.body.dump()
  assert.equal(answer.statusCode, 200)
}

const subscribe = (connector: string, key: string, trigger: string, callbackUrl: string) =>
  send(`${connector}/subscriptions/${trigger}`, 'POST', { 'x-api-key': key }, { callbackUrl })

const receiver = await startReceiver()
const cluster = postgresPrograms() ? await startCluster([]) : undefined
if (!cluster) console.log('no PostgreSQL on this machine; `apt-get install postgresql` brings it')
const rows: Record<string, Record<string, string>> = {}

/** Milliseconds of each, all at once. */
const timesOf = (count: number, run: (i: number) => Promise<void>): Promise<number[]> =>
  Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const start = performance.now()
      await run(i)
      return performance.now() - start
    }),
  )

async function measure(name: string, store: string, workers: number): Promise<void> {
  const sandbox = await startServer('sandbox', SEED)
  const alone = workers === 0
  const web = await startServer('connector', sandbox.url, store, alone ? 'all' : 'web')
  const others = await Promise.all(Array.from({ length: workers }, () => startServer('connector', sandbox.url, store, 'worker')))
  receiver.clear()
  for (const key of KEYS) {
    await subscribe(web.url, key, 'TrigDealUpdated', `${receiver.url}/${key}/deal`)
    await subscribe(web.url, key, 'TrigActivityUpdated', `${receiver.url}/${key}/activity`)
    await subscribe(web.url, key, 'TrigNewDealV2', `${receiver.url}/${key}/added`)
  }
  const samples = await samplesOf(sandbox, await hooksOf(sandbox))
  const row: Record<string, string> = {}

  if (alone) {
    const bare = await startServer('bare')
    for (const burst of [200, 2_000]) {
      const answers: number[] = []
      const ratios: number[] = []
      for (let round = 0; round <= ROUNDS; round++) {
        const before = receiver.total()
        const times = await timesOf(burst, (i) => post(samples[i % samples.length]!))
        await until(() => receiver.total() >= before + burst, `a burst of ${burst}`)
        const bareTimes = await timesOf(burst, (i) =>
          post({ ...samples[i % samples.length]!, hook: { ...samples[0]!.hook, url: bare.url } }),
        )
        if (round === 0) continue
        answers.push(...times)
        ratios.push(percentile(times, 0.95) / percentile(bareTimes, 0.95))
      }
      row[`burst of ${burst}: p95 of a bare server's, one commit each`] = median(ratios).toFixed(2)
      row[`answer, burst of ${burst}: p50/p95/p99 ms`] = [0.5, 0.95, 0.99].map((part) => ms(percentile(answers, part))).join(' / ')
    }
    bare.process.disconnect()
    const delays: number[] = []
    for (let i = 0; i < 40 * ROUNDS; i++) {
      const path = `/${KEYS[0]}/added`
      const before = receiver.at(path).length
      const start = performance.now()
      await send(`${sandbox.url}/api/v2/deals`, 'POST', { 'x-api-token': KEYS[0] }, { title: `Deal ${i}` })
      await until(() => receiver.at(path).length > before, 'a new deal')
      delays.push(receiver.at(path).at(-1)! - start)
    }
    row['deal added to receiver: p50/p95 ms'] = [0.5, 0.95].map((part) => ms(percentile(delays, part))).join(' / ')
  }

  const rates: number[] = []
  for (let round = 0; round < Math.min(3, ROUNDS); round++) {
    const before = receiver.total()
    const start = performance.now()
    let left = SUSTAINED
    await Promise.all(
      Array.from({ length: 32 }, async () => {
        while (left-- > 0) await post(samples[left % samples.length]!)
      }),
    )
    await until(() => receiver.total() >= before + SUSTAINED, `${SUSTAINED} events`)
    rates.push(SUSTAINED / ((performance.now() - start) / 1_000))
  }
  row['events/s, sustained'] = median(rates).toFixed(0)
  rows[name] = row
  console.log(name, row)
  for (const server of [...others, web, sandbox]) {
    server.process.disconnect()
    await once(server.process, 'exit')
  }
}

async function memory(name: string, store: string): Promise<void> {
  const sandbox = await startServer('sandbox', SEED)
  const web = await startServer('connector', sandbox.url, store, 'all')
  await subscribe(web.url, KEYS[0], 'TrigNewDealV2', `${receiver.url}/first`)
  const before = await web.rssMb()
  let left = MANY - 1
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      while (left > 0) await subscribe(web.url, KEYS[0], 'TrigNewDealV2', `${receiver.url}/many/${left--}`)
    }),
  )
  web.process.disconnect()
  await once(web.process, 'exit')
  // What it takes to have them, not to make them.
  const later = await startServer('connector', sandbox.url, store, 'all')
  await new Promise((resolve) => setTimeout(resolve, 5_000))
  const [after, cpuBefore] = [await later.rssMb(), await later.cpuMs()]
  await new Promise((resolve) => setTimeout(resolve, 10_000))
  const idle = ((await later.cpuMs()) - cpuBefore) / 10_000
  console.log(
    `\n${name}, ${MANY} subscriptions: ${before.toFixed(0)} MiB with one, ${after.toFixed(0)} MiB with all; idle they take ${(idle * 100).toFixed(1)} % of a core`,
  )
  for (const server of [later, sandbox]) server.process.disconnect()
}

/** Each measurement begins with an empty database. */
async function fresh(): Promise<string> {
  const client = new pg.Client({ connectionString: cluster!.url })
  await client.connect()
  const name = `bench_${randomUUID().replaceAll('-', '')}`
  await client.query(`create database ${name}`)
  await client.end()
  const url = new URL(cluster!.url)
  url.pathname = `/${name}`
  return url.href
}

await measure('SQLite on disk', 'embedded', 0)
if (cluster) {
  await measure('PostgreSQL, one process', await fresh(), 0)
  for (const workers of [1, 2, 4]) await measure(`PostgreSQL, web + ${workers} worker${workers > 1 ? 's' : ''}`, await fresh(), workers)
}
console.log(`\nInstant triggers, ${ROUNDS} rounds`)
console.table(rows)
await memory('SQLite', 'embedded')
if (cluster) await memory('PostgreSQL', await fresh())
receiver.close()
await dispatcher.close()
await cluster?.stop()
process.exit(0)
