import type { CustomValues, Option, Row } from './records.ts'
import type { Table } from './table.ts'

export const fieldEntities = ['deal', 'person', 'organization', 'product', 'activity'] as const
/** A FieldEntity is a kind of record that has field definitions. */
export type FieldEntity = (typeof fieldEntities)[number]

export const customTypes = [
  'varchar',
  'varchar_auto',
  'text',
  'double',
  'monetary',
  'date',
  'daterange',
  'time',
  'timerange',
  'phone',
  'enum',
  'set',
  'user',
  'org',
  'people',
  'address',
] as const
/** A CustomType is the type of a custom field; standard fields have more types. */
export type CustomType = (typeof customTypes)[number]

/** A FieldRow is the definition of a field of one kind of record: a standard field or a custom field. */
export interface FieldRow extends Row {
  entity: FieldEntity
  /** Its key in records; 40 hexadecimal digits for a custom field. */
  code: string
  name: string
  type: string
  description: string
  is_custom: boolean
  /** Records contain it only if include_fields names it. */
  is_optional: boolean
  is_writable: boolean
  options: FieldOption[] | null
  /** include_fields can add these to the definition. */
  ui_visibility: Record<string, unknown>
  important_fields: Record<string, unknown>
  required_fields: Record<string, unknown>
}

/** A FieldOption stays after its deletion, because ids are never reused. */
export interface FieldOption extends Omit<Option, 'id'> {
  id: number | string
  is_deleted?: true
}

/** A HasFields is a company, reduced to its fields. */
interface HasFields {
  fields: Table<FieldRow>
}

const isLive = (field: FieldRow): boolean => !field.is_deleted

/** All fields of a kind of record in the order of their creation, standard fields first. */
export const fieldsOf = ({ fields }: HasFields, entity: FieldEntity): FieldRow[] =>
  [...fields.where('entity', entity)].filter(isLive).sort((a, b) => a.id - b.id)

/** The custom fields of a kind of record. */
export const customFieldsOf = (company: HasFields, entity: FieldEntity): FieldRow[] =>
  fieldsOf(company, entity).filter(({ is_custom }) => is_custom)

export function fieldOf({ fields }: HasFields, entity: FieldEntity, code: string): FieldRow | undefined {
  for (const field of fields.where('code', code)) if (field.entity === entity && isLive(field)) return field
  return undefined
}

export const liveOptions = ({ options }: FieldRow): FieldOption[] => (options ?? []).filter(({ is_deleted }) => !is_deleted)

/** The labels of a kind of record: the options of its field label_ids. */
export const labelsOf = (company: HasFields, entity: FieldEntity): FieldOption[] => {
  const field = fieldOf(company, entity, 'label_ids')
  return field ? liveOptions(field) : []
}

const withoutDeleted = (value: unknown, field: FieldRow): unknown => {
  const exists = (id: unknown) => field.options!.some((option) => option.id === id && !option.is_deleted)
  if (!Array.isArray(value)) return exists(value) ? value : null
  const left = value.filter(exists)
  return left.length === 0 ? null : left
}

/** The labels of a record as answers show them. */
export const shownLabels = (company: HasFields, entity: FieldEntity, ids: number[]): number[] => {
  if (ids.length === 0) return ids
  const live = labelsOf(company, entity)
  return ids.filter((id) => live.some((label) => label.id === id))
}

/**
 * The custom fields of a record as answers show them: one entry for each current field, null without a value. Values of deleted fields are
 * left out, as in Pipedrive.
 */
export function shownValues(company: HasFields, entity: FieldEntity, values: CustomValues): CustomValues | null {
  const shown: CustomValues = {}
  let count = 0
  for (const field of company.fields.where('entity', entity)) {
    if (!field.is_custom || field.is_deleted) continue
    count++
    const value = values[field.code] ?? null
    shown[field.code] = value !== null && field.options ? withoutDeleted(value, field) : value
  }
  return count === 0 ? null : shown
}
