import type { Credential } from '../connections/credential.ts'
import { createLedger, type Ledger } from '../pipedrive/ledger.ts'
import { newRequestId } from '../kit/ids.ts'

/** A Call is one use of one operation: on whose behalf, what it cost upstream, and what the caller is told beside the answer. */
export interface Call {
  requestId: string
  /** What the call has shown of itself. */
  credential: Credential
  /** The caller's network address: only to slow down those who guess keys. */
  address: string
  /** What logs may call the connection, once it is known. */
  account?: string
  ledger: Ledger
  /** For the header x-dealbridge-warning. */
  warnings: string[]
  /** Kinds of linked records that could not be fetched after a write, for the header x-dealbridge-incomplete. */
  incomplete: Set<string>
  /** What the caller calls the thing that it wants done once: the header Idempotency-Key. */
  idempotencyKey?: string
  /** What the host calls it: the header x-ms-action-tracking-id. */
  trackingId?: string
  /** The answer is the one of an earlier attempt, for the header x-dealbridge-replayed. */
  replayed?: boolean
}

export const newCall = (credential: Credential, address: string, requestId = newRequestId()): Call => ({
  requestId,
  credential,
  address,
  ledger: createLedger(),
  warnings: [],
  incomplete: new Set(),
})

/** A PollOutcome is what a trigger answers: 200 with items, or 202 with none; the face makes Location out of `state`. */
export interface PollOutcome {
  items: unknown[]
  /** The opaque, signed trigger state for the next poll. */
  state: string
  retryAfterSeconds: number
}
