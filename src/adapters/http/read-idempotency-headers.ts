import type { CallContext } from '../../engine/call-context.ts'

/** Hosts send a GUID. Any other value identifies no run reliably and is ignored: the caller did not choose it. */
const TRACKING_ID = /^[\x21-\x7e]{1,255}$/

/** The idempotency names that caller and host sent, from Idempotency-Key and x-ms-action-tracking-id. The engine rejects a malformed key. */
export function readIdempotencyHeaders(headers: Headers): Pick<CallContext, 'idempotencyKey' | 'trackingId'> {
  const idempotencyKey = headers.get('idempotency-key')
  const trackingId = headers.get('x-ms-action-tracking-id')
  return {
    ...(idempotencyKey !== null && { idempotencyKey }),
    ...(trackingId !== null && TRACKING_ID.test(trackingId) && { trackingId }),
  }
}
