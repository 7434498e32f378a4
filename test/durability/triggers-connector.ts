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
  /** How far its clock is from the machine's. */
  aheadMs: number
}

// The connector as `serve` runs it, but on a clock that the test can move.
const { place, upstream, publicUrl, role, aheadMs } = JSON.parse(process.argv[2]!) as ConnectorSettings
let ahead = aheadMs
const clock: Clock = { now: () => systemClock.now() + ahead, sleep: systemClock.sleep }
const config: Config = {
  hostname: '127.0.0.1',
  port: 0,
  upstream,
  publicUrl,
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
// Opened here, so that the test can look into it while it belongs to this process alone.
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

const orders = {
  port: () => server.port,
  ahead: (ms: number) => void (ahead = ms),
  /** Looks at once for what has become due, instead of within a second. */
  look() {
    for (const name of ['sources', 'subscriptions']) store.signal(name)
  },
  stop,
  /** What is still to be done, now or later. */
  async waiting() {
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

/** A Waiting is what the database says of the work that is left. */
export interface RemainingWork {
  inbox: number
  pending: number
  dead: number
  /** Lanes that are worked on, or could be. */
  busy: number
  /** When the first of the others is due; null when none is. */
  nextAt: number | null
  events: number
  reconciled: number
  sources: string
}
export type ConnectorCommands = typeof orders
serveCommands(orders)
