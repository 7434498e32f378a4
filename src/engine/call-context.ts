import type { Credential } from '../connections/credential.ts'

/** A CallContext is what is known of one use of an operation before it runs. The result and its CallReport are returned. */
export interface CallContext {
  readonly requestId: string
  /** What the caller has shown: a Pipedrive key, a connection key, or nothing. */
  readonly credential: Credential
  /** The caller's network address. It only slows down callers that guess keys. */
  readonly address: string
  /** The caller's name for a write that must happen once: the header Idempotency-Key. */
  readonly idempotencyKey?: string
  /** The host's name for it: the header x-ms-action-tracking-id. */
  readonly trackingId?: string
}
