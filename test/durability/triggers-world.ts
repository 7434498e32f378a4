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
import { ALICE, START_TIME, type UpstreamRequest } from './triggers-constants.ts'
import { openGate } from './triggers-gate.ts'
import { startChild, type Child } from './triggers-process.ts'
import { startReceiver } from './triggers-receiver.ts'
import type { SandboxCommands } from './triggers-sandbox.ts'

type Connector = Child<ConnectorCommands>
/** A TriggersWorld is four programs and their clocks, and what a test does to them. */
export type TriggersWorld = Awaited<ReturnType<typeof openWorld>>

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
export const HOUR_MS = 60 * MINUTE_MS
/** How often to see whether anything is left to do now. */
const LOOK_EVERY_MS = 100
/** What failed together is tried again at about the same time. */
const AND_WHAT_COMES_SOON_AFTER = 1.15
const LONGEST_STEP_MS = 6 * HOUR_MS

/** Outside of the range from which systems take ports for clients: a process that is started again finds its own free. */
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

/** An Engine is where the connector keeps what it knows. */
export interface StoreEngine {
  name: string
  newPlace(): Promise<StorePlace>
}

/** Processes are killed here, and no disk fails: where there is a file system in memory, waiting for a disk proves nothing. */
const FOLDERS = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

export function folderPlace(): StorePlace {
  const folder = mkdtempSync(join(FOLDERS, 'dealbridge-triggers-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return { kind: 'embedded', folder }
}

/** Pipedrive, the connector, a gate before it and a receiver behind it: four programs, of which the connector's processes die. */
export async function openWorld(scenario: string, engine: StoreEngine) {
  const place = await engine.newPlace()
  const receiver = await startReceiver(await freePort())
  onTestFinished(() => receiver.close())
  const gate = await openGate(await freePort())
  onTestFinished(() => gate.close())
  const sandbox = await startChild<SandboxCommands>('triggers-sandbox.ts')
  onTestFinished(() => sandbox.kill())
  const upstream = await sandbox.orders.url()
  await sandbox.orders.clock(START_TIME)
  const book = createDeliveryLedger()
  let ahead = Date.parse(START_TIME) - Date.now()
  const processes: { role: ConnectorSettings['role']; child: Connector; port: number }[] = []
  const living = () => processes.filter(({ child }) => child.alive)
  const openDoors = () => gate.leadsTo(living().flatMap(({ role, port }) => (role === 'worker' ? [] : [port])))

  async function start(role: ConnectorSettings['role'] = 'all'): Promise<Connector> {
    const settings: ConnectorSettings = { place, upstream, publicUrl: gate.url, role, aheadMs: ahead }
    const child = await startChild<ConnectorCommands>('triggers-connector.ts', JSON.stringify(settings))
    onTestFinished(() => child.kill())
    processes.push({ role, child, port: await child.orders.port() })
    openDoors()
    return child
  }

  /** Asks the database, as whoever runs it does. */
  async function query(...statements: string[]): Promise<void> {
    if (place.kind !== 'postgres') return
    const client = new pg.Client({ connectionString: place.url! })
    await client.connect()
    for (const statement of statements) await client.query(statement)
    await client.end()
  }

  /** -9, and the half minute passes after which the database takes the dead for dead. An embedded one knows at once. */
  async function kill(): Promise<void> {
    await Promise.all(living().map(({ child }) => child.kill()))
    openDoors()
    const later = (table: string) =>
      `update ${table} set leased_until = leased_until - interval '31 seconds' where leased_until is not null`
    await query(later('sources'), later('subscriptions'))
  }

  /** The connector's clock alone. */
  async function jump(ms: number): Promise<void> {
    ahead += ms
    await Promise.all(living().map(({ child }) => child.orders.ahead(ahead)))
  }
  /** For everybody. */
  async function pass(ms: number): Promise<void> {
    await Promise.all([jump(ms), sandbox.orders.advance(ms)])
    await Promise.all(living().map(({ child }) => child.orders.look()))
  }

  /** What is to be done now, and when there is more; nothing where nothing ever will be. */
  async function outlook(): Promise<{ isBusy: boolean; isDone: boolean; nextAt: number | undefined; left: unknown }> {
    const [upstream, waiting] = await Promise.all([sandbox.orders.webhooks(), living()[0]?.child.orders.waiting()])
    const isBusy = receiver.underWay > 0 || upstream.due > 0 || (waiting !== undefined && waiting.inbox + waiting.busy > 0)
    const moments = [upstream.nextAt, waiting?.nextAt].filter((at) => typeof at === 'number')
    return {
      isBusy,
      isDone: !isBusy && upstream.pending === 0 && waiting?.pending === 0,
      nextAt: moments.length > 0 ? Math.min(...moments) : undefined,
      left: [upstream.pending, waiting?.inbox, waiting?.pending, waiting?.events, waiting?.reconciled],
    }
  }

  async function diagnosis(): Promise<string> {
    const waiting = await living()[0]?.child.orders.waiting().catch(String)
    const webhooks = await sandbox.orders.webhooks().catch(String)
    const clock = new Date(Date.now() + ahead).toISOString()
    const complaints = processes.map(({ role, child }) => `${role}: ${child.complaint()}`).join('\n')
    return `${JSON.stringify(book.count(receiver.requests))} ${book.faults(receiver.requests)}\n${clock} ${JSON.stringify({ waiting, webhooks })}\n${complaints}`
  }

  /**
   * Waits for something. When there is nothing left to do at the moment, it becomes the moment at which there is more; the longer nothing comes, the later.
   * That time passes is no progress; that something comes, or that less is left, is.
   */
  async function until(what: string, isSo: () => boolean | Promise<boolean>, timePasses = true): Promise<void> {
    let [lookedAt, come, stepMs] = [performance.now(), -1, MINUTE_MS]
    let left: unknown
    const comeNow = () => receiver.requests.length + gate.hooks.length
    const goOn = async () => {
      if (performance.now() - lookedAt < LOOK_EVERY_MS) return
      // Where time does not pass, the process may die while it is asked.
      const seen = await outlook().catch((error: unknown) => {
        if (timePasses) throw error
      })
      lookedAt = performance.now()
      left = seen?.left
      if (!timePasses || !seen || seen.isBusy) return
      const waitMs =
        seen.nextAt === undefined ? HOUR_MS : Math.max(0, seen.nextAt - Date.now() - ahead) * AND_WHAT_COMES_SOON_AFTER + SECOND_MS
      stepMs = comeNow() === come ? Math.min(2 * stepMs, LONGEST_STEP_MS) : MINUTE_MS
      come = comeNow()
      await pass(Math.max(waitMs, stepMs > MINUTE_MS ? stepMs : 0))
      lookedAt = performance.now()
    }
    const look = async () => {
      if (await isSo()) return
      await goOn()
      throw new Error(`${scenario}: ${what} did not come true`)
    }
    try {
      await eventually(look, () => [comeNow(), left])
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${await diagnosis()}`, { cause: error })
    }
  }
  const done = () => until('that all is done', async () => (await outlook()).isDone)

  const received = (): number => book.count(receiver.requests).received
  return {
    book,
    receiver,
    gate,
    upstream,
    sandbox: sandbox.orders,
    start,
    kill,
    jump,
    pass,
    until,
    received,
    diagnosis,
    endDatabaseConnections: () =>
      query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()'),
    done,
    waiting: (): Promise<RemainingWork> => living()[0]!.child.orders.waiting(),
    /** As SIGTERM does it. */
    async stop(): Promise<void> {
      for (const { child } of living()) {
        await child.orders.stop()
        await child.kill()
      }
      openDoors()
    },
    async subscribe(trigger: string, path: string): Promise<void> {
      const answer = await fetch(`${gate.url}/subscriptions/${trigger}`, {
        method: 'POST',
        headers: { 'x-api-key': ALICE, 'content-type': 'application/json' },
        body: JSON.stringify({ callbackUrl: receiver.url(path) }),
      })
      if (answer.status !== 201) throw new Error(`${trigger}: ${answer.status} ${await answer.text()}\n${await diagnosis()}`)
      // The first look after a webhook's birth is over.
      await done()
    },
    /** New deals, all at once. */
    async addDeals(count: number, body: Record<string, unknown> = {}): Promise<number[]> {
      const askings = Array.from({ length: count }, (_, i): UpstreamRequest => ({
        method: 'POST',
        path: '/api/v2/deals',
        body: { title: `Deal ${i}`, ...body },
      }))
      return ((await sandbox.orders.ask(askings)) as { id: number }[]).map(({ id }) => id)
    },
    async change(ids: readonly number[], body: Record<string, unknown>): Promise<void> {
      await sandbox.orders.ask(ids.map((id): UpstreamRequest => ({ method: 'PATCH', path: `/api/v2/deals/${id}`, body })))
    },
    /** Waits for all that is expected; then, for what nobody expects, four hours more. */
    async finish(): Promise<DeliveryTally> {
      await until('that all has come', () => book.count(receiver.requests).lost === 0)
      const spent = await sandbox.orders.spent()
      const atOnce = received()
      for (let hours = 0; hours < 4; hours += 2) {
        await done()
        await pass(2 * HOUR_MS)
      }
      await done()
      const { reconciled } = await living()[0]!.child.orders.waiting()
      const tally: DeliveryTally = {
        scenario,
        store: engine.name,
        ...book.count(receiver.requests),
        'found by reconciliation': reconciled,
        'tokens per event': Math.round((100 * spent) / atOnce) / 100,
      }
      recordTally(tally)
      if (tally.lost + tally['second ids'] > 0) throw new Error(`${scenario}: ${await diagnosis()}`)
      return tally
    },
  }
}
