import type { DeliveryRequest } from './deliver.ts'
import { ANSWER_WITHIN_MS } from './delivery-policy.ts'
import type { Payload, WebhookRow } from './webhook-rows.ts'

const USER_AGENT = 'Pipedrive Webhooks'

const basic = ({ http_auth_user, http_auth_password }: WebhookRow): Record<string, string> =>
  http_auth_user ? { authorization: `Basic ${Buffer.from(`${http_auth_user}:${http_auth_password ?? ''}`).toString('base64')}` } : {}

/** One attempt as a request. */
export const deliveryRequest = (hook: WebhookRow, payload: Payload, publicOnly: boolean, signal: AbortSignal): DeliveryRequest => ({
  method: 'POST',
  url: hook.subscription_url,
  headers: { 'content-type': 'application/json', 'user-agent': USER_AGENT, ...basic(hook) },
  body: JSON.stringify(payload),
  timeoutMs: ANSWER_WITHIN_MS,
  signal,
  publicOnly,
})

/** The check whether an endpoint is reachable. */
export const probeRequest = (url: string): DeliveryRequest => ({
  method: 'HEAD',
  url,
  headers: { 'user-agent': USER_AGENT },
  body: '',
  timeoutMs: ANSWER_WITHIN_MS,
  publicOnly: true,
})
