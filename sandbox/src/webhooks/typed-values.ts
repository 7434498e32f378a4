import type { Company } from '../state/company.ts'
import { type FieldEntity, fieldOf } from '../state/fields.ts'
import type { CustomValues } from '../state/records.ts'

type Value = Record<string, unknown>

/** The payload form of each type; all others are `{ type, value }`. Ranges use `from` where API v2 uses `value`. */
const forms: Readonly<Record<string, (value: unknown) => Value>> = {
  monetary: (stored) => ({ ...(stored as Value) }),
  address: (stored) => Object.fromEntries(Object.entries(stored as Value).map(([part, text]) => [part, text ?? ''])),
  daterange: (stored) => {
    const { value, until } = stored as Value
    return { from: value, until }
  },
  time: (stored) => {
    const { value, timezone_id } = stored as Value
    return { timezone_id, value }
  },
  timerange: (stored) => {
    const { value, until, timezone_id } = stored as Value
    return { timezone_id, from: value, until }
  },
  enum: (id) => ({ id }),
  user: (id) => ({ id }),
  org: (id) => ({ id }),
  people: (id) => ({ id }),
  set: (ids) => ({ values: (ids as unknown[]).map((id) => ({ id })) }),
}

/** The custom fields of a record in payloads: an object with its type for each field with a value. */
export function typedValues(company: Company, entity: FieldEntity, values: CustomValues | undefined): Record<string, unknown> {
  const typed: Record<string, unknown> = {}
  for (const [code, value] of Object.entries(values ?? {})) {
    const type = value === null ? undefined : fieldOf(company, entity, code)?.type
    if (type !== undefined) typed[code] = { ...(forms[type] ?? ((plain) => ({ value: plain })))(value), type }
  }
  return typed
}
