import { Hono } from 'hono'
import type { Operation } from '../../catalog/define.ts'
import { createAuthThrottle, type AuthThrottle } from '../../connections/auth-throttle.ts'
import type { Registry } from '../../connections/registry.ts'
import type { Delivery } from '../../delivery/delivery.ts'
import type { Engine } from '../../engine/engine.ts'
import { systemClock } from '../../kit/clock.ts'
import type { Logger } from '../../kit/logger.ts'
import { noMetrics, type Metrics } from '../../kit/metrics.ts'
import type { Secret } from '../../kit/secret.ts'
import { createRespond, type Respond, type RouteInfo } from './respond.ts'
import { HOOK_ROUTE, hookHandler } from './hook-handler.ts'
import { createHostCheck } from './host-check.ts'
import type { HttpEnv } from './http-context.ts'
import { managementHandler } from './management-handler.ts'
import { managementRoutes } from './management.ts'
import { operationHandler } from './operation-handler.ts'
import { createOrigin, type Origin } from './origin.ts'
import { createPages, type MetricsText } from './pages.ts'
import { allowedMethods, honoPattern, noRoute, operationRoutes, withSlash, type Route } from './routes.ts'
import { RUNTIME_URL, runtimeUrlOf } from './runtime-url.ts'
import { subscriptionHandler, subscriptionRoutes } from './subscription-handler.ts'

export interface HttpAdapterOptions {
  catalog: readonly Operation[]
  engine: Engine
  logger: Logger
  version: string
  /** The API definition, for clients that reach this server at `baseUrl`. */
  swagger(baseUrl: string, sets?: string): object
  /** The URL at which clients reach this server, with a path if it has one. By default it is taken from each request. */
  publicUrl?: string | undefined
  /** The address that the server listens on; without it requests for any host are served. */
  hostname?: string
  /** Names beside those of this machine and of `publicUrl` that requests may be for. */
  allowHosts?: readonly string[]
  /** Addresses and CIDR ranges of the peers whose X-Forwarded-* headers are believed. */
  trustedProxies?: readonly string[]
  /** Named connections. Undefined without a store. */
  registry?: Registry | undefined
  /** Instant triggers. Undefined without a store. */
  delivery?: Delivery | undefined
  metrics?: Metrics
  /** Returns the text of /metrics. Without it there is no such page. */
  metricsText?: (() => Promise<MetricsText>) | undefined
  /** The bearer token that may read /metrics. */
  metricsToken?: Secret | undefined
  /** The throttle of this process; by default one of this adapter alone. */
  throttle?: AuthThrottle
  /** True while this process accepts no new requests: then /readyz fails. */
  draining?: () => boolean
  /** Serves only the pages: other processes take the requests. */
  pagesOnly?: boolean
  /** The checks of /readyz, by name. A failed check rejects. */
  checks?: Readonly<Record<string, () => Promise<void>>>
}

/** The catalog over HTTP: one handler for an operation, no middleware; everything that does not depend on the request is computed once. */
export function createHttpAdapter(options: HttpAdapterOptions): Hono<HttpEnv> {
  const { catalog, logger, publicUrl, hostname, allowHosts, trustedProxies = [], pagesOnly = false, metrics = noMetrics } = options
  const app = new Hono<HttpEnv>()
  const origin = createOrigin(publicUrl, trustedProxies)
  const checkHost = hostname === undefined ? () => undefined : createHostCheck({ hostname, publicUrl, allowHosts })
  const answer = createRespond(logger, metrics, checkHost)
  const { draining = () => false, checks = {}, metricsToken, throttle = createAuthThrottle({ clock: systemClock, metrics }) } = options

  if (!pagesOnly) takeRequests(app, { ...options, origin, answer, throttle })

  const pages = createPages({ ...options, origin, draining, checks, metricsToken, throttle })
  for (const [path, page] of Object.entries(pages)) {
    const route: RouteInfo = { route: path, name: path, challenge: 'bearer', compress: true, quiet: true }
    app.on('GET', withSlash(path), (c) => answer(c, route, () => page(c)))
  }

  const underRuntimeUrl: Route[] = pagesOnly ? [] : [...catalog, ...subscriptionRoutes]
  const routes: Route[] = [
    ...Object.keys(pages).map((path): Route => ({ method: 'GET', path })),
    ...underRuntimeUrl,
    ...underRuntimeUrl.map(({ method, path }): Route => ({ method, path: RUNTIME_URL + path })),
    ...(pagesOnly ? [] : [...managementRoutes, { method: 'POST', path: HOOK_ROUTE } as const]),
  ]
  app.notFound((c) =>
    answer(c, { route: 'none', name: 'none', challenge: 'basic' }, () => {
      const { method, path } = c.req
      const allow = method === 'OPTIONS' ? allowedMethods(routes, path) : []
      if (allow.length > 0) return Promise.resolve({ status: 204, headers: { allow: allow.join(', ') } })
      const runtimeUrl = runtimeUrlOf(path)
      // Compared without the common prefix, so that it does not count as similarity.
      throw runtimeUrl ? noRoute(underRuntimeUrl, method, path.slice(runtimeUrl.length) || '/', RUNTIME_URL) : noRoute(routes, method, path)
    }),
  )
  return app
}

type RequestDeps = HttpAdapterOptions & { origin: Origin; answer: Respond; throttle: AuthThrottle }

/** All routes but the pages. */
function takeRequests(app: Hono<HttpEnv>, { catalog, engine, registry, delivery, origin, answer, throttle }: RequestDeps): void {
  for (const route of operationRoutes(catalog)) {
    app.on(route.method, [...route.patterns], operationHandler(route, { engine, origin, answer, underRuntimeUrl: false }))
    const patterns = route.patterns.map((pattern) => honoPattern(RUNTIME_URL) + pattern)
    app.on(route.method, patterns, operationHandler(route, { engine, origin, answer, underRuntimeUrl: true }))
  }

  for (const route of managementRoutes)
    app.on(
      route.method,
      withSlash(honoPattern(route.path)),
      managementHandler(route, { registry, subscriptions: delivery?.subscriptions, origin, answer }),
    )

  app.on('POST', withSlash(honoPattern(HOOK_ROUTE)), hookHandler({ ingest: delivery?.ingest, origin, answer, throttle }))

  for (const route of subscriptionRoutes) {
    const given = { catalog, subscriptions: delivery?.subscriptions, origin, answer, throttle }
    app.on(route.method, withSlash(honoPattern(route.path)), subscriptionHandler(route, { ...given, underRuntimeUrl: false }))
    app.on(route.method, withSlash(honoPattern(RUNTIME_URL + route.path)), subscriptionHandler(route, { ...given, underRuntimeUrl: true }))
  }
}
