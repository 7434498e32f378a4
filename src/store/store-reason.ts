import { StoreUnavailable } from './errors/store-unavailable.ts'

/** What lies behind an error of the store, on one line, for logs and whoever runs the server. Callers are told the neutral words of the error itself. */
export function storeReason(error: unknown): string {
  const behind = error instanceof StoreUnavailable ? error.cause : error
  // A server that listens on none of the addresses of a name: the words stand inside.
  const words = behind instanceof AggregateError ? behind.errors.map(wordsOf).join('; ') : ''
  return (words || wordsOf(behind)).replace(/\s+/g, ' ')
}

function wordsOf(error: unknown): string {
  const { message, code } = (error ?? {}) as { message?: string; code?: string }
  return message || code || 'no reason is known'
}
