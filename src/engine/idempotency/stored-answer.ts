import { DealbridgeError, type ErrorOptions } from '../../kit/errors/dealbridge-error.ts'

/** Notices are the warnings of an operation and the kinds of linked records missing from its answer. */
export interface Notices {
  warnings: string[]
  incomplete: Set<string>
}

/** An OperationOutcome is the answer or the error of an operation, with its notices. */
export type OperationOutcome = { notices: Notices } & ({ ok: true; body: unknown } | { ok: false; error: unknown })

export const noNotices = (): Notices => ({ warnings: [], incomplete: new Set() })
export const failedOutcome = (error: unknown): OperationOutcome => ({ ok: false, error, notices: noNotices() })

/** A StoredAnswer is an OperationOutcome as the journal stores it: what the caller got, and nothing else. */
export interface StoredAnswer {
  body?: unknown
  error?: Omit<ErrorOptions, 'cause'>
  warnings: readonly string[]
  incomplete: readonly string[]
}

export function storeOutcome(outcome: OperationOutcome): StoredAnswer {
  const notices = { warnings: outcome.notices.warnings, incomplete: [...outcome.notices.incomplete] }
  if (outcome.ok) return { body: outcome.body, ...notices }
  const { status, code, message, source, details, retryAfterSeconds } = outcome.error as DealbridgeError
  return { error: { status, code, message, source, details, retryAfterSeconds }, ...notices }
}

export function replayOutcome(stored: unknown): OperationOutcome {
  const { body, error, warnings, incomplete } = stored as StoredAnswer
  const notices: Notices = { warnings: [...warnings], incomplete: new Set(incomplete) }
  return error ? { ok: false, error: new DealbridgeError(error), notices } : { ok: true, body, notices }
}
