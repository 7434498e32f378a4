import type { Detail } from '../../kit/errors/dealbridge-error.ts'

const PREFIX = /^\s*Validation failed:\s*/i
/** A part starts where a field name and a colon do; the texts themselves may hold semicolons. */
const PART = /;\s*(?=[A-Za-z0-9_.[\]-]+:\s)/
const FIELD = /^([A-Za-z0-9_.[\]-]+):\s+(.+)$/s

/** The fields that a text like `Validation failed: owner_id: User not found; value: …` names, as Pipedrive v2 calls them; none when it names none. */
export function parseValidation(text: string): Detail[] {
  if (!PREFIX.test(text)) return []
  return text
    .replace(PREFIX, '')
    .split(PART)
    .flatMap((part) => {
      const [, field, message] = FIELD.exec(part.trim()) ?? []
      return field && message ? [{ field, message: message.trim() }] : []
    })
}
