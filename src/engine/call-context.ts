import type { Credential } from '../connections/credential.ts'

/** A CallContext is what is known about a call before its operation runs. The result and its CallReport are returned. */
export interface CallContext {
  readonly requestId: string
  /** The caller's credential: a Pipedrive key, a connection key, or none. */
  readonly credential: Credential
  /** The caller's network address. It only serves to throttle callers that guess keys. */
  readonly address: string
  /** The caller's key for a write that must be carried out once: the header Idempotency-Key. */
  readonly idempotencyKey?: string
  /** The host's key for it: the header x-ms-action-tracking-id. */
  readonly trackingId?: string
}
