import { HookRefused } from '../../delivery/errors/hook-refused.ts'
import type { WebhookIngest } from '../../delivery/ingest/webhook-ingest.ts'
import { HOOK_PATH } from '../../delivery/ingest/hook-secrets.ts'
import type { Respond, RouteInfo } from './respond.ts'
import type { HttpContext } from './http-context.ts'
import { readBody } from './read-body.ts'

/** Where Pipedrive's webhooks arrive; the last segment is a secret, and stands in no log. */
export const HOOK_ROUTE = `${HOOK_PATH}/{token}`

export interface HookHandlerOptions {
  /** None where there is no store. */
  receiver: WebhookIngest | undefined
  answer: Respond
}

/** The handler of Pipedrive's webhooks: 200 says that the event is durable, and nothing else does. */
export function hookHandler({ receiver, answer }: HookHandlerOptions): (c: HttpContext) => Promise<Response> {
  const subject: RouteInfo = { route: HOOK_ROUTE, name: HOOK_ROUTE, challenge: 'basic', quiet: true }
  return (c) =>
    answer(c, subject, async () => {
      if (!receiver) throw new HookRefused()
      await receiver.receive({
        token: c.req.param('token') ?? '',
        authorization: c.req.header('authorization'),
        body: () => readBody(c.req.raw),
      })
      return { status: 200, body: {} }
    })
}
