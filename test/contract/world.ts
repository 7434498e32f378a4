import { createApp } from '../../src/app.ts'
import type { Config } from '../../src/config/config.ts'
import type { Peer } from '../../src/adapters/http/http-context.ts'
import { manualClock, type ManualClock } from '../../src/kit/clock.ts'
import { silentLogger, type Logger } from '../../src/kit/logger.ts'
import { Secret } from '../../src/kit/secret.ts'
import { createFetchTransport } from '../../src/pipedrive/fetch-transport.ts'
import type { Behaviour } from '../../sandbox/src/behaviour.ts'
import { createSandbox } from '../../sandbox/src/index.ts'
import type { Deliver } from '../../sandbox/src/webhooks/deliver.ts'
import type { Store } from '../../src/store/store.ts'
import { contractOperations } from './operations.ts'

export const UPSTREAM = 'https://pipedrive.test'
export const CONNECTOR = 'https://connector.test'
/** Alice and Bob are in one company, where Bob sees less; Carol is in another one, on another plan. */
export const ALICE = 'sandbox-alice'
export const BOB = 'sandbox-bob'
export const CAROL = 'sandbox-carol'

/** A Row is a JSON object. */
export type Row = Record<string, unknown>

/** An UpstreamRequest is one request that reached Pipedrive. */
export interface UpstreamRequest {
  method: string
  path: string
  query: Record<string, string>
  body: Row | undefined
}

/** A Reply is what a caller of the connector gets. `body` is empty when there is none; of an array it is the rows. */
export interface Reply<B = Row> {
  status: number
  headers: Headers
  text: string
  body: B
}

/** A WireError is the body of every failure. */
export interface WireError extends Row {
  statusCode: number
  code: string
  message: string
  source: string
  requestId: string
  details: { field: string; message: string }[]
}

/** Replaces the response of Pipedrive to one request, or returns undefined. `pass` calls the sandbox. */
export type Interception = (request: Request, pass: () => Promise<Response>) => Promise<Response | undefined> | Response | undefined

export interface CallOptions {
  key?: string
  headers?: Record<string, string>
}

const read = async <B = Row>(response: Response): Promise<Reply<B>> => {
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json')
  return { status: response.status, headers: response.headers, text, body: (isJson && text ? JSON.parse(text) : {}) as B }
}

/** The settings of a connector in front of a sandbox at UPSTREAM. A test overrides what it needs. */
export const testConfig: Config = {
  hostname: '127.0.0.1',
  port: 0,
  upstream: UPSTREAM,
  publicUrl: undefined,
  allowHosts: [],
  trustedProxies: [],
  allowCompanies: [],
  activities: 'mine',
  dataDir: '/nowhere',
  store: undefined,
  hostIntents: true,
  settleSeconds: 10,
  // Without this, an app with a store creates a token file.
  adminToken: new Secret('the-admin-token-of-the-tests'),
  metricsToken: undefined,
  keys: `test:${Buffer.alloc(32, 7).toString('base64')}`,
  callsPerMinute: 100,
  role: 'all',
  subscriptions: 'any',
  targets: 'any',
  allowTargets: [],
  reconcileTokens: 300,
  logLevel: 'silent',
}

/** A WebhookRequest is a webhook that the sandbox sends to the connector. */
export interface WebhookRequest {
  url: string
  headers: Readonly<Record<string, string>>
  body: string
}

/** A World is a connector in front of a sandbox, with one clock for both. */
export type World = Awaited<ReturnType<typeof createWorld>>

export interface WorldOptions {
  config?: Partial<Config>
  behaviour?: Partial<Behaviour>
  /** Stays open. */
  store?: Store
  logger?: Logger
}

export async function createWorld({ config = {}, behaviour = {}, store, logger = silentLogger }: WorldOptions = {}) {
  const clock: ManualClock = manualClock()
  // Webhooks of the sandbox that are for the connector reach it as requests do.
  const deliver: Deliver = async ({ method, url, headers, body }) => {
    if (method === 'HEAD') return { status: 200 }
    if (!url.startsWith(`${CONNECTOR}/`)) return { failed: 'no server at this address' }
    hooks.push({ url, headers, body })
    return { status: (await fetch(new Request(url, { method, headers, body }), '203.0.113.7')).status }
  }
  const hooks: WebhookRequest[] = []
  const sandbox = createSandbox({ clock, behaviour, deliver })
  const sent: UpstreamRequest[] = []
  let interception: Interception | undefined

  const passing = async (request: Request): Promise<Response> => {
    const { pathname, searchParams } = new URL(request.url)
    const body = await request.clone().text()
    sent.push({
      method: request.method,
      path: pathname,
      query: Object.fromEntries(searchParams),
      body: body ? (JSON.parse(body) as Row) : undefined,
    })
    return (await interception?.(request, () => Promise.resolve(sandbox.fetch(request)))) ?? sandbox.fetch(request)
  }
  const transport = createFetchTransport(passing)

  let settings: Config = { ...testConfig, ...config }
  const open = () => createApp(settings, { clock, transport, logger, ...(store && { store }) })
  let app = await open()
  /** A port passes the socket with each request. */
  const fetch = (request: Request, remoteAddress: string) => {
    const behindPort: (request: Request, peer: Peer) => Response | Promise<Response> = app.fetch
    return behindPort(request, { incoming: { socket: { remoteAddress } } })
  }

  const http = async <B = Row>(path: string, init: RequestInit = {}, remoteAddress = '127.0.0.1'): Promise<Reply<B>> =>
    read<B>(await fetch(new Request(new URL(path, CONNECTOR), init), remoteAddress))

  return {
    clock,
    sandbox,
    /** Forwards a request to Pipedrive, for clients other than the connector's. */
    passing,
    /** All webhooks that Pipedrive sent to the connector. */
    hooks,
    /** Starts the background work of instant triggers. */
    listening: () => app.listening(CONNECTOR),
    /** Returns the requests that reached Pipedrive since the last call. */
    takeRequests: () => sent.splice(0),
    /** Returns the writes among them. */
    takeWrites: () => sent.splice(0).filter(({ method }) => method !== 'GET'),
    /** Intercepts requests between connector and sandbox; without an argument, stops that. */
    intercept: (by?: Interception) => void (interception = by),
    /** The handler that a port calls. */
    fetch: (request: Request, peer: Peer): Response | Promise<Response> =>
      (app.fetch as (request: Request, peer: Peer) => Response)(request, peer),
    /** Announces the shutdown to the connector. */
    drain: () => app.drain(),
    close: () => app.close(),
    /** Starts a connector with cold caches, as after a restart or on another instance. */
    async restart(changes: Partial<Config> = {}): Promise<void> {
      settings = { ...settings, ...changes }
      app = await open()
    },
    /** Sends any request to the connector, from any address. */
    http,
    /** Calls an operation of the contract; what is not in its path goes into its body. */
    call<B = Row>(id: string, input: Row = {}, { key = ALICE, headers = {} }: CallOptions = {}): Promise<Reply<B>> {
      const operation = contractOperations.find((o) => o.id === id)!
      const inPath = operation.parameters.filter((p) => p.in === 'path').map((p) => p.key)
      const path = inPath.reduce((at, name) => at.replace(`{${name}}`, encodeURIComponent(String(input[name]))), operation.path)
      const body = Object.fromEntries(Object.entries(input).filter(([name]) => !inPath.includes(name)))
      if (operation.method === 'GET')
        return http<B>(`${path}?${new URLSearchParams(body as Record<string, string>)}`, { headers: { 'x-api-key': key, ...headers } })
      return http<B>(path, {
        method: operation.method,
        headers: { 'x-api-key': key, 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      })
    },
    /** Calls the sandbox directly, without the connector. */
    async pipedrive(method: string, path: string, body?: Row, key = ALICE): Promise<Row> {
      const init = {
        method,
        headers: { 'x-api-token': key, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      }
      const reply = await read<{ data: Row }>(await sandbox.fetch(new Request(new URL(path, UPSTREAM), init)))
      if (reply.status >= 400) throw new Error(`${method} ${path}: ${reply.status} ${reply.text}`)
      return reply.body.data
    },
  }
}
