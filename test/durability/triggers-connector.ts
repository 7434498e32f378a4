import { createApp } from '../../src/app.ts'
import type { Config } from '../../src/config/config.ts'
import { NEVER } from '../../src/store/lease-statements.ts'
import { serveHttp } from '../../src/adapters/http/serve-http.ts'
import { systemClock, type Clock } from '../../src/kit/clock.ts'
import { createLogger } from '../../src/kit/logger.ts'
import { Secret } from '../../src/kit/secret.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { StorePlace } from '../../src/store/store.ts'
import { serveCommands } from './triggers-commands.ts'

/** A ConnectorSettings is what a process of the connector is started with. */
export interface ConnectorSettings {
  place: StorePlace
  upstream: string
  publicUrl: string
  role: Config['role']
  /** How far its clock is ahead of the machine's. */
  aheadMs: number
}

// The connector as `serve` runs it, with a clock that the test can move.
const { place, upstream, publicUrl, role, aheadMs } = JSON.parse(process.argv[2]!) as ConnectorSettings
let ahead = aheadMs
const clock: Clock = { now: () => systemClock.now() + ahead, sleep: systemClock.sleep }
const config: Config = {
  hostname: '127.0.0.1',
  port: 0,
  upstream,
  publicUrl,
  allowHosts: [],
  trustedProxies: [],
  allowCompanies: [],
  activities: 'mine',
  dataDir: '/nowhere',
  store: place,
  hostIntents: true,
  settleSeconds: 10,
  adminToken: new Secret('the-admin-token-of-the-tests'),
  metricsToken: undefined,
  keys: `test:${Buffer.alloc(32, 7).toString('base64')}`,
  callsPerMinute: 10_000,
  role,
  subscriptions: 'any',
  targets: 'any',
  allowTargets: ['127.0.0.0/8'],
  reconcileTokens: 300,
  logLevel: 'warn',
}
const logger = createLogger(config.logLevel)
// Opened here, so that the test can query it: the embedded store belongs to one process.
const store = await openStore({ place, logger })
const app = await createApp(config, { clock, logger, store })
const server = await serveHttp({ fetch: app.fetch, hostname: config.hostname, port: config.port })
await app.listening(server.url)

async function stop(): Promise<void> {
  app.drain()
  await server.close()
  await app.close()
  await store.close()
}

const commands = {
  port: () => server.port,
  setAhead: (ms: number) => void (ahead = ms),
  /** Polls the queues immediately, instead of within a second. */
  pollQueues() {
    for (const name of ['sources', 'subscriptions']) store.signal(name)
  },
  stop,
  /** Counts the work that is left, now or later. */
  async remainingWork() {
    const now = new Date(clock.now())
    const all = [
      ...(await store.db.selectFrom('sources').select(['due_at', 'leased_until']).execute()),
      ...(await store.db.selectFrom('subscriptions').select(['due_at', 'leased_until']).execute()),
    ]
    const deliveries = await store.db.selectFrom('deliveries').select('state').where('state', '<>', 'delivered').execute()
    const events = await store.db.selectFrom('events').select('origin').execute()
    const inbox = await store.db.selectFrom('inbox').select('id').execute()
    const sources = await store.db.selectFrom('sources').select(['trouble', 'mode', 'mode_reason']).execute()
    const later = all.map(({ due_at: at }) => at.getTime()).filter((at) => at < NEVER.getTime())
    return {
      inbox: inbox.length,
      pending: deliveries.filter(({ state }) => state === 'pending').length,
      dead: deliveries.filter(({ state }) => state === 'dead').length,
      busy: all.filter(({ due_at: at, leased_until: leased }) => leased !== null || at <= now).length,
      nextAt: later.length > 0 ? Math.min(...later) : null,
      events: events.length,
      reconciled: events.filter(({ origin }) => origin === 'reconciled').length,
      sources: sources.map(({ trouble, mode, mode_reason: reason }) => trouble ?? `${mode} ${reason ?? ''}`).join('; '),
    } satisfies RemainingWork
  },
}

/** RemainingWork is the work that the database still has. */
export interface RemainingWork {
  inbox: number
  pending: number
  dead: number
  /** Work items that are leased or due. */
  busy: number
  /** When the next work item is due; null if there is none. */
  nextAt: number | null
  events: number
  reconciled: number
  sources: string
}
export type ConnectorCommands = typeof commands
serveCommands(commands)
