import { catalog } from './catalog/index.ts'
import { operationsIn, readSets } from './catalog/sets.ts'
import type { Trigger } from './catalog/define.ts'
import { sandboxPort } from './config/options.ts'
import { describeStore } from './config/store-place.ts'
import { portOf, readConfig, readStorePlace, storeOptions, serveOptions, upstreamOption, type Config } from './config/config.ts'
import { loadAdminToken } from './connections/admin-token.ts'
import { createAuthThrottle } from './connections/auth-throttle.ts'
import { createConnections } from './connections/connections.ts'
import { managementCommands } from './adapters/cli/management/management-commands.ts'
import { createRegistry } from './connections/create-registry.ts'
import { missingRingKeys } from './connections/missing-ring-keys.ts'
import type { Registry } from './connections/registry.ts'
import { listenCommand } from './adapters/cli/subscriptions/listen-command.ts'
import { subscriptionCommands } from './adapters/cli/subscriptions/subscription-commands.ts'
import { createDelivery, type Delivery } from './delivery/delivery.ts'
import { doctorCommand } from './doctor/doctor.ts'
import { createEngine } from './engine/execute.ts'
import { createHttpAdapter } from './adapters/http/http-adapter.ts'
import { serveHttp } from './adapters/http/serve-http.ts'
import { reachedAt, swagger } from './adapters/openapi/swagger.ts'
import { migrateCommand } from './adapters/power-platform/migrate/migrate-command.ts'
import { packageCommand } from './adapters/power-platform/package/package-command.ts'
import { systemClock, type Clock } from './kit/clock.ts'
import { columns } from './kit/columns.ts'
import type { Command } from './kit/command.ts'
import { isLoopback } from './kit/is-loopback.ts'
import { loadKeyRing } from './kit/key-ring.ts'
import { createLogger, type Logger } from './kit/logger.ts'
import { version } from './kit/version.ts'
import { createPipedriveClient } from './pipedrive/client.ts'
import { createSpending } from './pipedrive/ledger.ts'
import type { Transport } from './pipedrive/transport.ts'
import { createUndiciTransport } from './pipedrive/undici-transport.ts'
import { createMetrics } from './kit/prometheus-metrics.ts'
import { sandboxCommand } from '@dealbridge/sandbox/command'
import { createSandbox, serveSandbox } from '@dealbridge/sandbox'

import { storeCommands } from './store/command.ts'
import { openStore, type OpenStoreOptions } from './store/open-store.ts'
import type { Store } from './store/store.ts'

/** An App is the whole connector behind one `fetch`. */
export interface App {
  fetch(request: Request): Response | Promise<Response>
  /** Owners, connections and keys; undefined without a store. */
  readonly registry: Registry | undefined
  /** Instant triggers; undefined without a store. */
  readonly delivery: Delivery | undefined
  /** The file of the admin token, if none is configured. */
  readonly adminTokenFile: string | undefined
  /** Starts the background work. `url` is where requests reach this app. */
  listening(url: string): Promise<void>
  /** Prepares the stop: callers that wait for the result of a lost write get a request to retry. */
  drain(): void
  close(): Promise<void>
}

/** AppOverrides replace the environment of an app in tests. */
export interface AppOverrides {
  clock?: Clock
  transport?: Transport
  logger?: Logger
  /** The app does not close it. */
  store?: Store
}

/** During a stop, requests that Pipedrive has not answered by then are aborted, while their callers can still get an answer. */
const HANG_UP_AFTER_MS = 6_000

/** Errors of the start name the database; responses to callers never do. */
const openNamedStore = (options: OpenStoreOptions): Promise<Store> => openStore({ ...options, where: describeStore(options.place) })

/** Composition root: from a Config to an App. */
export async function createApp(config: Config, world: AppOverrides = {}): Promise<App> {
  const logger = world.logger ?? createLogger(config.logLevel)
  const ring = await loadKeyRing({ env: config.keys, dataDir: config.dataDir, create: isLoopback(config.hostname) })
  const needsAdmin = config.store ?? world.store
  const admin = needsAdmin && (await loadAdminToken({ configured: config.adminToken, dataDir: config.dataDir }))
  // readConfig compares the tokens of the environment; this one comes from a file.
  if (admin && config.metricsToken?.equals(admin.token))
    throw new Error(
      'DEALBRIDGE_METRICS_TOKEN is the admin token: a client that may only read metrics could change everything. Choose another one.',
    )
  const store = world.store ?? (config.store && (await openNamedStore({ place: config.store, logger })))
  const clock = world.clock ?? store?.clock ?? systemClock
  const metrics = createMetrics()
  const undici = world.transport ? undefined : createUndiciTransport()
  const client = createPipedriveClient({
    transport: world.transport ?? undici!.transport,
    upstream: config.upstream,
    clock,
    logger,
    metrics,
  })
  const throttle = createAuthThrottle({ clock, metrics })
  const connections = createConnections({
    clock,
    upstream: config.upstream,
    callsPerMinute: config.callsPerMinute,
    allowCompanies: config.allowCompanies,
    store,
    ring,
    logger,
    metrics,
    throttle,
  })
  for (const missing of store ? await missingRingKeys(store, ring) : [])
    logger.warn(
      missing,
      'secrets sealed with a key that is not on the key ring; restore the key, or set the API keys of the connections again',
    )
  const { checkCompany } = connections
  const registry =
    store &&
    createRegistry({
      store,
      ring,
      client,
      clock,
      adminToken: admin?.token,
      checkCompany,
      beforeRemoval: async (connectionId) => delivery?.subscriptions.onConnectionRemoved(connectionId),
      logger,
      metrics,
      throttle,
    })
  const spending = createSpending()
  const engine = createEngine({
    client,
    connections,
    ring,
    clock,
    logger,
    spending,
    store,
    metrics,
    activities: config.activities,
    hostIntents: config.hostIntents,
    settleSeconds: config.settleSeconds,
  })
  const { publicUrl, trustedProxies } = config
  let listeningAt: string | undefined
  const delivery =
    store &&
    createDelivery({
      store,
      ring,
      clock,
      logger,
      metrics,
      client,
      connections,
      spending,
      triggers: catalog.filter((operation): operation is Trigger => operation.kind === 'trigger' && operation.instant !== undefined),
      options: {
        role: config.role,
        subscribers: config.subscriptions,
        targets: { hosts: config.targets, allowed: config.allowTargets },
        reconcileTokens: config.reconcileTokens,
        activities: config.activities,
        // A sandbox on this machine can reach loopback addresses.
        hookBase: () => publicUrl ?? (isLoopback(new URL(config.upstream).hostname) ? listeningAt : undefined),
      },
    })
  let draining = false
  const http = createHttpAdapter({
    catalog,
    engine,
    logger,
    publicUrl,
    hostname: config.hostname,
    allowHosts: config.allowHosts,
    trustedProxies,
    version,
    metrics,
    metricsText: metrics.text,
    metricsToken: config.metricsToken,
    throttle,
    swagger: (baseUrl, sets) => swagger(operationsIn(catalog, readSets(sets)), reachedAt(baseUrl)),
    registry,
    delivery,
    draining: () => draining,
    pagesOnly: config.role === 'worker',
    checks: store ? { store: () => store.ping() } : {},
  })
  const drain = () => {
    draining = true
    engine.drain()
    delivery?.subscriptions.close()
    // A caller that gets "outcome unknown" does not retry blindly; a caller whose connection is cut may.
    setTimeout(() => void undici?.close(), HANG_UP_AFTER_MS).unref()
  }
  const close = async () => {
    await delivery?.stop()
    await engine.close()
    logger.info({ spent: spending.all() }, 'tokens spent by account and operation')
    await undici?.close()
    await connections.close()
    if (!world.store) await store?.close()
  }
  const listening = async (url: string) => {
    listeningAt = url
    await delivery?.start()
  }
  return { fetch: http.fetch, registry, delivery, adminTokenFile: admin?.file, listening, drain, close }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })))

/** The place of the store, without its password, and of the admin token. */
const locations = ({ store, adminToken }: Config, adminTokenFile: string | undefined): string => {
  const token = adminTokenFile ? `in the file ${adminTokenFile}` : adminToken && store && 'the one in DEALBRIDGE_ADMIN_TOKEN'
  return `  store            ${describeStore(store)}${token ? `\n  admin token      ${token}` : ''}`
}

/** Runs a connector until `stop`; `announce` prints its URL and locations. */
async function serve(config: Config, stop: AbortSignal, announce: (url: string, locations: string) => void): Promise<void> {
  const app = await createApp(config)
  const server = await serveHttp({ fetch: app.fetch, hostname: config.hostname, port: config.port }).catch(async (error: unknown) => {
    // An open database would keep the process alive although no request can reach it.
    await app.close()
    throw error
  })
  await app.listening(server.url)
  announce(server.url, locations(config, app.adminTokenFile))
  await aborted(stop)
  app.drain()
  await server.close()
  await app.close()
}

const serveCommand: Command = {
  name: 'serve',
  description: 'run the connector',
  prints: 'the URL of the connector, where the store is, and where the admin token is',
  options: [upstreamOption, ...serveOptions],
  run: (options, stop) =>
    serve(readConfig(options), stop, (url, more) =>
      console.log(`Dealbridge ${version} is at ${url}, in front of ${options['upstream']}\n${more}`),
    ),
}

const startCommand: Command = {
  name: 'start',
  description: 'run the connector in front of a sandbox Pipedrive',
  prints: 'the URLs of the connector and of the sandbox, and the API keys of the sandbox',
  options: [
    // The sandbox loses its records with the process, so the store must not outlive them.
    ...serveOptions.map((option) => (option.env === 'DEALBRIDGE_STORE' ? { ...option, default: 'memory' } : option)),
    sandboxPort,
  ],
  async run(options, stop) {
    // Reports all mistakes before anything listens.
    const { allowHosts } = readConfig({ ...options, upstream: 'http://127.0.0.1' })
    const sandbox = createSandbox({ hosts: allowHosts })
    const upstream = await serveSandbox({ sandbox, port: portOf('sandbox-port', options['sandboxPort']) })
    try {
      const config = readConfig({ ...options, upstream: upstream.url })
      await serve(config, stop, (url, more) => console.log(welcome(url, upstream.url, more, sandbox.keys)))
    } finally {
      await upstream.close()
    }
  },
}

const welcome = (url: string, sandboxUrl: string, more: string, keys: readonly { key: string; description: string }[]): string => `
Dealbridge ${version}
  connector        ${url}
  sandbox          ${sandboxUrl}      (Pipedrive simulator, data in memory)
${more}

API keys of the sandbox
${columns(keys.map(({ key, description }) => [`  ${key}`, description])).join('\n')}

Try it
  curl -s ${url}/v1/deals/1 -H 'x-api-key: ${keys[0]?.key}'
  curl -s ${url}/connector-v2/v1/deals -H 'x-api-key: ${keys[0]?.key}' -H 'content-type: application/json' -d '{"title":"My first deal","value":1250.5}'
  curl -si ${url}/connector-v2/trigger/v1/deals -H 'x-api-key: ${keys[0]?.key}'
`

const fileCommands = storeCommands({ options: storeOptions, place: readStorePlace, say: console.log, open: openNamedStore })

/** Every command of the program. */
export const commands: readonly Command[] = [
  startCommand,
  serveCommand,
  sandboxCommand,
  doctorCommand,
  ...managementCommands,
  ...subscriptionCommands,
  listenCommand,
  ...fileCommands,
  packageCommand,
  migrateCommand,
]
