import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Behaviour } from './behaviour.ts'
import { controlRoutes } from './control.ts'
import { readDuration } from './duration.ts'
import type { Meter } from './quota.ts'
import {
  removedFromV1,
  type UnsupportedEndpoint,
  unsupportedV2,
  unsupportedV1,
  unsupportedFixedV1,
  V1_METHODS,
} from './unsupported-endpoints.ts'
import { brokenExchange, isCommitted, faultyAnswer } from './fault-effects.ts'
import type { Fault, FaultRegistry } from './fault-rules.ts'
import { type Answer, failure, firewall, html, Refusal, tooManyRequests, unauthorized, wording } from './http/answer.ts'
import { ExchangeBroken, truncate } from './request-outcome.ts'
import { sameOriginOnly } from './inspector/same-origin.ts'
import { inspectorRoutes } from './inspector/routes.ts'
import type { RequestLog } from './request-log.ts'
import type { Call, Route } from './resources/route.ts'
import { routes } from './routes.ts'
import type { ChangeOrigin } from './state/change-origin.ts'
import type { Caller } from './state/caller.ts'
import type { ApiKey, World } from './state/company.ts'
import type { Snapshot } from './state/snapshot.ts'
import { rfc3339, wholeSeconds } from './time.ts'
import type { Timeline } from './timeline.ts'
import type { Deliver } from './webhooks/deliver.ts'
import type { Webhooks } from './webhooks/webhooks.ts'

/** A SandboxState is the complete state of a sandbox; a reset replaces its properties. */
export interface SandboxState {
  clock: Timeline
  behaviour: Behaviour
  world: World
  meter: Meter
  log: RequestLog
  faults: FaultRegistry
  webhooks: Webhooks
  /** Sends webhook deliveries. */
  deliver: Deliver
  /** Seconds until a new record becomes readable. */
  lateSeconds: number
  /** The origin of the change in progress; undefined if the sandbox itself makes it. */
  currentOrigin: ChangeOrigin | undefined
}

type Handle = Route['handle']

const EXPOSED =
  'X-RateLimit-Remaining, X-RateLimit-Limit, X-RateLimit-Reset, X-Daily-RateLimit-Token-Limit, X-Daily-RateLimit-Token-Remaining'

const headersOf = (
  { clock, behaviour }: SandboxState,
  { html: isHtml, headers }: Answer,
  correlationId: string,
): Record<string, string> => ({
  'content-type': isHtml ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8',
  'x-correlation-id': correlationId,
  'access-control-expose-headers': EXPOSED,
  ...(behaviour.dateHeader === 'sent' && { date: new Date(clock.now()).toUTCString() }),
  ...headers,
})

const toResponse = (state: SandboxState, answer: Answer, correlationId: string): Response =>
  new Response(answer.body, { status: answer.status, headers: headersOf(state, answer, correlationId) })

const isJson = (contentType: string | null): boolean => contentType !== null && /^application\/([\w.-]+\+)?json\b/i.test(contentType)

/** The path and query without secrets: an old client may still send its key in the query. */
const withoutSecrets = (url: URL): string => {
  if (url.searchParams.has('api_token')) url.searchParams.delete('api_token')
  return url.pathname + url.search
}

/** A text for the log: a caller may have put a key into it by mistake. */
const withoutKeys = (text: string, world: World): string => {
  let redacted = text
  for (const key of world.keys()) redacted = redacted.replaceAll(key, '…')
  return redacted
}

/** An IncomingRequest is one request with its body read. */
interface IncomingRequest {
  method: string
  url: URL
  key: string | null
  apiKey: ApiKey | undefined
  contentType: string | null
  body: string
  correlationId: string
}

/** A MatchedOperation is the operation that the request's path matches. */
interface MatchedOperation {
  params: Record<string, string>
  tokens: number
  before?: Route['before'] | undefined
  handle: Handle
}

/** An Outcome is the answer to a request and its price. */
interface Outcome {
  answer: Answer
  tokens: number
}

/** A repeated parameter is a list, like one with commas. */
const queryOf = ({ searchParams }: URL): Record<string, string> =>
  Object.fromEntries([...new Set(searchParams.keys())].map((name) => [name, searchParams.getAll(name).join()]))

function callOf(
  state: SandboxState,
  { url, body, correlationId }: IncomingRequest,
  apiKey: ApiKey,
  params: MatchedOperation['params'],
  lateSeconds: number,
): Call {
  const { clock, behaviour } = state
  const origin: ChangeOrigin = { user: apiKey.user, company: apiKey.company, changeSource: 'api', correlationId }
  const now = wholeSeconds(clock.now())
  const caller: Caller = { ...apiKey, now, time: rfc3339(now), behaviour, lateSeconds }
  const runLaterForCall: Call['runLater'] = (seconds, run) => runLater(state, origin, caller, seconds, run)
  return { ...caller, params, query: queryOf(url), body, origin: origin, runLater: runLaterForCall }
}

/** Schedules a part of a request's work; it runs on behalf of its caller. */
function runLater(state: SandboxState, origin: ChangeOrigin, caller: Caller, seconds: number, run: (caller: Caller) => void): void {
  state.clock.at(state.clock.now() + seconds * 1000, () => {
    const now = wholeSeconds(state.clock.now())
    state.currentOrigin = origin
    try {
      run({ ...caller, now, time: rfc3339(now) })
    } finally {
      state.currentOrigin = undefined
    }
  })
}

/** Runs an operation's `before`, which may use the network. If that refuses the request, the refusal becomes the answer. */
async function runBefore(state: SandboxState, incoming: IncomingRequest, operation: MatchedOperation): Promise<MatchedOperation> {
  const { before, params } = operation
  if (!before || !incoming.apiKey) return operation
  try {
    await before(callOf(state, incoming, incoming.apiKey, params, state.lateSeconds), state.deliver)
    return operation
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { answer } = error
    return { ...operation, handle: () => answer }
  }
}

/** Checks key, limits and content type. Returns the answer if one of them refuses, otherwise the price and the function that executes the request. */
function admit(
  state: SandboxState,
  incoming: IncomingRequest,
  { params, tokens, handle }: MatchedOperation,
): Outcome | { carryOut(lateSeconds: number): Answer; tokens: number } {
  const { behaviour, meter } = state
  const { url, apiKey, body } = incoming
  if (!apiKey) return { answer: unauthorized(), tokens: 0 }
  const { headers, refused } = meter.charge(apiKey, tokens, url.pathname, state.clock.now(), behaviour)
  const withLimits = (answer: Answer): Answer => ({ ...answer, headers: { ...headers, ...answer.headers } })
  if (refused === 'firewall') return { answer: firewall(), tokens: 0 }
  if (refused) return { answer: withLimits(tooManyRequests()), tokens: 0 }
  if (body !== '' && !isJson(incoming.contentType))
    return { answer: withLimits(failure(415, 'Unsupported Media Type: send application/json')), tokens }
  const carryOut = (lateSeconds: number): Answer => {
    const call = callOf(state, incoming, apiKey, params, lateSeconds)
    state.currentOrigin = call.origin
    try {
      return withLimits(callHandler(handle, call))
    } finally {
      state.currentOrigin = undefined
    }
  }
  return { carryOut, tokens }
}

/** Executes one request: key, limits, route. It is synchronous, so that all of it happens at one time. */
function execute(state: SandboxState, incoming: IncomingRequest, operation: MatchedOperation, lateSeconds: number): Outcome {
  const admitted = admit(state, incoming, operation)
  return 'answer' in admitted ? admitted : { answer: admitted.carryOut(lateSeconds), tokens: admitted.tokens }
}

/** The same for a request that executes later, after its caller is gone: it is charged now, and its answer is dropped. */
function executeLater(
  state: SandboxState,
  incoming: IncomingRequest,
  operation: MatchedOperation,
  seconds: number,
): Outcome | Pick<Outcome, 'tokens'> {
  const admitted = admit(state, incoming, operation)
  if ('carryOut' in admitted) state.clock.at(state.clock.now() + seconds * 1000, () => void admitted.carryOut(state.lateSeconds))
  return admitted
}

/** Serves one request, with the fault that applies to it. */
async function serve(state: SandboxState, request: Request, matched: MatchedOperation): Promise<Response> {
  // The body is read first: the rest is synchronous, in the order in which requests arrive.
  const body = request.method === 'GET' ? '' : await request.text()
  state.clock.runDue()
  const { method } = request
  const key = request.headers.get('x-api-token')
  const incoming: IncomingRequest = {
    method,
    url: new URL(request.url),
    key,
    apiKey: key === null ? undefined : state.world.get(key),
    contentType: request.headers.get('content-type'),
    body,
    correlationId: randomUUID(),
  }
  const operation = await runBefore(state, incoming, matched)
  const fault = state.faults.match({ method, path: incoming.url.pathname, key })
  if (fault) return await serveWithFault(state, incoming, operation, fault, request.signal)
  const { answer, tokens } = execute(state, incoming, operation, state.lateSeconds)
  record(state, incoming, answer.status, tokens)
  return toResponse(state, answer, incoming.correlationId)
}

/** Serves one request with a fault. If the caller disconnects, completed work stays and scheduled work still runs. */
async function serveWithFault(
  state: SandboxState,
  incoming: IncomingRequest,
  operation: MatchedOperation,
  { name, rule }: Fault,
  clientSignal: AbortSignal,
): Promise<Response> {
  const delayMs = rule.delay === undefined ? 0 : readDuration(rule.delay)!
  if (rule.kind === 'latency' && rule.when === 'before') {
    const { world } = state
    await state.clock.sleep(delayMs)
    // After a reset, a request from before must not change the new data.
    if (state.world !== world) throw new ExchangeBroken({ kind: 'reset', committed: false })
    const outcome = execute(state, incoming, operation, state.lateSeconds)
    record(state, incoming, outcome.answer.status, outcome.tokens, name)
    return toResponse(state, outcome.answer, incoming.correlationId)
  }

  if (rule.kind === 'reset' && rule.seconds !== undefined) {
    const { tokens } = executeLater(state, incoming, operation, rule.seconds)
    record(state, incoming, null, tokens, name)
    if (delayMs > 0) await state.clock.sleep(delayMs, clientSignal).catch(() => undefined)
    throw new ExchangeBroken({ kind: 'reset', committed: false })
  }

  const committed = isCommitted(rule)
  const outcome = committed
    ? execute(state, incoming, operation, rule.kind === 'late-commit' ? rule.seconds : state.lateSeconds)
    : undefined
  const broken = brokenExchange(rule, committed)
  const answer = broken ? undefined : faultyAnswer(rule, outcome?.answer)
  record(state, incoming, answer?.status ?? null, outcome?.tokens ?? 0, name)
  if (delayMs > 0) await state.clock.sleep(delayMs, clientSignal).catch(() => undefined)
  if (!answer) throw new ExchangeBroken(broken!)
  if (rule.kind === 'truncated')
    throw new ExchangeBroken(truncate(answer.status, headersOf(state, answer, incoming.correlationId), answer.body, rule.bytes))
  return toResponse(state, answer, incoming.correlationId)
}

function record(state: SandboxState, incoming: IncomingRequest, status: number | null, tokens: number, fault?: string): void {
  const { method, url, apiKey, body } = incoming
  state.log.add({
    time: rfc3339(wholeSeconds(state.clock.now())),
    method,
    path: withoutKeys(withoutSecrets(url), state.world),
    ...(body !== '' && { body: withoutKeys(body, state.world) }),
    status,
    tokens,
    user: apiKey?.user.id ?? null,
    company: apiKey?.company.id ?? null,
    ...(fault !== undefined && { fault }),
  })
}

function callHandler(handle: Handle, call: Call): Answer {
  try {
    return handle(call)
  } catch (error) {
    if (error instanceof Refusal) return error.answer
    throw error
  }
}

/** An assumption: Pipedrive publishes no limit. The body is read before the key, so there has to be one. */
const BODY_MAX_BYTES = 4 * 1_048_576
const BODY_TOO_LARGE = { success: false, error: `The body is larger than the ${BODY_MAX_BYTES} bytes that the sandbox reads.` }

const removedEndpoint: Handle = ({ behaviour }) => failure(410, wording(behaviour, 'gone'))

/** The complete service: control endpoints, supported and unsupported endpoints, and a 404 page for all other paths, as Pipedrive has one. */
export function createService(state: SandboxState, reset: (snapshot?: Snapshot) => void, hosts: readonly string[] = []): Hono {
  const app = new Hono()
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  for (const path of ['/', '/_sandbox/*']) app.use(path, sameOriginOnly(hosts))
  app.route(
    '/',
    inspectorRoutes(state, (request) => app.fetch(request)),
  )
  app.route('/_sandbox', controlRoutes(state, reset))
  for (const path of ['/api/*', '/v1/*']) app.use(path, bodyLimit({ maxSize: BODY_MAX_BYTES, onError: (c) => c.json(BODY_TOO_LARGE, 413) }))

  const on = (method: string, path: string, tokens: number, handle: Handle, before?: Route['before']) =>
    app.on(method, path, (c) => serve(state, c.req.raw, { params: c.req.param(), tokens, before, handle }))
  /** The answer names the endpoint; for a wildcard it names the requested path. */
  const registerUnsupported = ({ methods, path }: UnsupportedEndpoint) => {
    for (const method of methods)
      app.on(method, path, (c) => {
        const name = `${method} ${path.endsWith('*') ? c.req.path : path}`
        const handle = () => failure(501, `${name} is not supported by this sandbox; Pipedrive has ${path}.`)
        return serve(state, c.req.raw, { params: c.req.param(), tokens: 0, handle })
      })
  }
  const hasId = ({ path }: UnsupportedEndpoint) => path.includes('/:')

  // Fixed paths first: `search` in /deals/search is not an id.
  unsupportedV2.filter((operation) => !hasId(operation)).forEach(registerUnsupported)
  for (const { method, path, tokens, handle, before } of routes) on(method, path, tokens, handle, before)
  unsupportedV2.filter(hasId).forEach(registerUnsupported)
  unsupportedFixedV1.forEach(registerUnsupported)
  for (const path of removedFromV1) for (const method of V1_METHODS) on(method, path, 0, removedEndpoint)
  unsupportedV1.forEach(registerUnsupported)
  app.notFound((c) => serve(state, c.req.raw, { params: {}, tokens: 0, handle: () => html(404, '404 Not Found') }))
  app.onError((error) => {
    throw error
  })
  return app
}
