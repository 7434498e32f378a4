/**
 * Measures the cost of safe writes: add deal without a store, with SQLite in a folder and with PostgreSQL, each without an idempotency key
 * (journaled only) and with an Idempotency-Key, and its replay. One call after the other, and over 16 connections. Each server is a separate
 * process; both databases write to this machine's disk (fsync). The sandbox is never reset: repeated ids would already be claimed, which costs
 * more than it does with Pipedrive.
 * Medians of alternating rounds; quote the ratios, single times depend on the machine.
 */
import { randomUUID } from 'node:crypto'
import { postgresPrograms, startCluster } from '../src/store/postgres-cluster.fixture.ts'
import { concurrent, CONCURRENT, CONNECTIONS, median, sequential, SEQUENTIAL } from './measure.ts'
import { dispatcher, send, startServer, type Server } from './servers.ts'

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5)
const KEY = 'sandbox-alice'
const newDeal = { title: 'Bench', value: 1250.5, stage_id: '1' }

const sandbox = await startServer('sandbox')
const cluster = postgresPrograms() ? await startCluster([]) : undefined
const stores: [string, string][] = [
  ['--store none', 'none'],
  ['SQLite, on disk', 'embedded'],
  ...(cluster ? [['PostgreSQL', cluster.url] as [string, string]] : []),
]
if (!cluster) console.log('no PostgreSQL on this machine; `apt-get install postgresql` brings it')

interface Contender {
  name: string
  server: Server
  run(): Promise<unknown>
}
const servers: Server[] = []
const contenders: Contender[] = []
for (const [name, store] of stores) {
  const server = await startServer('connector', sandbox.url, store)
  servers.push(server)
  const add = (headers: Record<string, string>) =>
    send(`${server.url}/connector-v2/v1/deals`, 'POST', { 'x-api-key': KEY, ...headers }, newDeal)
  contenders.push({ name, server, run: () => add({}) })
  if (store === 'none') continue
  const repeated = { 'idempotency-key': randomUUID() }
  contenders.push({ name: `${name}, Idempotency-Key`, server, run: () => add({ 'idempotency-key': randomUUID() }) })
  contenders.push({ name: `${name}, replay`, server, run: () => add(repeated) })
}

type Figures = Record<'p50' | 'rps' | 'cpu' | 'loop', number[]>
const figures = new Map<string, Figures>(contenders.map(({ name }) => [name, { p50: [], rps: [], cpu: [], loop: [] }]))
for (let round = 0; round <= ROUNDS; round++) {
  for (const { name, server, run } of contenders) {
    const cpuBefore = await server.cpuMs()
    const p50 = await sequential(run)
    await server.loopDelayMs()
    const rps = await concurrent(run)
    const loop = await server.loopDelayMs()
    const cpu = ((await server.cpuMs()) - cpuBefore) / (SEQUENTIAL + CONCURRENT)
    if (round === 0) continue // the first round warms up
    const own = figures.get(name)!
    own.p50.push(p50)
    own.rps.push(rps)
    own.cpu.push(cpu)
    own.loop.push(loop)
  }
}

/** Against the connector without a store, round by round, so that a drift of the machine does not count. */
const base = figures.get(contenders[0]!.name)!
const against = (name: string, figure: keyof Figures, how: (value: number, of: number) => number) =>
  median(figures.get(name)![figure].map((value, i) => how(value, base[figure][i]!)))
console.log(`\nAdd deal: medians of ${ROUNDS} rounds`)
console.table(
  Object.fromEntries(
    contenders.map(({ name }) => [
      name,
      {
        'p50 ms, 1 at a time': median(figures.get(name)!.p50).toFixed(2),
        'ms above none': against(name, 'p50', (value, of) => value - of).toFixed(2),
        'ratio of p50': against(name, 'p50', (value, of) => value / of).toFixed(2),
        [`calls/s, ${CONNECTIONS} at a time`]: median(figures.get(name)!.rps).toFixed(0),
        'ratio of calls/s': against(name, 'rps', (value, of) => value / of).toFixed(2),
        'server CPU ms/call': median(figures.get(name)!.cpu).toFixed(2),
        'event loop delay p99 ms': median(figures.get(name)!.loop).toFixed(1),
      },
    ]),
  ),
)

for (const server of [sandbox, ...servers]) server.process.disconnect()
await dispatcher.close()
await cluster?.stop()
