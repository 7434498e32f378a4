import { ApiKeyMissing } from '../../connections/errors/api-key-missing.ts'
import type { CallContext } from '../../engine/call-context.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Respond, RouteInfo } from './respond.ts'
import type { HttpContext } from './http-context.ts'
import type { Origin } from './origin.ts'
import { replyOf, type Reply } from './outcome.ts'
import { readBody } from './read-body.ts'
import { readCredential } from './read-credential.ts'
import { readIdempotencyHeaders } from './read-idempotency-headers.ts'
import type { OperationRoute } from './routes.ts'
import { RUNTIME_URL, runtimePath } from './runtime-url.ts'

export interface OperationHandlerOptions {
  engine: Engine
  origin: Origin
  answer: Respond
  /** Whether the request came through a connection's runtime URL. */
  underRuntimeUrl: boolean
}

/** The handler of one operation: everything that does not depend on the request is computed once. */
export function operationHandler(route: OperationRoute, options: OperationHandlerOptions): (c: HttpContext) => Promise<Response> {
  const { engine, origin, answer, underRuntimeUrl } = options
  const { operation } = route
  const prefix = underRuntimeUrl ? RUNTIME_URL : ''
  const routeInfo: RouteInfo = {
    route: prefix + route.path,
    name: operation.id,
    challenge: underRuntimeUrl ? 'bearer' : 'basic',
    compress: true,
  }

  async function run(c: HttpContext, context: CallContext): Promise<Reply> {
    if (operation.kind !== 'trigger')
      return replyOf(await engine.execute(operation, await readInput(route, c), context), (body) => ({ status: 200, body }))
    const { connectionId } = context.credential
    const at = connectionId === undefined ? '' : runtimePath(connectionId)
    // Before the poll: a request whose headers make no URL is rejected before it costs tokens.
    const path = `${origin.baseOf(c)}${at}${operation.path}`
    const filters = await readInput(route, c)
    return replyOf(await engine.poll(operation, filters, c.req.query('triggerstate'), context), ({ items, state, retryAfterSeconds }) => {
      // Hosts follow the Location unchanged: it repeats the filters; an empty filter is left out.
      const query = new URLSearchParams(Object.entries(filters as Record<string, string>).filter(([, value]) => value.trim() !== ''))
      query.set('triggerstate', state)
      const headers = { location: `${path}?${query}`, 'retry-after': String(retryAfterSeconds) }
      return items.length > 0 ? { status: 200, body: items, headers } : { status: 202, headers }
    })
  }

  return (c) =>
    answer(c, routeInfo, ({ requestId, secrets }) => {
      const { headers } = c.req.raw
      const credential = readCredential(headers, underRuntimeUrl ? c.req.param('connectionId') : undefined)
      if (!credential.key && operation.kind !== 'trigger') throw new ApiKeyMissing()
      if (credential.key) secrets.push(credential.key)
      const intent = operation.effect === 'read' ? {} : readIdempotencyHeaders(headers)
      return run(c, { requestId, credential, address: origin.addressOf(c), ...intent })
    })
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
