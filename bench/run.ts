/**
 * How much the connector adds to a call: get deal by id (mapped, warm) and add deal, one after the other and over 16 connections, beside
 * (a) the same upstream calls made directly with undici, (b) the official client, (c) a bare hono + undici pass-through that makes the same calls.
 * Each server is a separate process. Medians of alternating rounds; quote the ratios, single times depend on the machine.
 */
import { Configuration, DealsApi } from 'pipedrive/v2'
import { concurrent, CONCURRENT, CONNECTIONS, median, sequential, SEQUENTIAL } from './measure.ts'
import { follow, type Recipe, type UpstreamCall } from './recipe.ts'
import { dispatcher, send, startServer, type Server } from './servers.ts'

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5)
const KEY = 'sandbox-alice'
type LoggedCall = UpstreamCall & { tokens: number }

const sandbox = await startServer('sandbox')
const connector = await startServer('connector', sandbox.url)
const servers = [sandbox, connector]

const viaConnector = (method: 'GET' | 'POST', path: string, body?: unknown) =>
  send(`${connector.url}${path}`, method, { 'x-api-key': KEY }, body)
const log = async () => (await send(`${sandbox.url}/_sandbox/requests`, 'GET', {})).json as unknown as LoggedCall[]

/** What one warm request of ours asks of Pipedrive, from the sandbox's own log. */
async function observe(run: () => Promise<unknown>): Promise<LoggedCall[]> {
  await run()
  const before = (await log()).length
  await run()
  return (await log()).slice(before)
}

const deals = (
  (
    await send(`${sandbox.url}/api/v2/deals?include_fields=next_activity_id,last_activity_id&status=open&limit=100`, 'GET', {
      'x-api-token': KEY,
    })
  ).json as unknown as { data: Record<string, number | null>[] }
).data
const busy = deals.find((d) => d['person_id'] && d['org_id'] && d['next_activity_id'] && d['last_activity_id'])!
const { person_id, org_id, stage_id, pipeline_id } = busy
const newDeal = { title: 'Bench', value: 1250.5, stage_id: String(stage_id), person_id, org_id }
const v2Deal = { title: 'Bench', value: 1250.5, stage_id, pipeline_id, person_id, org_id }

/** The sandbox as it was at its start, with one deal that has a person and an organization but no activity; its id is the same each time. */
async function freshSandbox(): Promise<number> {
  await send(`${sandbox.url}/_sandbox/reset`, 'POST', {})
  const made = await send(`${sandbox.url}/api/v2/deals`, 'POST', { 'x-api-token': KEY }, v2Deal)
  return (made.json as unknown as { data: { id: number } }).data.id
}
const plainId = await freshSandbox()

const observed = {
  get: await observe(() => viaConnector('GET', `/v1/deals/${plainId}`)),
  getBusy: await observe(() => viaConnector('GET', `/v1/deals/${busy['id']}`)),
  add: await observe(() => viaConnector('POST', '/connector-v2/v1/deals', newDeal)),
}
const recipeOf = (calls: LoggedCall[], body?: unknown): Recipe =>
  [calls.slice(0, 1), calls.slice(1)]
    .filter((wave) => wave.length > 0)
    .map((wave) => wave.map(({ method, path }) => ({ method, path, ...(method === 'POST' && { body }) })))
const recipes = { get: recipeOf(observed.get), add: recipeOf(observed.add, v2Deal) }

const passThrough = await startServer('pass-through', sandbox.url, JSON.stringify(recipes))
servers.push(passThrough)
const direct = ({ method, path, body }: UpstreamCall) => send(`${sandbox.url}${path}`, method, { 'x-api-token': KEY }, body)
const official = new DealsApi(new Configuration({ apiKey: KEY, basePath: `${sandbox.url}/api/v2` }))

interface Contender {
  name: string
  get(): Promise<unknown>
  add(): Promise<unknown>
  server?: Server
}
const contenders: Contender[] = [
  {
    name: 'dealbridge',
    server: connector,
    get: () => viaConnector('GET', `/v1/deals/${plainId}`),
    add: () => viaConnector('POST', '/connector-v2/v1/deals', newDeal),
  },
  { name: '(a) undici, direct', get: () => follow(recipes.get, direct), add: () => follow(recipes.add, direct) },
  {
    name: '(b) official client',
    get: () => official.getDeal({ id: plainId }),
    add: () => official.addDeal({ AddDealRequest: v2Deal as never }),
  },
  {
    name: '(c) pass-through',
    server: passThrough,
    get: () => send(`${passThrough.url}/get`, 'GET', { 'x-api-key': KEY }),
    add: () => send(`${passThrough.url}/add`, 'POST', { 'x-api-key': KEY }, newDeal),
  },
]

type Figures = Record<'p50' | 'rps' | 'cpu', number[]>
const figures = new Map<string, Figures>()
for (let round = 0; round <= ROUNDS; round++) {
  for (const action of ['get', 'add'] as const) {
    for (const contender of contenders) {
      await freshSandbox()
      const run = () => contender[action]()
      const cpuBefore = (await contender.server?.cpuMs()) ?? 0
      const p50 = await sequential(run)
      const rps = await concurrent(run)
      const cpu = (((await contender.server?.cpuMs()) ?? Number.NaN) - cpuBefore) / (SEQUENTIAL + CONCURRENT)
      if (round === 0) continue // the first round warms up
      const name = `${action} ${contender.name}`
      const own = figures.get(name) ?? { p50: [], rps: [], cpu: [] }
      own.p50.push(p50)
      own.rps.push(rps)
      own.cpu.push(cpu)
      figures.set(name, own)
    }
  }
}

const of = (action: string, contender: Contender, figure: keyof Figures) => median(figures.get(`${action} ${contender.name}`)![figure])
/** Round by round, so that a drift of the machine does not count. */
const ratio = (action: string, a: Contender, b: Contender, figure: keyof Figures) => {
  const [of1, of2] = [a, b].map((c) => figures.get(`${action} ${c.name}`)![figure]) as [number[], number[]]
  return median(of1.map((value, i) => value / of2[i]!))
}
const [ours, a, , c] = contenders as [Contender, Contender, Contender, Contender]

for (const action of ['get', 'add'] as const) {
  console.log(`\n${action === 'get' ? 'Get deal by id (mapped, warm)' : 'Add deal'}: medians of ${ROUNDS} rounds`)
  console.table(
    Object.fromEntries(
      contenders.map((contender) => [
        contender.name,
        {
          'p50 ms, 1 at a time': of(action, contender, 'p50').toFixed(2),
          [`calls/s, ${CONNECTIONS} at a time`]: of(action, contender, 'rps').toFixed(0),
          'server CPU ms/call': contender.server ? of(action, contender, 'cpu').toFixed(2) : '',
        },
      ]),
    ),
  )
  const added = median(figures.get(`${action} ${ours.name}`)!.p50.map((value, i) => value - figures.get(`${action} ${a.name}`)!.p50[i]!))
  console.log(
    `sequential p50: ${added.toFixed(2)} ms above (a), ratio ${ratio(action, ours, a, 'p50').toFixed(2)}   (aim: at most 1.5 ms above)`,
  )
  console.log(
    `${CONNECTIONS} connections: ${ratio(action, ours, c, 'rps').toFixed(2)} of (c), ${ratio(action, ours, a, 'rps').toFixed(2)} of (a)   (aim: at least 0.6 of (c))`,
  )
}
const price = (calls: LoggedCall[]) => `${calls.length} upstream calls, ${calls.reduce((sum, call) => sum + call.tokens, 0)} tokens`
console.log(
  `\nwarm get deal without activities: ${price(observed.get)} (aim: at most 3 tokens); with next and last activity: ${price(observed.getBusy)} (aim: at most 5)`,
)
console.log(`warm add deal: ${price(observed.add)}`)

for (const server of servers) server.process.disconnect()
await dispatcher.close()
