/** Valid JSON that jsonb rejects: the zero character, and lone surrogates. */
const REFUSED = /\\u(?:0000|d[89a-f])/i

/** JSON that jsonb accepts: without zero characters, and with U+FFFD for lone surrogates. Texts from Pipedrive contain both. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value)
  if (!REFUSED.test(text)) return text
  const clean = (part: string) => part.replaceAll('\0', '').toWellFormed()
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'string') return clean(part)
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part
    return Object.fromEntries(Object.entries(part).map(([name, inside]) => [clean(name), inside]))
  })
}
