import { afterAll, beforeAll, beforeEach } from 'vitest'
import { createApp, type App } from '../src/app.ts'
import type { Config } from '../src/config/config.ts'
import { manualClock } from '../src/kit/clock.ts'
import { createLogger, silentLogger } from '../src/kit/logger.ts'
import { createFetchTransport } from '../src/pipedrive/fetch-transport.ts'
import { createSandbox, type FaultRule } from '../sandbox/src/index.ts'
import { openStore } from '../src/store/open-store.ts'
import type { Store } from '../src/store/store.ts'
import { ALICE, testConfig, UPSTREAM } from './contract/world.ts'

export type Row = Record<string, unknown>

/** One for all tests of a file; each finds it without intents. */
export let store: Store
beforeAll(async () => {
  store = await openStore({ place: { kind: 'memory' }, logger: silentLogger })
})
afterAll(() => store.close())

/** A Reply is what a caller got. */
export interface Reply {
  status: number
  headers: Headers
  body: Row
}

/** Starts a connector with a store in front of a sandbox, with one manual clock for both. */
async function createWorld(changes: Partial<Config> = {}) {
  const clock = manualClock()
  const sandbox = createSandbox({ clock })
  const sent: { method: string; path: string }[] = []
  let interception: ((request: Request, pass: () => Promise<Response>) => Promise<Response>) | undefined
  const open = (changed: Partial<Config> = {}, at = store): Promise<App> =>
    createApp(
      { ...testConfig, ...changes, ...changed },
      {
        clock,
        store: at,
        logger: createLogger('silent'),
        transport: createFetchTransport(async (request) => {
          sent.push({ method: request.method, path: new URL(request.url).pathname })
          const pass = () => Promise.resolve(sandbox.fetch(request))
          return interception ? interception(request, pass) : pass()
        }),
      },
    )
  const app = await open()
  const call = async (method: string, path: string, body: Row, headers: Record<string, string> = {}, by = app): Promise<Reply> => {
    const init = { method, headers: { 'x-api-key': ALICE, 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }
    const answer = await by.fetch(new Request(`http://dealbridge.test${path}`, init))
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Row }
  }
  return {
    clock,
    sandbox,
    open,
    call,
    addDeal: (body: Row, headers?: Record<string, string>, by?: App) => call('POST', '/v1/deals', body, headers, by),
    intercept: (by?: typeof interception) => void (interception = by),
    fault: (rule: FaultRule) => sandbox.faults.add(rule),
    writes: () => sent.splice(0).filter(({ method }) => method !== 'GET').length,
    asked: () => sent.splice(0).map(({ method, path }) => `${method} ${path}`),
    /** What is true in Pipedrive. */
    async deals(title: string): Promise<Row[]> {
      sandbox.faults.clear()
      const request = new Request(`${UPSTREAM}/api/v2/deals?limit=500`, { headers: { 'x-api-token': ALICE } })
      const { data } = (await (await sandbox.fetch(request)).json()) as { data: Row[] }
      return data.filter((deal) => deal['title'] === title)
    },
    async pipedrive(method: string, path: string, body?: Row): Promise<Row> {
      const headers = { 'x-api-token': ALICE, 'content-type': 'application/json' }
      const answer = await sandbox.fetch(new Request(UPSTREAM + path, { method, headers, ...(body && { body: JSON.stringify(body) }) }))
      return ((await answer.json()) as { data: Row }).data
    },
  }
}

/** A World is a connector with a store in front of a sandbox. */
export type World = Awaited<ReturnType<typeof createWorld>>
export let world: World
beforeEach(async () => {
  await store.db.deleteFrom('intents').execute()
  world = await createWorld()
})

export const key = (name: string) => ({ 'idempotency-key': name })
export const run = (id: string) => ({ 'x-ms-action-tracking-id': id })
export const POST = { method: 'POST', path: '/api/v2/deals', times: 1 } as const
export const replayed = ({ headers }: Reply) => headers.get('x-dealbridge-replayed')
export const intents = () => store.db.selectFrom('intents').selectAll().execute()
