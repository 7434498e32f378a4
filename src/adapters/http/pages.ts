import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import { withTimeout } from '../../kit/with-timeout.ts'
import type { Secret } from '../../kit/secret.ts'
import type { AuthThrottle } from '../../connections/auth-throttle.ts'
import { readBearerToken } from './bearer-token.ts'
import { MetricsTokenRefused } from './errors/metrics-token-refused.ts'
import { NotReady, type FailedCheck } from './errors/not-ready.ts'
import type { HttpContext } from './http-context.ts'
import type { Origin } from './origin.ts'
import type { HttpOutcome } from './outcome.ts'

/** A database that needs longer for a health check delays every call that uses it. */
const READY_WITHIN_MS = 2_000

/** A MetricsText is the text of all metrics, in the format that collectors read. */
export interface MetricsText {
  contentType: string
  body: string
}

export interface PagesOptions {
  version: string
  origin: Origin
  /** The API definition, for clients that reach this server at `baseUrl`; `sets` as in `readSets`. */
  swagger(baseUrl: string, sets?: string): object
  /** Whether this process finishes running requests and accepts no new ones. */
  draining(): boolean
  /** The checks of readiness, by name. A failed check rejects. */
  checks: Readonly<Record<string, () => Promise<void>>>
  metricsText?: (() => Promise<MetricsText>) | undefined
  /**
   * The bearer token that may read the metrics; without one the page is closed. The admin token does not open it: a collector stores its token in plain text and sends
   * it every few seconds, and this token would open every connection.
   */
  metricsToken: Secret | undefined
  throttle: AuthThrottle
}

/** Only names the token in the throttle, which stores no token. */
const METRICS_TOKEN = 'dealbridge metrics token'

/** The pages of a server, by path: version, API definition, health. All are GET, and only the metrics require a token. */
export function createPages(options: PagesOptions): Record<string, (c: HttpContext) => Promise<HttpOutcome>> {
  const { version, origin, swagger, draining, checks, metricsText, metricsToken, throttle } = options
  const json = (body: object): Promise<HttpOutcome> => Promise.resolve({ status: 200, body })
  return {
    '/': () =>
      json({
        name: 'Dealbridge',
        version,
        what: 'A Pipedrive connector: send a connection key of this server (dbk_…) or the API key of a Pipedrive user in the header x-api-key.',
        definition: '/swagger.json',
        health: '/healthz',
        ready: '/readyz',
        management: '/api/connections',
      }),
    '/healthz': () => json({ status: 'ok' }),
    async '/readyz'() {
      const found = draining() ? [{ field: 'server', message: 'is shutting down' }] : await failedChecks(checks)
      if (found.length > 0) throw new NotReady(found)
      return { status: 200, body: { status: 'ready' } }
    },
    '/swagger.json': (c) => json(swagger(origin.baseOf(c), c.req.query('sets'))),
    ...(metricsText && {
      async '/metrics'(c: HttpContext) {
        const token = readBearerToken(c.req.raw.headers)
        if (!token || !metricsToken) throw new MetricsTokenRefused(metricsToken !== undefined)
        const [name, address] = [token.digest(METRICS_TOKEN), origin.addressOf(c)]
        throttle.check(name, address)
        if (!metricsToken.equals(token)) {
          throttle.recordRefusal(name, address)
          throw new MetricsTokenRefused(true)
        }
        throttle.recordAcceptance(name)
        const { contentType, body } = await metricsText()
        return { status: 200, text: body, headers: { 'content-type': contentType } }
      },
    }),
  }
}

async function failedChecks(checks: PagesOptions['checks']): Promise<FailedCheck[]> {
  const found = await Promise.all(
    Object.entries(checks).map(async ([field, check]) => {
      try {
        await withTimeout(check(), READY_WITHIN_MS)
        return []
      } catch (error) {
        // Any other message could contain internal addresses and accounts.
        return [{ field, message: error instanceof DealbridgeError ? error.message : 'does not answer', cause: error }]
      }
    }),
  )
  return found.flat()
}
