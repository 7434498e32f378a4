import { StoreUnavailable } from './errors/store-unavailable.ts'

/** The cause of a store error, on one line, for logs and operators. Callers get only the neutral message of the error itself. */
export function storeReason(error: unknown): string {
  const cause = error instanceof StoreUnavailable ? error.cause : error
  // If a server listens on none of the addresses of a name, the messages are in the inner errors.
  const inner = cause instanceof AggregateError ? cause.errors.map(messageOf).join('; ') : ''
  return (inner || messageOf(cause)).replace(/\s+/g, ' ')
}

function messageOf(error: unknown): string {
  const { message, code } = (error ?? {}) as { message?: string; code?: string }
  return message || code || 'no reason is known'
}
