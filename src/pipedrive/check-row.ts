import { isObject } from '../kit/is-object.ts'
import { isRecordId } from '../kit/record-id.ts'
import { fieldTypes, type FieldType } from './field-types.ts'

/** A FieldCheck tells whether a value is none of the field's type. */
type FieldCheck = (value: unknown) => boolean

/** Unchecked: an `object` is shown by no answer, and of a `flag` only its truth counts. */
const CHECKS: Partial<Record<FieldType, FieldCheck>> = {
  integer: (value) => !Number.isSafeInteger(value),
  number: (value) => !Number.isFinite(value),
  string: (value) => typeof value !== 'string',
  boolean: (value) => typeof value !== 'boolean',
  array: (value) => !Array.isArray(value),
  clock: (value) => typeof value !== 'string' && !isObject(value),
}

const checksOf = (types: Readonly<Record<string, FieldType>>): readonly (readonly [string, FieldCheck])[] =>
  Object.entries(types).flatMap(([name, type]) => {
    const check = CHECKS[type]
    return check ? [[name, check] as const] : []
  })

const deal = checksOf({ ...fieldTypes.deal, ...fieldTypes.included })
/** By `Target.object`. */
const CHECKS_BY_OBJECT: Partial<Record<string, ReturnType<typeof checksOf>>> = {
  deal,
  'archived deal': deal,
  activity: checksOf(fieldTypes.activity),
  stage: checksOf(fieldTypes.stage),
  pipeline: checksOf(fieldTypes.pipeline),
  person: checksOf(fieldTypes.person),
  organization: checksOf(fieldTypes.organization),
  user: checksOf(fieldTypes.me),
  'activity type': checksOf(fieldTypes.activityType),
  currency: checksOf(fieldTypes.currency),
  webhook: checksOf(fieldTypes.webhook),
}

/** The JSON type of a value, for the log. */
export const jsonTypeOf = (value: unknown): string => (Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value)

/**
 * The record with null for each value that is not of its documented type: such a value is none of the contract, and code that trusts the type
 * fails on it. The record itself is returned if there is none. `onWrongType` gets the field and the type, never the value.
 */
export function checkRow<T extends object>(object: string, row: T, onWrongType: (field: string, type: string) => void): T {
  const values = row as Readonly<Record<string, unknown>>
  let checked: Record<string, unknown> | undefined
  for (const [name, isWrong] of CHECKS_BY_OBJECT[object] ?? []) {
    const value = values[name]
    if (value === null || value === undefined || !isWrong(value)) continue
    checked ??= { ...values }
    checked[name] = null
    onWrongType(name, jsonTypeOf(value))
  }
  return (checked as T | undefined) ?? row
}

/** The records of a list, checked. What has no id is no record. */
export function checkRows(object: string, rows: readonly unknown[], onWrongType: (field: string, type: string) => void): object[] {
  return rows.flatMap((row) => {
    const id = isObject(row) ? row['id'] : undefined
    if (isObject(row) && isRecordId(id)) return [checkRow(object, row, onWrongType)]
    onWrongType('id', isObject(row) ? jsonTypeOf(id) : `no record, but ${jsonTypeOf(row)}`)
    return []
  })
}
