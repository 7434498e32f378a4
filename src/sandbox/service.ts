import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import type { Clock } from '../kit/clock.ts'
import type { Behaviour } from './behaviour.ts'
import { controlRoutes } from './control.ts'
import type { Meter } from './economics.ts'
import { removedFromV1, type Unserved, unserved, unservedV1, unservedV1Fixed, V1_METHODS } from './elsewhere.ts'
import { type Answer, failure, html, json, Refusal, unauthorized, wording } from './http/answer.ts'
import type { RequestLog } from './request-log.ts'
import type { Call, Route } from './resources/route.ts'
import { routes } from './routes.ts'
import type { World } from './state/company.ts'
import { rfc3339, wholeSeconds } from './time.ts'

/** A State is everything that a sandbox remembers; a reset puts new parts into it. */
export interface State {
  clock: Clock
  behaviour: Behaviour
  world: World
  meter: Meter
  log: RequestLog
  /** Seconds until a new record can be read. */
  lateSeconds: number
}

type Handle = Route['handle']

const EXPOSED =
  'X-RateLimit-Remaining, X-RateLimit-Limit, X-RateLimit-Reset, X-Daily-RateLimit-Token-Limit, X-Daily-RateLimit-Token-Remaining'

const toResponse = ({ status, body, html: isHtml, headers }: Answer, more: Record<string, string>): Response =>
  new Response(body, {
    status,
    headers: {
      'content-type': isHtml ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8',
      'x-correlation-id': randomUUID(),
      'access-control-expose-headers': EXPOSED,
      ...headers,
      ...more,
    },
  })

const tooManyRequests = (form: Behaviour['tooManyRequestsBody']): Answer => {
  if (form === 'html') return html(429, '429 Too Many Requests')
  return form === 'empty' ? { status: 429, body: '' } : json(429, { success: false, error: 'Rate limit exceeded', errorCode: 429 })
}

const isJson = (contentType: string | null): boolean => contentType !== null && /^application\/([\w.-]+\+)?json\b/i.test(contentType)

/** What was asked for, fit to be shown: an old client may still put its key into the query. */
const withoutSecrets = (url: URL): string => {
  if (url.searchParams.has('api_token')) url.searchParams.delete('api_token')
  return url.pathname + url.search
}

/** Runs one request through key, limits, route and log. */
async function serve(state: State, request: Request, params: Record<string, string>, tokens: number, handle: Handle): Promise<Response> {
  const { clock, behaviour, log, lateSeconds } = state
  const url = new URL(request.url)
  // Reading the body first lets everything after it happen at one moment, in the order in which requests arrive.
  const body = request.method === 'GET' ? '' : await request.text()
  const nowMs = clock.now()
  const now = wholeSeconds(nowMs)
  const time = rfc3339(now)
  const key = request.headers.get('x-api-token')
  const account = key === null ? undefined : state.world.get(key)
  const finish = (answer: Answer, charged: number, headers: Record<string, string> = {}): Response => {
    const { method } = request
    const path = withoutSecrets(url)
    log.add({
      time,
      method,
      path,
      status: answer.status,
      tokens: charged,
      user: account?.user.id ?? null,
      company: account?.company.id ?? null,
    })
    return toResponse(answer, headers)
  }

  if (!account) return finish(unauthorized(), 0)
  const { headers, refused } = state.meter.charge(account, tokens, nowMs, behaviour.limits)
  if (refused) return finish(tooManyRequests(behaviour.tooManyRequestsBody), 0, headers)
  if (body !== '' && !isJson(request.headers.get('content-type')))
    return finish(failure(415, 'Unsupported Media Type: send application/json'), tokens, headers)
  const call: Call = { ...account, now, time, behaviour, lateSeconds, params, query: Object.fromEntries(url.searchParams), body }
  return finish(attempt(handle, call), tokens, headers)
}

function attempt(handle: Handle, call: Call): Answer {
  try {
    return handle(call)
  } catch (error) {
    if (error instanceof Refusal) return error.answer
    throw error
  }
}

const gone: Handle = ({ behaviour }) => failure(behaviour.oldV1Routes, wording(behaviour, 'gone'))

/** The whole service: control routes, what is served, what is not, and a page for everything else, as Pipedrive has one. */
export function createService(state: State, reset: () => void): Hono {
  const app = new Hono()
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.route('/_sandbox', controlRoutes(state, reset))

  const on = (method: string, path: string, tokens: number, handle: Handle) =>
    app.on(method, path, (c) => serve(state, c.req.raw, c.req.param() as Record<string, string>, tokens, handle))
  const miss = ({ methods, path }: Unserved) => {
    for (const method of methods) on(method, path, 0, () => failure(501, `${method} ${path} exists in Pipedrive, but not in this sandbox.`))
  }
  const hasId = ({ path }: Unserved) => path.includes('/:')

  // Fixed paths first: /deals/search is no id of a deal.
  unserved.filter((operation) => !hasId(operation)).forEach(miss)
  for (const { method, path, tokens, handle } of routes) on(method, path, tokens, handle)
  unserved.filter(hasId).forEach(miss)
  unservedV1Fixed.forEach(miss)
  for (const path of removedFromV1) for (const method of V1_METHODS) on(method, path, 0, gone)
  unservedV1.forEach(miss)
  app.notFound((c) => serve(state, c.req.raw, {}, 0, () => html(404, '404 Not Found')))
  app.onError((error) => {
    throw error
  })
  return app
}
