import { createSandbox } from '../sandbox/src/index.ts'
import type { Action } from '../src/catalog/define.ts'
import { catalog } from '../src/catalog/index.ts'
import { createConnections } from '../src/connections/connections.ts'
import type { CallReport } from '../src/engine/call-report.ts'
import { createEngine } from '../src/engine/execute.ts'
import type { RunningEngine } from '../src/engine/engine.ts'
import { DealbridgeError } from '../src/kit/errors/dealbridge-error.ts'
import { parseKeyRing } from '../src/kit/key-ring.ts'
import { silentLogger } from '../src/kit/logger.ts'
import { noMetrics } from '../src/kit/metrics.ts'
import { Secret } from '../src/kit/secret.ts'
import { createPipedriveClient } from '../src/pipedrive/client.ts'
import { createSpending } from '../src/pipedrive/ledger.ts'
import { TransportFailure, type Transport } from '../src/pipedrive/transport.ts'
import type { Store } from '../src/store/store.ts'
import { ALICE, UPSTREAM, type Row } from './contract/world.ts'
import { virtualClock } from './durability/virtual-clock.ts'
import { storeForProcess } from './durability/writes-process.ts'

const findOrCreatePerson = catalog.find((operation): operation is Action => operation.id === 'PersonFindOrCreate')!

/** Longer than the lease of a killed process. */
const SEARCH_LAG_SECONDS = 60

/** A FoundReply is what one caller gets. */
export interface FoundReply {
  /** `found`, `created`, or the code of an error. */
  outcome: string
  id: number | undefined
  message: string
  report: CallReport
}

/** A FoundProcess is one process of the connector; a killed one never answers. */
export interface FoundProcess {
  email(value: string, options?: CallOptions): Promise<FoundReply>
  call(input: Row, options?: CallOptions): Promise<FoundReply>
  /** Its next create reaches Pipedrive, or not, and the process dies. */
  killAtNextCreate(reached: 'reached' | 'not reached'): void
  readonly isDead: boolean
  /** Settles when it dies: its callers are disconnected. */
  readonly died: Promise<void>
}

interface CallOptions {
  /** What is sent with a create. */
  person?: Row
  key?: string
  on_several?: 'error' | 'oldest'
}

interface PersonsPage {
  data: { id: number; emails: { value: string }[] }[]
  additional_data: { next_cursor: string | null }
}

/** A sandbox whose search shows a new record a minute late, and processes of the connector in front of it. All of them have one virtual clock. */
export function findOrCreateWorld(database: Store | undefined) {
  const clock = virtualClock()
  const sandbox = createSandbox({ clock, behaviour: { searchSeesAfterSeconds: SEARCH_LAG_SECONDS } })
  const store = database && { ...storeForProcess(database, clock, (work) => work()), isShared: true }
  const engines: RunningEngine[] = []
  const sent: string[] = []

  function process(settleSeconds = 10): FoundProcess {
    const own = clock.forProcess()
    let dying: 'reached' | 'not reached' | undefined
    let isDead = false
    let disconnect = () => undefined as void
    const died = new Promise<void>((resolve) => (disconnect = resolve))
    const never = new Promise<never>(() => undefined)
    const transport: Transport = async ({ method, url, headers, body, timeoutMs }) => {
      if (isDead) return never
      const ended = new AbortController()
      const late = async () => {
        await own.sleep(timeoutMs, ended.signal)
        throw new Error('no answer in time')
      }
      const answer = async () => {
        const response = await sandbox.fetch(new Request(url, { method, headers, body }))
        return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() }
      }
      const { pathname } = new URL(url)
      sent.push(`${method} ${pathname}`)
      const kills = method === 'POST' && dying
      if (kills) {
        isDead = true
        own.stop()
        disconnect()
        if (kills === 'not reached') return never
      }
      try {
        const response = await Promise.race([answer(), late()])
        return isDead ? await never : response
      } catch (error) {
        if (isDead) return never
        throw new TransportFailure((error as { code?: string }).code === 'ECONNREFUSED' ? 'no' : 'maybe', (error as Error).message, error)
      } finally {
        ended.abort()
      }
    }
    const client = createPipedriveClient({ transport, upstream: UPSTREAM, clock: own, logger: silentLogger })
    const engine = createEngine({
      client,
      connections: createConnections({ clock: own, upstream: UPSTREAM, callsPerMinute: 100_000, store }),
      ring: parseKeyRing(`main:${Buffer.alloc(32, 1).toString('base64')}`),
      clock: own,
      logger: silentLogger,
      spending: createSpending(),
      activities: 'mine',
      store,
      metrics: noMetrics,
      hostIntents: true,
      settleSeconds,
    })
    engines.push(engine)
    let requests = 0
    const call: FoundProcess['call'] = async ({ by, value, person, ...rest }, { key } = {}) => {
      const fields = person as Row
      const flat = `${String(by)}s` in fields ? {} : { [String(by)]: value }
      const input = { find_by: by, name: 'A person', ...flat, ...fields, ...rest }
      const context = {
        requestId: `${engines.indexOf(engine)}-${++requests}`,
        credential: { key: new Secret(ALICE) },
        address: '192.0.2.1',
      }
      const { result, report } = await engine.execute(findOrCreatePerson, input, {
        ...context,
        ...(key !== undefined && { idempotencyKey: key }),
      })
      if (!result.ok) {
        if (!(result.error instanceof DealbridgeError)) throw result.error
        return { outcome: result.error.code, id: undefined, message: result.error.message, report }
      }
      const { record, created } = result.value as { record: { id: number }; created: boolean }
      return { outcome: created ? 'created' : 'found', id: record.id, message: '', report }
    }
    return {
      call,
      email(value, { person = {}, key, on_several } = {}) {
        const body = { name: `Person ${value}`, emails: [{ value, primary: true }], ...person }
        return call({ by: 'email', value, person: body, ...(on_several && { on_several }) }, key === undefined ? {} : { key })
      },
      killAtNextCreate: (reached) => void (dying = reached),
      died,
      get isDead() {
        return isDead
      },
    }
  }

  async function pipedrive<T = Row>(method: string, path: string, body?: Row): Promise<T> {
    const headers = { 'x-api-token': ALICE, 'content-type': 'application/json' }
    const answer = await sandbox.fetch(new Request(UPSTREAM + path, { method, headers, ...(body && { body: JSON.stringify(body) }) }))
    return ((await answer.json()) as { data: T }).data
  }

  /** The ids of all persons by e-mail address, in lower case. */
  async function byEmail(): Promise<Map<string, number[]>> {
    const found = new Map<string, number[]>()
    let cursor: string | null = ''
    while (cursor !== null) {
      const url: string = `${UPSTREAM}/api/v2/persons?limit=500${cursor && `&cursor=${cursor}`}`
      const answer = await sandbox.fetch(new Request(url, { headers: { 'x-api-token': ALICE } }))
      const page = (await answer.json()) as PersonsPage
      for (const { id, emails } of page.data)
        for (const { value } of emails) found.set(value.toLowerCase(), [...(found.get(value.toLowerCase()) ?? []), id])
      cursor = page.additional_data.next_cursor
    }
    return found
  }

  return {
    clock,
    sandbox,
    process,
    pipedrive,
    /** Method and path of the requests since the last call, without those for names of users. */
    asked: () => sent.splice(0).filter((request) => !request.includes('/users/')),
    /** The persons with this e-mail address in any case, by id. */
    persons: async (email: string): Promise<number[]> => (await byEmail()).get(email) ?? [],
    byEmail,
    async close() {
      for (const engine of engines) engine.drain()
      sandbox.close()
      await database?.db.deleteFrom('intents').execute()
    },
  }
}
