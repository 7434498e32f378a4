import { HookRefused } from '../../delivery/errors/hook-refused.ts'
import type { AuthThrottle } from '../../connections/auth-throttle.ts'
import type { WebhookIngest } from '../../delivery/ingest/webhook-ingest.ts'
import { HOOK_PATH } from '../../delivery/ingest/hook-secrets.ts'
import { Secret } from '../../kit/secret.ts'
import type { Origin } from './origin.ts'
import type { Respond, RouteInfo } from './respond.ts'
import type { HttpContext } from './http-context.ts'
import { readBody } from './read-body.ts'

/** Where Pipedrive's webhooks arrive; the last segment is a secret that no log shows. */
export const HOOK_ROUTE = `${HOOK_PATH}/{token}`

export interface HookHandlerOptions {
  /** Undefined without a store. */
  ingest: WebhookIngest | undefined
  origin: Origin
  answer: Respond
  throttle: AuthThrottle
}

/** The handler of Pipedrive's webhooks: only a 200 says that the event is durable. */
export function hookHandler({ ingest, origin, answer, throttle }: HookHandlerOptions): (c: HttpContext) => Promise<Response> {
  const route: RouteInfo = { route: HOOK_ROUTE, name: HOOK_ROUTE, challenge: 'basic', quiet: true }
  return (c) =>
    answer(c, route, async () => {
      if (!ingest) throw new HookRefused()
      const token = c.req.param('token') ?? ''
      const authorization = c.req.header('authorization')
      try {
        await ingest.receive({ token, authorization, body: () => readBody(c.req.raw, { keepsAnyNumber: true }) })
      } catch (error) {
        if (error instanceof HookRefused)
          throttle.refuse(new Secret(`${token} ${authorization ?? ''}`).digest(HOOK_ROUTE), origin.addressOf(c))
        throw error
      }
      return { status: 200, body: {} }
    })
}
