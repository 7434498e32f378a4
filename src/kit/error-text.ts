const CAUSES_MAX = 5

/**
 * The text of an error for the log: stacks and codes of the error and its causes. Other properties are omitted, because libraries store the
 * statement with its parameters, or the request with its headers, in them.
 */
export function errorText(error: unknown): string {
  const texts: string[] = []
  for (let one = error; one !== undefined && texts.length < CAUSES_MAX; one = one instanceof Error ? one.cause : undefined)
    texts.push(one instanceof Error ? textOf(one) : typeof one === 'string' ? one : `a thrown ${typeof one}`)
  return texts.join('\ncaused by: ')
}

function textOf(error: Error & { code?: unknown }): string {
  const code = typeof error.code === 'string' ? ` (${error.code})` : ''
  const parts = error instanceof AggregateError ? error.errors.map((part) => `\n  ${(part as Error).message}`) : []
  return (error.stack ?? error.message) + code + parts.join('')
}
