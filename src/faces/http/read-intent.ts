import type { Call } from '../../engine/call.ts'

/** Hosts send a GUID. What else stands there names nothing reliably, and is none of the caller's doing. */
const TRACKING_ID = /^[\x21-\x7e]{1,255}$/

/** What caller and host call the thing that a write does, from Idempotency-Key and x-ms-action-tracking-id. The engine refuses a key that is none. */
export function readIntent(headers: Headers): Pick<Call, 'idempotencyKey' | 'trackingId'> {
  const intent: Pick<Call, 'idempotencyKey' | 'trackingId'> = {}
  const idempotencyKey = headers.get('idempotency-key')
  if (idempotencyKey !== null) intent.idempotencyKey = idempotencyKey
  const trackingId = headers.get('x-ms-action-tracking-id')
  if (trackingId !== null && TRACKING_ID.test(trackingId)) intent.trackingId = trackingId
  return intent
}
