import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import type { Behaviour } from './behaviour.ts'
import { controlRoutes } from './control.ts'
import { readDuration } from './duration.ts'
import type { Meter } from './quota.ts'
import { removedFromV1, type UnsupportedEndpoint, unsupportedV2, unsupportedV1, unsupportedFixedV1, V1_METHODS } from './unsupported-endpoints.ts'
import { brokenExchange, isCommitted, faultyAnswer } from './fault-effects.ts'
import type { Fault, FaultRegistry } from './faults.ts'
import { type Answer, failure, firewall, html, Refusal, tooManyRequests, unauthorized, wording } from './http/answer.ts'
import { ExchangeBroken, truncate } from './exchange.ts'
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

/** A State is everything that a sandbox remembers; a reset puts new parts into it. */
export interface SandboxState {
  clock: Timeline
  behaviour: Behaviour
  world: World
  meter: Meter
  log: RequestLog
  faults: FaultRegistry
  webhooks: Webhooks
  /** The way to receivers of webhooks. */
  deliver: Deliver
  /** Seconds until a new record can be read. */
  lateSeconds: number
  /** Who is changing something right now; undefined when the sandbox itself does. */
  currentOrigin: ChangeOrigin | undefined
}

type Handle = Route['handle']

const EXPOSED =
  'X-RateLimit-Remaining, X-RateLimit-Limit, X-RateLimit-Reset, X-Daily-RateLimit-Token-Limit, X-Daily-RateLimit-Token-Remaining'

const headersOf = ({ clock, behaviour }: SandboxState, { html: isHtml, headers }: Answer, correlationId: string): Record<string, string> => ({
  'content-type': isHtml ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8',
  'x-correlation-id': correlationId,
  'access-control-expose-headers': EXPOSED,
  ...(behaviour.dateHeader === 'sent' && { date: new Date(clock.now()).toUTCString() }),
  ...headers,
})

const toResponse = (state: SandboxState, answer: Answer, correlationId: string): Response =>
  new Response(answer.body, { status: answer.status, headers: headersOf(state, answer, correlationId) })

const isJson = (contentType: string | null): boolean => contentType !== null && /^application\/([\w.-]+\+)?json\b/i.test(contentType)

/** What was asked for, fit to be shown: an old client may still put its key into the query. */
const withoutSecrets = (url: URL): string => {
  if (url.searchParams.has('api_token')) url.searchParams.delete('api_token')
  return url.pathname + url.search
}

/** A text as the log may keep it: somebody may have put a key into it by mistake. */
const withoutKeys = (text: string, world: World): string => {
  let redacted = text
  for (const key of world.keys()) redacted = redacted.replaceAll(key, '…')
  return redacted
}

/** An Asked is one request, read. */
interface IncomingRequest {
  method: string
  url: URL
  key: string | null
  apiKey: ApiKey | undefined
  contentType: string | null
  body: string
  correlationId: string
}

/** An Operation is what the request's path stands for. */
interface MatchedOperation {
  params: Record<string, string>
  tokens: number
  before?: Route['before'] | undefined
  handle: Handle
}

/** A Worked is what working on a request came to. */
interface Outcome {
  answer: Answer
  tokens: number
}

/** A parameter that is repeated is a list, like one with commas. */
const queryOf = ({ searchParams }: URL): Record<string, string> =>
  Object.fromEntries([...new Set(searchParams.keys())].map((name) => [name, searchParams.getAll(name).join()]))

function callOf(state: SandboxState, { url, body, correlationId }: IncomingRequest, apiKey: ApiKey, params: MatchedOperation['params'], lateSeconds: number): Call {
  const { clock, behaviour } = state
  const origin: ChangeOrigin = { user: apiKey.user, company: apiKey.company, changeSource: 'api', correlationId }
  const now = wholeSeconds(clock.now())
  const caller: Caller = { ...apiKey, now, time: rfc3339(now), behaviour, lateSeconds }
  const runLaterForCall: Call['runLater'] = (seconds, run) => runLater(state, origin, caller, seconds, run)
  return { ...caller, params, query: queryOf(url), body, origin: origin, runLater: runLaterForCall }
}

/** Plans a part of a request's work for later; it is done as if by its caller. */
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

/** Lets an operation ask the world outside before its moment comes; when that refuses it, the refusal is all that is left to do. */
async function runBefore(state: SandboxState, asked: IncomingRequest, operation: MatchedOperation): Promise<MatchedOperation> {
  const { before, params } = operation
  if (!before || !asked.apiKey) return operation
  try {
    await before(callOf(state, asked, asked.apiKey, params, state.lateSeconds), state.deliver)
    return operation
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { answer } = error
    return { ...operation, handle: () => answer }
  }
}

/** Takes one request through key and limits: the answer that ends it there, or what it costs and the work that is left to do. */
function admit(
  state: SandboxState,
  asked: IncomingRequest,
  { params, tokens, handle }: MatchedOperation,
): Outcome | { carryOut(lateSeconds: number): Answer; tokens: number } {
  const { behaviour, meter } = state
  const { url, apiKey: apiKey, body } = asked
  if (!apiKey) return { answer: unauthorized(), tokens: 0 }
  const { headers, refused } = meter.charge(apiKey, tokens, url.pathname, state.clock.now(), behaviour)
  const withLimits = (answer: Answer): Answer => ({ ...answer, headers: { ...headers, ...answer.headers } })
  if (refused === 'firewall') return { answer: firewall(), tokens: 0 }
  if (refused) return { answer: withLimits(tooManyRequests()), tokens: 0 }
  if (body !== '' && !isJson(asked.contentType))
    return { answer: withLimits(failure(415, 'Unsupported Media Type: send application/json')), tokens }
  const carryOut = (lateSeconds: number): Answer => {
    const call = callOf(state, asked, apiKey, params, lateSeconds)
    state.currentOrigin = call.origin
    try {
      return withLimits(callHandler(handle, call))
    } finally {
      state.currentOrigin = undefined
    }
  }
  return { carryOut, tokens }
}

/** Runs one request through key, limits and route. It does not wait, so that all of it happens at one moment. */
function execute(state: SandboxState, asked: IncomingRequest, operation: MatchedOperation, lateSeconds: number): Outcome {
  const admitted = admit(state, asked, operation)
  return 'answer' in admitted ? admitted : { answer: admitted.carryOut(lateSeconds), tokens: admitted.tokens }
}

/** The same for a request whose work is done when its caller is long gone: it is charged now. What comes of the work, nobody is told. */
function executeLater(state: SandboxState, asked: IncomingRequest, operation: MatchedOperation, seconds: number): Outcome | Pick<Outcome, 'tokens'> {
  const admitted = admit(state, asked, operation)
  if ('carryOut' in admitted) state.clock.at(state.clock.now() + seconds * 1000, () => void admitted.carryOut(state.lateSeconds))
  return admitted
}

/** Serves one request, undisturbed or with the fault that is due. */
async function serve(state: SandboxState, request: Request, wanted: MatchedOperation): Promise<Response> {
  // Reading the body first lets everything after it happen at one moment, in the order in which requests arrive.
  const body = request.method === 'GET' ? '' : await request.text()
  state.clock.runDue()
  const { method } = request
  const key = request.headers.get('x-api-token')
  const asked: IncomingRequest = {
    method,
    url: new URL(request.url),
    key,
    apiKey: key === null ? undefined : state.world.get(key),
    contentType: request.headers.get('content-type'),
    body,
    correlationId: randomUUID(),
  }
  const operation = await runBefore(state, asked, wanted)
  const fault = state.faults.match({ method, path: asked.url.pathname, key })
  if (fault) return await serveWithFault(state, asked, operation, fault, request.signal)
  const { answer, tokens } = execute(state, asked, operation, state.lateSeconds)
  record(state, asked, answer.status, tokens)
  return toResponse(state, answer, asked.correlationId)
}

/** Serves one request as a fault has it. Who gives up meanwhile is gone; what was done for it stays done, and what is still to be done is. */
async function serveWithFault(state: SandboxState, asked: IncomingRequest, operation: MatchedOperation, { name, rule }: Fault, clientSignal: AbortSignal): Promise<Response> {
  const delayMs = rule.delay === undefined ? 0 : readDuration(rule.delay)!
  if (rule.kind === 'latency' && rule.when === 'before') {
    const { world } = state
    await state.clock.sleep(delayMs)
    // A reset meanwhile: what was asked of the world before must not touch the new one.
    if (state.world !== world) throw new ExchangeBroken({ kind: 'reset', committed: false })
    const outcome = execute(state, asked, operation, state.lateSeconds)
    record(state, asked, outcome.answer.status, outcome.tokens, name)
    return toResponse(state, outcome.answer, asked.correlationId)
  }

  if (rule.kind === 'reset' && rule.seconds !== undefined) {
    const { tokens } = executeLater(state, asked, operation, rule.seconds)
    record(state, asked, null, tokens, name)
    if (delayMs > 0) await state.clock.sleep(delayMs, clientSignal).catch(() => undefined)
    throw new ExchangeBroken({ kind: 'reset', committed: false })
  }

  const committed = isCommitted(rule)
  const outcome = committed ? execute(state, asked, operation, rule.kind === 'late-commit' ? rule.seconds : state.lateSeconds) : undefined
  const broken = brokenExchange(rule, committed)
  const answer = broken ? undefined : faultyAnswer(rule, outcome?.answer)
  record(state, asked, answer?.status ?? null, outcome?.tokens ?? 0, name)
  if (delayMs > 0) await state.clock.sleep(delayMs, clientSignal).catch(() => undefined)
  if (!answer) throw new ExchangeBroken(broken!)
  if (rule.kind === 'truncated')
    throw new ExchangeBroken(truncate(answer.status, headersOf(state, answer, asked.correlationId), answer.body, rule.bytes))
  return toResponse(state, answer, asked.correlationId)
}

function record(state: SandboxState, asked: IncomingRequest, status: number | null, tokens: number, fault?: string): void {
  const { method, url, apiKey: apiKey, body } = asked
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

const removedEndpoint: Handle = ({ behaviour }) => failure(410, wording(behaviour, 'gone'))

/** The whole service: control routes, what is served, what is not, and a page for everything else, as Pipedrive has one. */
export function createService(state: SandboxState, reset: (image?: Snapshot) => void, hosts: readonly string[] = []): Hono {
  const app = new Hono()
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  for (const path of ['/', '/_sandbox/*']) app.use(path, sameOriginOnly(hosts))
  app.route(
    '/',
    inspectorRoutes(state, (request) => app.fetch(request)),
  )
  app.route('/_sandbox', controlRoutes(state, reset))

  const on = (method: string, path: string, tokens: number, handle: Handle, before?: Route['before']) =>
    app.on(method, path, (c) => serve(state, c.req.raw, { params: c.req.param(), tokens, before, handle }))
  /** A pattern that stands for many operations cannot name one: then the path that was asked for does. */
  const registerUnsupported = ({ methods, path }: UnsupportedEndpoint) => {
    for (const method of methods)
      app.on(method, path, (c) => {
        const name = `${method} ${path.endsWith('*') ? c.req.path : path}`
        const handle = () => failure(501, `${name} is not in this sandbox, though Pipedrive has ${path}.`)
        return serve(state, c.req.raw, { params: c.req.param(), tokens: 0, handle })
      })
  }
  const hasId = ({ path }: UnsupportedEndpoint) => path.includes('/:')

  // Fixed paths first: /deals/search is no id of a deal.
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
