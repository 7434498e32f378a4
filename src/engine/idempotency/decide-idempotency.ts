import type { IdempotencyRecord } from './journal.ts'

/** An Entrance is what a call finds when it comes with the name of an intent. */
export type IdempotencyDecision =
  | { do: 'start'; expired: string | undefined }
  | { do: 'refuse' }
  | { do: 'replay'; answer: unknown }
  | { do: 'wait' }
  | { do: 'pick-up'; standing: IdempotencyRecord }

/** Whether a call starts an intent, gets its answer, waits for it, or goes on with it. Pure. */
export function decideIdempotency(standing: IdempotencyRecord | undefined, fingerprint: string, nowMs: number): IdempotencyDecision {
  if (!standing) return { do: 'start', expired: undefined }
  if (standing.expiresAtMs <= nowMs) return { do: 'start', expired: standing.id }
  if (standing.fingerprint !== fingerprint) return { do: 'refuse' }
  if (standing.state === 'done') return { do: 'replay', answer: standing.answer }
  const mayBeAtWork = standing.state === 'running' && standing.leaseUntilMs > nowMs
  return mayBeAtWork ? { do: 'wait' } : { do: 'pick-up', standing }
}
