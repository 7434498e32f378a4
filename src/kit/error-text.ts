const CAUSES_MAX = 5

/**
 * An error as a log may have it: stacks and codes, its own and those of its causes. Other properties stay out: there libraries keep the
 * statement with its parameters, or the request with its headers.
 */
export function errorText(error: unknown): string {
  const told: string[] = []
  for (let one = error; one !== undefined && told.length < CAUSES_MAX; one = one instanceof Error ? one.cause : undefined)
    told.push(one instanceof Error ? ofOne(one) : typeof one === 'string' ? one : `a thrown ${typeof one}`)
  return told.join('\ncaused by: ')
}

function ofOne(error: Error & { code?: unknown }): string {
  const code = typeof error.code === 'string' ? ` (${error.code})` : ''
  const parts = error instanceof AggregateError ? error.errors.map((part) => `\n  ${(part as Error).message}`) : []
  return (error.stack ?? error.message) + code + parts.join('')
}
