import { Webhook } from 'standardwebhooks'
import type { Secret } from '../../kit/secret.ts'
import { version } from '../../kit/version.ts'
import type { DeliveryMessage } from './write-message.ts'

/** Marks a delivery that a person requested as a test. */
export const TEST_HEADER = { 'webhook-test': 'true' } as const

/** The headers of one attempt: the id is the same for every attempt; timestamp and signature are per attempt (Standard Webhooks). */
export function webhookHeaders(
  deliveryId: string,
  now: number,
  { contentType, body }: DeliveryMessage,
  key?: Secret,
): Record<string, string> {
  return {
    'content-type': contentType,
    accept: 'application/json, */*;q=0.1',
    // Response bodies are not decompressed.
    'accept-encoding': 'identity',
    'user-agent': `Dealbridge/${version}`,
    'webhook-id': deliveryId,
    'webhook-timestamp': String(Math.floor(now / 1_000)),
    ...(key && { 'webhook-signature': new Webhook(key.reveal()).sign(deliveryId, new Date(now), body) }),
  }
}
