import { Hono } from 'hono'
import { companiesIn, type Company, type World } from '../state/company.ts'
import type { DeliveryRow, WebhookRow } from './webhook-rows.ts'
import type { Webhooks } from './webhooks.ts'

/** A WebhookControl is the state that the control endpoints of webhooks use; a reset replaces its properties. */
export interface WebhookControl {
  world: World
  webhooks: Webhooks
}

/** A ShownDelivery is a delivery as the control endpoints return it. */
export interface ShownDelivery extends Pick<DeliveryRow, 'webhook_id' | 'state' | 'reason' | 'resent' | 'attempts' | 'payload'> {
  /** Company and number: `13204417-12`. */
  id: string
  company: number
  time: string
  url: string | null
  next_attempt: string | null
}

/** The stored properties of a webhook that are shown: all but its password and internals. */
const SHOWN = [
  'id',
  'name',
  'subscription_url',
  'event_action',
  'event_object',
  'version',
  'user_id',
  'owner_id',
  'http_auth_user',
  'add_time',
  'is_deleted',
  'remove_time',
  'remove_reason',
  'last_delivery_time',
  'last_http_status',
  'ban_count',
] as const

/** A ShownWebhook is a webhook with its counters, without its password. */
export interface ShownWebhook extends Pick<WebhookRow, (typeof SHOWN)[number]> {
  company: number
  banned_until: string | null
  failing_since: string | null
}

/** An Overview lists all webhooks, oldest first, and their latest deliveries, newest first. */
export interface Overview {
  webhooks: ShownWebhook[]
  deliveries: ShownDelivery[]
}

const SHOWN_DELIVERIES = 1_000
const time = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

const showWebhook = (company: Company, hook: WebhookRow): ShownWebhook => ({
  company: company.id,
  ...(Object.fromEntries(SHOWN.map((field) => [field, hook[field]])) as Pick<WebhookRow, (typeof SHOWN)[number]>),
  banned_until: time(hook.banned_until),
  failing_since: time(hook.failing_since),
})

const showDelivery = (company: Company, delivery: DeliveryRow): ShownDelivery => ({
  id: `${company.id}-${delivery.id}`,
  company: company.id,
  webhook_id: delivery.webhook_id,
  url: company.webhooks.get(delivery.webhook_id)?.subscription_url ?? null,
  time: delivery.add_time,
  state: delivery.state,
  reason: delivery.reason,
  resent: delivery.resent,
  next_attempt: time(delivery.next_at),
  attempts: delivery.attempts,
  payload: delivery.payload,
})

function* newestFirst(company: Company): Generator<ShownDelivery> {
  for (const delivery of company.webhookDeliveries.walk('id', 'desc')) yield showDelivery(company, delivery)
}

export function overviewOf(world: World): Overview {
  const all = companiesIn(world)
  return {
    webhooks: all.flatMap((company) => [...company.webhooks.walk()].map((hook) => showWebhook(company, hook))),
    deliveries: all
      .flatMap((company) => [...newestFirst(company)])
      // Stable: deliveries of one company at the same moment stay newest first.
      .sort((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : 0))
      .slice(0, SHOWN_DELIVERIES),
  }
}

/** Below /_sandbox/webhooks. */
export function webhookControl(state: WebhookControl): Hono {
  const app = new Hono()
  app.get('/', (c) => c.json(overviewOf(state.world)))
  app.post('/deliveries/:id/resend', (c) => {
    const [companyId, number] = c.req.param('id').split('-').map(Number)
    const company = companiesIn(state.world).find(({ id }) => id === companyId)
    const delivery = company?.webhookDeliveries.get(number ?? 0)
    if (!company || !delivery) return c.json({ error: `There is no delivery ${c.req.param('id')}.` }, 404)
    const again = state.webhooks.resend(company, delivery)
    if (!again) return c.json({ error: `Webhook ${delivery.webhook_id} of this delivery is deleted.` }, 409)
    return c.json(showDelivery(company, again), 202)
  })
  return app
}
