import type { IdempotencyRecord } from './journal.ts'

/** An IdempotencyDecision is what happens to a call, given the idempotency record under its key. */
export type IdempotencyDecision =
  | { do: 'start'; expired: string | undefined }
  | { do: 'mismatch' }
  | { do: 'replay'; answer: unknown; recordId: string }
  | { do: 'wait' }
  | { do: 'resume'; record: IdempotencyRecord }

/** Whether a call starts a new record, gets the stored answer, waits for a running attempt, or resumes an abandoned one. Pure. */
export function decideIdempotency(record: IdempotencyRecord | undefined, fingerprint: string, nowMs: number): IdempotencyDecision {
  if (!record) return { do: 'start', expired: undefined }
  if (record.expiresAtMs <= nowMs) return { do: 'start', expired: record.id }
  if (record.fingerprint !== fingerprint) return { do: 'mismatch' }
  if (record.state === 'done') return { do: 'replay', answer: record.answer, recordId: record.id }
  const mayBeRunning = record.state === 'running' && record.leaseUntilMs > nowMs
  return mayBeRunning ? { do: 'wait' } : { do: 'resume', record }
}
