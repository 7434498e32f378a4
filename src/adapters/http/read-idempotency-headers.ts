import type { CallContext } from '../../engine/call-context.ts'

/** Hosts send a GUID. What else stands there names nothing reliably, and is none of the caller's doing. */
const TRACKING_ID = /^[\x21-\x7e]{1,255}$/

/** What caller and host call the thing that a write does, from Idempotency-Key and x-ms-action-tracking-id. The engine refuses a key that is none. */
export function readIdempotencyHeaders(headers: Headers): Pick<CallContext, 'idempotencyKey' | 'trackingId'> {
  const idempotencyKey = headers.get('idempotency-key')
  const trackingId = headers.get('x-ms-action-tracking-id')
  return {
    ...(idempotencyKey !== null && { idempotencyKey }),
    ...(trackingId !== null && TRACKING_ID.test(trackingId) && { trackingId }),
  }
}
