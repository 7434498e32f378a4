import { isObject } from '../../kit/is-object.ts'
import type { V2DealField } from '../../pipedrive/api-types.ts'
import type { ResourceName } from '../../pipedrive/resources.ts'
import type { UpstreamRow } from '../../pipedrive/pipedrive.ts'
import type { OperationContext } from '../define.ts'

/** A name that several fields share names none of them: the code is used then. */
export const nameOf = ({ field_code: code, field_name: name }: V2DealField, fields: readonly V2DealField[]): string =>
  fields.filter((other) => other.field_name === name).length > 1 ? code : name

const labelOf = ({ options }: V2DealField, id: unknown): unknown => options?.find((option) => option.id === id)?.label ?? id

/** The value as people know it: labels for options. */
function shownValue(value: unknown, field: V2DealField): unknown {
  if (value === undefined || value === null) return null
  // Leads have the forms of API v1: texts where API v2 has lists and objects.
  switch (field.field_type) {
    case 'enum':
      return labelOf(field, Number.isNaN(Number(value)) ? value : Number(value))
    case 'set': {
      const ids: unknown[] = typeof value === 'string' ? value.split(',').map(Number) : Array.isArray(value) ? value : [value]
      return ids.map((id) => labelOf(field, id))
    }
    case 'time':
    case 'address':
      return typeof value === 'string' ? { value } : value
    default:
      return value
  }
}

/**
 * The records with their custom fields by name, each field of the account with its value or null, and labels for options. Costs 10 tokens for the
 * definitions, once in 24 h; a code or option that is not in them reads them again, at most once a minute, and stays as it is if it is unknown.
 */
export async function readCustomFields(
  object: ResourceName,
  rows: readonly UpstreamRow[],
  { referenceData }: Pick<OperationContext, 'referenceData'>,
): Promise<UpstreamRow[]> {
  if (rows.length === 0) return []
  const codes = new Set(rows.flatMap((row) => (isObject(row['custom_fields']) ? Object.keys(row['custom_fields']) : [])))
  const fields = await referenceData.customFields(object, (known) => {
    const byCode = new Set(known.map(({ field_code: code }) => code))
    return [...codes].every((code) => byCode.has(code))
  })
  return rows.map((row) => {
    const values = isObject(row['custom_fields']) ? row['custom_fields'] : {}
    const known = fields.map((field) => [nameOf(field, fields), shownValue(values[field.field_code], field)])
    const unknown = Object.entries(values).filter(([code]) => !fields.some((field) => field.field_code === code))
    return { ...row, custom_fields: Object.fromEntries([...known, ...unknown]) }
  })
}
