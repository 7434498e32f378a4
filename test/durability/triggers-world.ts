import { randomInt } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import { eventually } from '../../src/kit/eventually.fixture.ts'
import type { StorePlace } from '../../src/store/store.ts'
import { createDeliveryLedger, recordTally, type DeliveryTally } from './triggers-ledger.ts'
import type { ConnectorCommands, ConnectorSettings, RemainingWork } from './triggers-connector.ts'
import { ALICE, START_TIME } from './triggers-constants.ts'
import { openGate } from './triggers-gate.ts'
import { startChild, type Child } from './triggers-process.ts'
import { startReceiver } from './triggers-receiver.ts'
import type { PipedriveRequest, SandboxCommands } from './triggers-sandbox.ts'

type Connector = Child<ConnectorCommands>
/** A TriggersWorld is four programs, their clocks, and what a test can do to them. */
export type TriggersWorld = Awaited<ReturnType<typeof openWorld>>

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
export const HOUR_MS = 60 * MINUTE_MS
/** How often to check whether work is left. */
const CHECK_EVERY_MS = 100
/** Deliveries that failed together are retried at about the same time. */
const RETRY_SPREAD = 1.15
const LONGEST_STEP_MS = 6 * HOUR_MS

/** A port outside the range for client ports, so that it stays free while its process restarts. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000)
    const server = createServer()
    const isFree = await new Promise<boolean>((done) => server.once('error', () => done(false)).listen(port, '127.0.0.1', () => done(true)))
    if (!isFree) continue
    await new Promise((done) => server.close(done))
    return port
  }
}

/** A StoreEngine is the database of the connector. */
export interface StoreEngine {
  name: string
  newPlace(): Promise<StorePlace>
}

/** These tests kill processes, not disks: a file system in memory is enough, and faster. */
const FOLDERS = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

export function folderPlace(): StorePlace {
  const folder = mkdtempSync(join(FOLDERS, 'dealbridge-triggers-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return { kind: 'embedded', folder }
}

/** Starts Pipedrive (the sandbox), a gate, and a receiver; the connector processes between them are started and killed by the test. */
export async function openWorld(scenario: string, engine: StoreEngine) {
  const place = await engine.newPlace()
  const receiver = await startReceiver(await freePort())
  onTestFinished(() => receiver.close())
  const gate = await openGate(await freePort())
  onTestFinished(() => gate.close())
  const sandbox = await startChild<SandboxCommands>('triggers-sandbox.ts')
  onTestFinished(() => sandbox.kill())
  const upstream = await sandbox.commands.url()
  await sandbox.commands.setClock(START_TIME)
  const ledger = createDeliveryLedger()
  let ahead = Date.parse(START_TIME) - Date.now()
  const processes: { role: ConnectorSettings['role']; child: Connector; port: number }[] = []
  const running = () => processes.filter(({ child }) => child.alive)
  const updateBackends = () => gate.setBackends(running().flatMap(({ role, port }) => (role === 'worker' ? [] : [port])))

  async function start(role: ConnectorSettings['role'] = 'all'): Promise<Connector> {
    const settings: ConnectorSettings = { place, upstream, publicUrl: gate.url, role, aheadMs: ahead }
    const child = await startChild<ConnectorCommands>('triggers-connector.ts', JSON.stringify(settings))
    onTestFinished(() => child.kill())
    processes.push({ role, child, port: await child.commands.port() })
    updateBackends()
    return child
  }

  /** Runs statements on the database, as its operator does. */
  async function query(...statements: string[]): Promise<void> {
    if (place.kind !== 'postgres') return
    const client = new pg.Client({ connectionString: place.url! })
    await client.connect()
    for (const statement of statements) await client.query(statement)
    await client.end()
  }

  /** SIGKILL; then 31 s pass, after which leases expire. The embedded store releases them at once. */
  async function kill(): Promise<void> {
    await Promise.all(running().map(({ child }) => child.kill()))
    updateBackends()
    const expire = (table: string) =>
      `update ${table} set leased_until = leased_until - interval '31 seconds' where leased_until is not null`
    await query(expire('sources'), expire('subscriptions'))
  }

  /** Advances the connector's clock alone. */
  async function advanceConnector(ms: number): Promise<void> {
    ahead += ms
    await Promise.all(running().map(({ child }) => child.commands.setAhead(ahead)))
  }
  /** Advances all clocks. */
  async function advance(ms: number): Promise<void> {
    await Promise.all([advanceConnector(ms), sandbox.commands.advance(ms)])
    await Promise.all(running().map(({ child }) => child.commands.pollQueues()))
  }

  /** Whether work is left now, and when more becomes due. */
  async function progress(): Promise<{ isBusy: boolean; isDone: boolean; nextAt: number | undefined; left: unknown }> {
    const [upstream, work] = await Promise.all([sandbox.commands.webhooks(), running()[0]?.child.commands.remainingWork()])
    const isBusy = receiver.inFlight > 0 || upstream.due > 0 || (work !== undefined && work.inbox + work.busy > 0)
    const moments = [upstream.nextAt, work?.nextAt].filter((at) => typeof at === 'number')
    return {
      isBusy,
      isDone: !isBusy && upstream.pending === 0 && work?.pending === 0,
      nextAt: moments.length > 0 ? Math.min(...moments) : undefined,
      left: [upstream.pending, work?.inbox, work?.pending, work?.events, work?.reconciled],
    }
  }

  async function diagnosis(): Promise<string> {
    const work = await running()[0]?.child.commands.remainingWork().catch(String)
    const webhooks = await sandbox.commands.webhooks().catch(String)
    const clock = new Date(Date.now() + ahead).toISOString()
    const outputs = processes.map(({ role, child }) => `${role}: ${child.output()}`).join('\n')
    return `${JSON.stringify(ledger.count(receiver.requests))} ${ledger.describeFaults(receiver.requests)}\n${clock} ${JSON.stringify({ work, webhooks })}\n${outputs}`
  }

  /**
   * Waits for a condition. If no work is due, the clocks advance to the time at which work becomes due; the longer nothing arrives, the further.
   * Passing time is not progress; an arrival or less remaining work is.
   */
  async function until(what: string, condition: () => boolean | Promise<boolean>, timePasses = true): Promise<void> {
    let [checkedAt, arrived, stepMs] = [performance.now(), -1, MINUTE_MS]
    let left: unknown
    const arrivedNow = () => receiver.requests.length + gate.webhooks.length
    const advanceIfIdle = async () => {
      if (performance.now() - checkedAt < CHECK_EVERY_MS) return
      // If time does not pass, the process may die during the request.
      const state = await progress().catch((error: unknown) => {
        if (timePasses) throw error
      })
      checkedAt = performance.now()
      left = state?.left
      if (!timePasses || !state || state.isBusy) return
      const waitMs = state.nextAt === undefined ? HOUR_MS : Math.max(0, state.nextAt - Date.now() - ahead) * RETRY_SPREAD + SECOND_MS
      stepMs = arrivedNow() === arrived ? Math.min(2 * stepMs, LONGEST_STEP_MS) : MINUTE_MS
      arrived = arrivedNow()
      await advance(Math.max(waitMs, stepMs > MINUTE_MS ? stepMs : 0))
      checkedAt = performance.now()
    }
    const check = async () => {
      if (await condition()) return
      await advanceIfIdle()
      throw new Error(`${scenario}: timeout: ${what}`)
    }
    try {
      await eventually(check, () => [arrivedNow(), left])
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${await diagnosis()}`, { cause: error })
    }
  }
  const idle = () => until('all work is done', async () => (await progress()).isDone)

  const received = (): number => ledger.count(receiver.requests).received
  return {
    ledger,
    receiver,
    gate,
    upstream,
    sandbox: sandbox.commands,
    start,
    kill,
    advanceConnector,
    advance,
    until,
    received,
    diagnosis,
    endDatabaseConnections: () =>
      query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()'),
    idle,
    remainingWork: (): Promise<RemainingWork> => running()[0]!.child.commands.remainingWork(),
    /** Stops all processes as SIGTERM does. */
    async stop(): Promise<void> {
      for (const { child } of running()) {
        await child.commands.stop()
        await child.kill()
      }
      updateBackends()
    },
    async subscribe(trigger: string, path: string): Promise<void> {
      const answer = await fetch(`${gate.url}/subscriptions/${trigger}`, {
        method: 'POST',
        headers: { 'x-api-key': ALICE, 'content-type': 'application/json' },
        body: JSON.stringify({ callbackUrl: receiver.url(path) }),
      })
      if (answer.status !== 201) throw new Error(`${trigger}: ${answer.status} ${await answer.text()}\n${await diagnosis()}`)
      // Waits for the list comparison after the registration of the webhook.
      await idle()
    },
    /** Adds deals in one batch. */
    async addDeals(count: number, body: Record<string, unknown> = {}): Promise<number[]> {
      const requests = Array.from({ length: count }, (_, i): PipedriveRequest => ({
        method: 'POST',
        path: '/api/v2/deals',
        body: { title: `Deal ${i}`, ...body },
      }))
      return ((await sandbox.commands.request(requests)) as { id: number }[]).map(({ id }) => id)
    },
    async change(ids: readonly number[], body: Record<string, unknown>): Promise<void> {
      await sandbox.commands.request(ids.map((id): PipedriveRequest => ({ method: 'PATCH', path: `/api/v2/deals/${id}`, body })))
    },
    /** Waits for all expected events; then four more hours for unexpected ones. */
    async finish(): Promise<DeliveryTally> {
      await until('all events have arrived', () => ledger.count(receiver.requests).lost === 0)
      const tokens = await sandbox.commands.tokensSpent()
      const atOnce = received()
      for (let hours = 0; hours < 4; hours += 2) {
        await idle()
        await advance(2 * HOUR_MS)
      }
      await idle()
      const { reconciled } = await running()[0]!.child.commands.remainingWork()
      const tally: DeliveryTally = {
        scenario,
        store: engine.name,
        ...ledger.count(receiver.requests),
        'found by reconciliation': reconciled,
        'tokens per event': Math.round((100 * tokens) / atOnce) / 100,
      }
      recordTally(tally)
      if (tally.lost + tally['second ids'] > 0) throw new Error(`${scenario}: ${await diagnosis()}`)
      return tally
    },
  }
}
