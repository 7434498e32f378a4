import { ApiKeyMissing } from '../../connections/errors/api-key-missing.ts'
import { newCall, type Call } from '../../engine/call.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Answerer, Subject } from './answerer.ts'
import type { HttpContext } from './http-context.ts'
import type { Origin } from './origin.ts'
import type { Outcome } from './outcome.ts'
import { readBody } from './read-body.ts'
import { readCredential } from './read-credential.ts'
import { readIntent } from './read-intent.ts'
import type { OperationRoute } from './routes.ts'
import { RUNTIME_URL, runtimePath } from './runtime-url.ts'

export interface OperationHandlerOptions {
  engine: Engine
  origin: Origin
  answer: Answerer
  /** Whether it stands behind a connection's runtime URL. */
  underRuntimeUrl: boolean
}

/** The handler of one operation: everything that does not depend on the request is worked out once. */
export function operationHandler(route: OperationRoute, options: OperationHandlerOptions): (c: HttpContext) => Promise<Response> {
  const { engine, origin, answer, underRuntimeUrl } = options
  const { operation } = route
  const prefix = underRuntimeUrl ? RUNTIME_URL : ''
  const subject: Subject = { route: prefix + route.path, name: operation.id, challenge: underRuntimeUrl ? 'bearer' : 'basic' }

  async function run(c: HttpContext, call: Call): Promise<Outcome> {
    if (operation.kind !== 'trigger') return { status: 200, body: await engine.execute(operation, await readInput(route, c), call) }
    const { connectionId } = call.credential
    const at = connectionId === undefined ? '' : runtimePath(connectionId)
    // Before the poll: a request whose headers make no URL is refused before it costs anything.
    const path = `${origin.baseOf(c)}${at}${operation.path}`
    const filters = await readInput(route, c)
    const { items, state, retryAfterSeconds } = await engine.poll(operation, filters, c.req.query('triggerstate'), call)
    // Hosts follow the Location as it is: the filters go along, and an empty one is none.
    const query = new URLSearchParams(Object.entries(filters as Record<string, string>).filter(([, value]) => value.trim() !== ''))
    query.set('triggerstate', state)
    const headers = { location: `${path}?${query}`, 'retry-after': String(retryAfterSeconds) }
    return items.length > 0 ? { status: 200, body: items, headers } : { status: 202, headers }
  }

  return (c) =>
    answer(c, subject, (visit) => {
      const { headers } = c.req.raw
      const credential = readCredential(headers, underRuntimeUrl ? c.req.param('connectionId') : undefined)
      if (!credential.key && operation.kind !== 'trigger') throw new ApiKeyMissing()
      const call = newCall(credential, origin.addressOf(c), visit.requestId)
      if (operation.effect !== 'read') Object.assign(call, readIntent(headers))
      visit.call = call
      return run(c, call)
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
