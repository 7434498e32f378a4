/** One server of the bench in its own process: sandbox, connector or pass-through. Sends its URL, and on request its CPU time. */
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { DatabaseSync } from 'node:sqlite'
import { Agent, request } from 'undici'
import { createApp } from '../src/app.ts'
import { readConfig } from '../src/config/config.ts'
import { serveHttp } from '../src/adapters/http/serve-http.ts'
import { createSandbox } from '../sandbox/src/index.ts'
import type { SeedFile } from '../sandbox/src/seed/seed-schema.ts'
import { serveSandbox } from '../sandbox/src/serve.ts'
import { follow, type Recipe } from './recipe.ts'

/**
 * `upstream` is where Pipedrive is; for the sandbox a seed as JSON, or nothing. `more` is the recipes of the pass-through, and the store of the connector: none, embedded, or the URL of a PostgreSQL. `share` is what a
 * connector does of the work that several share.
 */
const [role = '', upstream = '', more, share = 'all'] = process.argv.slice(2)
/** Those who share a database share the keys. */
const KEYS = `bench:${Buffer.alloc(32, 1).toString('base64')}`
const data = mkdtempSync(join(tmpdir(), 'dealbridge-bench-'))

const roles: Record<string, () => Promise<string>> = {
  sandbox: async () =>
    (await serveSandbox({ sandbox: createSandbox(upstream ? { seed: JSON.parse(upstream) as SeedFile } : {}), port: 0 })).url,
  async connector() {
    // DATABASE_URL takes the place of the embedded store, and of no other.
    const store = more?.startsWith('postgres') ? 'embedded' : (more ?? 'none')
    const unlimited = { callsPerMinute: '1000000000', logLevel: 'error', store, hostIntents: 'on', settleSeconds: '10' }
    const options = {
      port: '0',
      host: '127.0.0.1',
      upstream,
      activities: 'mine',
      role: share,
      allowTarget: '127.0.0.0/8',
      subscriptions: 'any',
      targets: 'any',
      reconcileTokens: '300',
      data,
      ...unlimited,
    }
    const app = await createApp(readConfig(options, more?.startsWith('postgres') ? { DATABASE_URL: more, DEALBRIDGE_KEYS: KEYS } : {}))
    const { url } = await serveHttp({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 })
    await app.listening(url)
    return url
  },
  'pass-through': passThrough,
  bare,
}

/** The yardstick for what must be durable before it is answered: each request is one commit of its own, synced, in a file of SQLite. */
async function bare(): Promise<string> {
  const database = new DatabaseSync(join(data, 'bare.db'))
  database.exec('pragma journal_mode = wal; pragma synchronous = full; create table bodies (body text)')
  const insert = database.prepare('insert into bodies values (?)')
  const server = createServer((incoming, response) => {
    let body = ''
    incoming.setEncoding('utf8').on('data', (text: string) => (body += text))
    incoming.on('end', () => {
      insert.run(body)
      response.writeHead(200).end('{}')
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** What a connector costs that does nothing but make the same upstream calls: the yardstick for concurrency. */
function passThrough(): Promise<string> {
  const { get, add } = JSON.parse(more ?? '{}') as { get: Recipe; add: Recipe }
  const dispatcher = new Agent({ connections: 64 })
  const sendAs = (key: string) => async (call: Recipe[number][number]) => {
    const headers = { 'x-api-token': key, ...(call.body ? { 'content-type': 'application/json' } : {}) }
    const answer = await request(`${upstream}${call.path}`, {
      dispatcher,
      method: call.method,
      headers,
      body: call.body ? JSON.stringify(call.body) : null,
    })
    return answer.body.json()
  }
  const app = new Hono()
  app.get('/get', async (c) => c.json((await follow(get, sendAs(c.req.header('x-api-key')!))) as object))
  app.post('/add', async (c) => {
    await c.req.json()
    return c.json((await follow(add, sendAs(c.req.header('x-api-key')!))) as object)
  })
  return new Promise((resolve) => {
    serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, (info: AddressInfo) => resolve(`http://127.0.0.1:${info.port}`))
  })
}

/** Its thousand looks a second take some per cent of a core: only when asked for. */
const loop = monitorEventLoopDelay({ resolution: 1 })
process.on('message', (asked) => {
  if (asked === 'loop') {
    process.send!({ loopDelayMs: loop.percentile(99) / 1_000_000 })
    loop.enable()
    return loop.reset()
  }
  const { user, system } = process.cpuUsage()
  process.send!({
    cpuMs: (user + system) / 1000,
    rssMb: process.memoryUsage.rss() / 1_048_576,
  })
})
process.on('disconnect', () => {
  rmSync(data, { recursive: true, force: true })
  process.exit(0)
})
process.send!({ url: await roles[role]!() })
