import type { Secret } from '../kit/secret.ts'
import { createLedger, type Ledger } from '../pipedrive/ledger.ts'
import { newRequestId } from '../kit/ids.ts'

/** A Call is one use of one operation: on whose behalf, what it cost upstream, and what the caller is told beside the answer. */
export interface Call {
  requestId: string
  /** The Pipedrive API key that came with the call. */
  key: Secret
  /** The caller's network address: only to slow down those who guess keys. */
  address: string
  /** What logs may call the connection, once it is known. */
  account?: string
  ledger: Ledger
  /** For the header x-dealbridge-warning. */
  warnings: string[]
  /** Kinds of linked records that could not be fetched after a write, for the header x-dealbridge-incomplete. */
  incomplete: Set<string>
}

export const newCall = (key: Secret, address: string, requestId = newRequestId()): Call => ({
  requestId,
  key,
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
