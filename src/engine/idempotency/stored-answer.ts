import { DealbridgeError, type ErrorOptions } from '../../kit/errors/dealbridge-error.ts'

/** A Told is what an operation says beside its answer. */
export interface Notices {
  warnings: string[]
  incomplete: Set<string>
}

/** An Outcome is how an operation went: its answer or its error, and what it said beside. */
export type OperationOutcome = { told: Notices } & ({ ok: true; body: unknown } | { ok: false; error: unknown })

/** A StoredAnswer is an Outcome as it lies in the journal: all that its caller got to see, and nothing else. */
export interface StoredAnswer {
  body?: unknown
  error?: Omit<ErrorOptions, 'cause'>
  warnings: readonly string[]
  incomplete: readonly string[]
}

export function storeOutcome(outcome: OperationOutcome): StoredAnswer {
  const told = { warnings: outcome.told.warnings, incomplete: [...outcome.told.incomplete] }
  if (outcome.ok) return { body: outcome.body, ...told }
  const { status, code, message, source, details, retryAfterSeconds } = outcome.error as DealbridgeError
  return { error: { status, code, message, source, details, retryAfterSeconds }, ...told }
}

export function replayOutcome(stored: unknown): OperationOutcome {
  const { body, error, warnings, incomplete } = stored as StoredAnswer
  const told: Notices = { warnings: [...warnings], incomplete: new Set(incomplete) }
  return error ? { ok: false, error: new DealbridgeError(error), told } : { ok: true, body, told }
}
