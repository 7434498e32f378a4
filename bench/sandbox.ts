/**
 * What the sandbox costs, on one pinned core (`taskset`, where the machine has it): start to first answer, GETs of a deal by id per second,
 * pages of 100 out of 100,000 deals. Beside it a bare node:http server that answers the same bytes on the same core, and an empty Node process:
 * quote the ratios, single times depend on the machine. Measures dist/ when it is there (`npm run build`), else src/.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer, request as httpRequest } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { Pool } from 'undici'

const DEALS = 100_000
const CONNECTIONS = 32
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 3)
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5)
const headers = { 'x-api-token': 'sandbox-alice' }
const root = join(import.meta.dirname, '..')
const built = join(root, 'dist/main.js')
const main = existsSync(built) && !process.argv.includes('--src') ? built : join(root, 'src/main.ts')
const conditions = main === built ? [] : ['--conditions=dealbridge-source']

/** The core of the server; the load comes from the others. */
const CORE = '1'
const pins = spawnSync('taskset', ['-c', CORE, 'true']).status === 0
const pinned = (...args: string[]): [string, string[]] =>
  pins ? ['taskset', ['-c', CORE, process.execPath, ...conditions, ...args]] : [process.execPath, [...conditions, ...args]]

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
const percentile = (values: readonly number[], part: number): number => values.toSorted((a, b) => a - b)[Math.floor(values.length * part)]!

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** The status of one GET on a new connection, or undefined if no server listens. */
const knock = (url: string): Promise<number | undefined> =>
  new Promise((resolve) => {
    const asked = httpRequest(url, { headers, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode))
    })
    asked.on('error', () => resolve(undefined)).end()
  })

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

interface StartedServer {
  url: string
  child: ChildProcess
  ms: number
}

/** Starts a server and waits for its first answer. */
async function start(port: number, ...args: string[]): Promise<StartedServer> {
  const began = performance.now()
  const child = spawn(...pinned(...args), { stdio: 'ignore', env: { ...process.env, PORT: String(port) } })
  const url = `http://127.0.0.1:${port}`
  while ((await knock(`${url}/api/v2/deals/1`)) !== 200) {
    assert.equal(child.exitCode, null, `${args.join(' ')} ended before it answered`)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  return { url, child, ms: performance.now() - began }
}
const startSandbox = async (...options: string[]) => {
  const port = await freePort()
  return await start(port, main, 'sandbox', '--port', String(port), ...options)
}

/** Calls per second over CONNECTIONS at once. */
async function throughput(url: string, paths: (at: number) => string): Promise<number> {
  const pool = new Pool(url, { connections: CONNECTIONS, pipelining: 1 })
  let done = 0
  const end = performance.now() + SECONDS * 1000
  const began = performance.now()
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (performance.now() < end) {
        const { statusCode, body } = await pool.request({ method: 'GET', path: paths(done++), headers })
        await body.dump({ limit: 1 << 20 })
        assert.equal(statusCode, 200)
      }
    }),
  )
  const perSecond = done / ((performance.now() - began) / 1000)
  await pool.close()
  return perSecond
}

/** Milliseconds of single calls, one after the other. */
async function latencies(url: string, path: (cursor: string | undefined) => string, calls: number): Promise<number[]> {
  const pool = new Pool(url, { connections: 1 })
  const times: number[] = []
  let cursor: string | undefined
  for (let at = 0; at < calls; at++) {
    const began = performance.now()
    const { statusCode, body } = await pool.request({ method: 'GET', path: path(cursor), headers })
    const page = JSON.parse(await body.text()) as { data: unknown[]; additional_data: { next_cursor: string | null } }
    times.push(performance.now() - began)
    assert.deepEqual([statusCode, page.data.length], [200, 100])
    cursor = page.additional_data.next_cursor ?? undefined
  }
  await pool.close()
  return times
}

async function measure(): Promise<void> {
  console.log(
    `${main.startsWith(join(root, 'dist')) ? 'dist' : 'src'}, ${pins ? `server pinned to core ${CORE}` : 'nothing pinned: no taskset here'}\n`,
  )
  const shown = (ms: number) => `${ms.toFixed(0)} ms`

  const starts: number[] = []
  const empties: number[] = []
  for (let round = 0; round < ROUNDS * 2; round++) {
    const began = performance.now()
    spawnSync(...pinned('-e', ''))
    empties.push(performance.now() - began)
    const { child, ms } = await startSandbox()
    starts.push(ms)
    await stop(child)
  }
  console.log(
    `start to first answer: ${shown(median(starts))}   (aim: under 300 ms; an empty Node process: ${shown(median(empties))}, ratio ${(median(starts) / median(empties)).toFixed(1)})`,
  )

  const sandbox = await startSandbox('--generate', String(DEALS))
  console.log(`start with ${DEALS} generated deals: ${shown(sandbox.ms)}`)
  const text = await (await fetch(`${sandbox.url}/api/v2/deals/1`, { headers })).text()
  const bare = await start(await freePort(), import.meta.filename, 'bare', text)
  const rates: number[] = []
  const ratios: number[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const ours = await throughput(sandbox.url, (at) => `/api/v2/deals/${31 + ((at * 7919) % DEALS)}`)
    const theirs = await throughput(bare.url, () => '/')
    if (round === 0) continue // the first round warms up
    rates.push(ours)
    ratios.push(ours / theirs)
  }
  await stop(bare.child)
  console.log(
    `GET by id: ${median(rates).toFixed(0)}/s   (aim: 8,000/s; ${median(ratios).toFixed(2)} of bare node:http with the same bytes)`,
  )

  for (const sort of ['id', 'update_time', 'add_time']) {
    const page = (cursor: string | undefined) => `/api/v2/deals?sort_by=${sort}&limit=100${cursor === undefined ? '' : `&cursor=${cursor}`}`
    const [first = 0, ...times] = await latencies(sandbox.url, page, 200)
    console.log(
      `page of 100 by ${sort}: ${median(times).toFixed(2)} ms, 99 % under ${percentile(times, 0.99).toFixed(2)} ms   (aim: under 5 ms; the very first ${first.toFixed(1)} ms)`,
    )
  }
  await stop(sandbox.child)
}

const [role, answer = ''] = process.argv.slice(2).filter((arg) => arg !== '--src')
if (role === 'bare') {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(answer)
  }).listen(Number(process.env['PORT']), '127.0.0.1')
  await once(server, 'listening')
  console.log('listening')
} else await measure()
