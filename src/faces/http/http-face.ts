import { Hono, type Context } from 'hono'
import { inspect } from 'node:util'
import type { Operation } from '../../catalog/define.ts'
import { newCall, type Call } from '../../engine/call.ts'
import type { Engine } from '../../engine/engine.ts'
import { newRequestId } from '../../kit/ids.ts'
import type { Logger } from '../../kit/logger.ts'
import { baseUrl } from './base-url.ts'
import { toResponse, type Outcome, type Visit } from './outcome.ts'
import { readBody } from './read-body.ts'
import { readKey } from './read-key.ts'
import { allowedMethods, noRoute, operationRoutes, withSlash, type OperationRoute, type Route } from './routes.ts'
import { createTrustedProxies } from './trusted-proxies.ts'
import { wireError } from './wire-error.ts'

/** A Peer is who is at the other end of the socket; `serveHttp` hands it over beside each request, tests may leave it out. */
export interface Peer {
  incoming?: { socket: { remoteAddress?: string | undefined } }
}
type HttpEnv = { Bindings: Peer | undefined }
type HttpContext = Context<HttpEnv>

export interface HttpFaceOptions {
  catalog: readonly Operation[]
  engine: Engine
  logger: Logger
  version: string
  /** The API definition, for whoever reaches this server at `baseUrl`. */
  swagger(baseUrl: string): object
  /** Where the outside reaches this server, perhaps with a path; without it each request tells. */
  publicUrl?: string | undefined
  /** Addresses and CIDR ranges of the peers whose X-Forwarded-* headers are believed. */
  trustedProxies?: readonly string[]
}

/** The catalog over HTTP: one handler for an operation, no middleware, everything that does not depend on the request worked out once. */
export function createHttpFace({
  catalog,
  engine,
  logger,
  version,
  swagger,
  publicUrl,
  trustedProxies = [],
}: HttpFaceOptions): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>()
  const proxies = createTrustedProxies(trustedProxies)
  const publicBase = publicUrl?.replace(/\/+$/, '')

  const peerOf = (c: HttpContext): string => c.env?.incoming?.socket.remoteAddress ?? 'unknown'
  const baseOf = (c: HttpContext): string => publicBase ?? baseUrl(c.req.raw, proxies.trusts(peerOf(c)))

  async function runOperation(route: OperationRoute, c: HttpContext, call: Call): Promise<Outcome> {
    const { operation } = route
    if (operation.kind !== 'trigger') return { status: 200, body: await engine.execute(operation, await readInput(route, c), call) }
    const location = `${baseOf(c)}${operation.path}?triggerstate=`
    const { items, state, retryAfterSeconds } = await engine.poll(operation, c.req.query('triggerstate'), call)
    const headers = { location: location + encodeURIComponent(state), 'retry-after': String(retryAfterSeconds) }
    return items.length > 0 ? { status: 200, body: items, headers } : { status: 202, headers }
  }

  /** Runs one request from its id to its log line. The signal of the request goes nowhere: a caller that hangs up stops no write. */
  async function answer(c: HttpContext, template: string, run: (visit: Visit) => Promise<Outcome>): Promise<Response> {
    const startedAt = performance.now()
    const visit: Visit = { requestId: newRequestId() }
    const { requestId } = visit
    let code: string | undefined
    let response: Response
    try {
      response = toResponse(await run(visit), visit)
    } catch (error) {
      const { body, headers } = wireError(error, requestId)
      code = body.code
      if (body.statusCode >= 500) logger.error({ requestId, code, error: describe(error, visit.call) }, 'a request failed')
      response = toResponse({ status: body.statusCode, body, headers }, visit)
    }
    const { ledger } = visit.call ?? {}
    // Probes ask for the pages every few seconds.
    logger[template in pages ? 'debug' : 'info'](
      {
        requestId,
        method: c.req.method,
        route: template,
        status: response.status,
        code,
        ms: Math.round((performance.now() - startedAt) * 10) / 10,
        account: visit.call?.account,
        upstreamCalls: ledger?.calls,
        tokens: ledger?.tokens,
      },
      'request',
    )
    return response
  }

  for (const route of operationRoutes(catalog)) {
    app.on(route.method, [...route.patterns], (c) =>
      answer(c, route.path, (visit) => {
        const key = readKey(c.req.raw.headers)
        const address = proxies.clientOf(peerOf(c), c.req.header('x-forwarded-for') ?? null)
        visit.call = newCall({ key }, address, visit.requestId)
        return runOperation(route, c, visit.call)
      }),
    )
  }

  const pages: Record<string, (c: HttpContext) => object> = {
    '/': () => ({
      name: 'Dealbridge',
      version,
      what: 'A Pipedrive connector: send the API key of a Pipedrive user in the header x-api-key.',
      definition: '/swagger.json',
      health: '/healthz',
    }),
    '/healthz': () => ({ status: 'ok' }),
    '/swagger.json': (c) => swagger(baseOf(c)),
  }
  for (const [path, page] of Object.entries(pages))
    app.on('GET', withSlash(path), (c) => answer(c, path, () => Promise.resolve({ status: 200, body: page(c) })))

  const routes: Route[] = [...catalog, ...Object.keys(pages).map((path) => ({ method: 'GET' as const, path }))]
  app.notFound((c) =>
    answer(c, 'none', () => {
      const allow = c.req.method === 'OPTIONS' ? allowedMethods(routes, c.req.path) : []
      if (allow.length > 0) return Promise.resolve({ status: 204, headers: { allow: allow.join(', ') } })
      throw noRoute(routes, c.req.method, c.req.path)
    }),
  )
  return app
}

async function readInput(route: OperationRoute, c: HttpContext): Promise<Record<string, unknown>> {
  const input = route.hasBody ? await readBody(c.req.raw) : {}
  for (const key of route.queryKeys) {
    const value = c.req.query(key)
    if (value !== undefined) input[key] = value
  }
  for (const key of route.pathKeys) input[key] = c.req.param(key) ?? ''
  return input
}

/** An error with stack and causes for the log; the key may have got into the message of a library's error. */
function describe(error: unknown, call: Call | undefined): string {
  const text = inspect(error, { depth: 4 })
  const key = call?.credential.key?.reveal()
  return key ? text.replaceAll(key, '[secret]') : text
}
