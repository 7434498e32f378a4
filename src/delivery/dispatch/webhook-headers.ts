import { Webhook } from 'standardwebhooks'
import type { Secret } from '../../kit/secret.ts'
import { version } from '../../kit/version.ts'
import type { DeliveryMessage } from './write-message.ts'

/** Of a delivery that people have ordered to see whether all is well. */
export const TEST_HEADER = { 'webhook-test': 'true' } as const

/** The headers of one attempt: those of Standard Webhooks say what is the same over all attempts, when this one is, and prove both. */
export function webhookHeaders(
  deliveryId: string,
  now: number,
  { contentType, body }: DeliveryMessage,
  key?: Secret,
): Record<string, string> {
  return {
    'content-type': contentType,
    accept: 'application/json, */*;q=0.1',
    // Nothing that a receiver packs is unpacked.
    'accept-encoding': 'identity',
    'user-agent': `Dealbridge/${version}`,
    'webhook-id': deliveryId,
    'webhook-timestamp': String(Math.floor(now / 1_000)),
    ...(key && { 'webhook-signature': new Webhook(key.reveal()).sign(deliveryId, new Date(now), body) }),
  }
}
