import { CLEAR_FIELDS, CUSTOM_FIELD_KEY } from '../catalog/body-fields.ts'
import type { BodyFields } from '../catalog/define.ts'
import type { Detail } from '../kit/errors/dealbridge-error.ts'
import { nearest } from '../kit/nearest.ts'

const NAMES_MAX = 100
const isCustom = (name: string): boolean => CUSTOM_FIELD_KEY.test(name) && name.length === 40

/** Whether an update can empty this field. */
export const isClearable = (writable: BodyFields, name: string): boolean => isCustom(name) || writable[name]?.clear !== undefined

/** The names in `clear_fields`: a list, or one text with commas. Undefined for anything else. */
export function fieldNamesIn(value: unknown): string[] | undefined {
  const names = typeof value === 'string' ? value.split(',') : value
  if (!Array.isArray(names) || names.length > NAMES_MAX || !names.every((name) => typeof name === 'string')) return undefined
  return [...new Set(names.map((name) => name.trim()).filter((name) => name !== ''))]
}

/** Checks `clear_fields` of an update. `sent` has the fields that the caller sent with a value. */
export function checkClearFields(
  value: unknown,
  writable: BodyFields,
  sent: Readonly<Record<string, unknown>>,
  /** A name that is no field may be that of a custom field, which the operation looks up. */
  takesCustomNames: boolean,
): { names: string[]; details: Detail[] } {
  const names = fieldNamesIn(value)
  const about = (message: string): Detail => ({ field: CLEAR_FIELDS, message })
  if (!names) return { names: [], details: [about('takes a list of field names, like ["expected_close_date"]')] }
  const clearable = Object.keys(writable).filter((name) => isClearable(writable, name))
  const written = new Map(Object.keys(sent).map((name) => [writable[name]?.to ?? name, name]))
  return {
    names,
    details: names.flatMap((name) => {
      const shown = JSON.stringify(name.slice(0, 60))
      if (!isClearable(writable, name)) {
        if (name in writable)
          return [about(`${shown} cannot be cleared in Pipedrive; these can: ${clearable.join(', ')}, and custom fields by their key`)]
        if (takesCustomNames) return []
        const near = nearest(name.slice(0, 60), clearable)
        return [
          about(
            `${shown} is not a field of this operation${near ? `; did you mean "${near}"?` : `; it clears ${clearable.join(', ')}, and custom fields by their key`}`,
          ),
        ]
      }
      const contradicted = written.get(writable[name]?.to ?? name)
      return contradicted === undefined ? [] : [about(`${shown} contradicts ${contradicted}, which has a value; send one of them`)]
    }),
  }
}
