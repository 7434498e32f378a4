import { HookRefused } from '../../delivery/errors/hook-refused.ts'
import type { WebhookIngest } from '../../delivery/ingest/webhook-ingest.ts'
import { HOOK_PATH } from '../../delivery/ingest/hook-secrets.ts'
import type { Respond, RouteInfo } from './respond.ts'
import type { HttpContext } from './http-context.ts'
import { readBody } from './read-body.ts'

/** Where Pipedrive's webhooks arrive; the last segment is a secret that no log shows. */
export const HOOK_ROUTE = `${HOOK_PATH}/{token}`

export interface HookHandlerOptions {
  /** Undefined without a store. */
  ingest: WebhookIngest | undefined
  answer: Respond
}

/** The handler of Pipedrive's webhooks: only a 200 says that the event is durable. */
export function hookHandler({ ingest, answer }: HookHandlerOptions): (c: HttpContext) => Promise<Response> {
  const route: RouteInfo = { route: HOOK_ROUTE, name: HOOK_ROUTE, challenge: 'basic', quiet: true }
  return (c) =>
    answer(c, route, async () => {
      if (!ingest) throw new HookRefused()
      await ingest.receive({
        token: c.req.param('token') ?? '',
        authorization: c.req.header('authorization'),
        body: () => readBody(c.req.raw),
      })
      return { status: 200, body: {} }
    })
}
