import { InvalidInput } from '../../kit/errors/invalid-input.ts'
import { isObject } from '../../kit/is-object.ts'
import { nearest } from '../../kit/nearest.ts'
import type { RecordId } from '../../kit/record-id.ts'
import type { Pipedrive } from '../../pipedrive/pipedrive.ts'
import { fieldsNamed } from '../custom-fields/write-custom-fields.ts'
import type { OperationContext } from '../define.ts'
import { showsValue } from '../found-by.ts'
import type { CatalogObject, FieldValues } from './define-object.ts'

/** A FindKey is by what a record is found: a field of `findBy`, or the code of a custom field, and what the value is called in errors. */
export interface FindKey {
  findBy: string
  isCustom: boolean
  field: string
}

/** Pipedrive searches for shorter texts only if the whole value has to match. */
const SHORTEST_TERM = 2
const FOUND_MAX = 100

/** What `find_by` names; without it the first field that has a value. Costs 10 tokens, once in 24 h, for a custom field. */
export async function findKeyOf(
  { name, findBy: known = [], customFields }: CatalogObject,
  wanted: string | undefined,
  given: FieldValues,
  { referenceData }: OperationContext,
): Promise<FindKey> {
  const word = wanted?.trim()
  if (word === undefined) {
    const first = known.find((field) => given[field] !== undefined) ?? known[0]!
    return { findBy: first, isCustom: false, field: first }
  }
  const own = known.find((field) => field === word.toLowerCase())
  if (own !== undefined) return { findBy: own, isCustom: false, field: own }
  const fields = customFields ? await referenceData.customFields(name, (all) => fieldsNamed(all, word).length > 0) : []
  const named = fieldsNamed(fields, word)
  if (named.length === 1) return { findBy: named[0]!.field_code, isCustom: true, field: `custom_fields.${word.slice(0, 100)}` }
  const shown = JSON.stringify(word.slice(0, 60))
  const near = nearest(word.slice(0, 60), [...known, ...fields.map(({ field_name: title }) => title)])
  const message =
    named.length > 1
      ? `${shown} is the name of ${named.length} fields; use a code: ${named.map(({ field_code: code }) => code).join(' or ')}`
      : `${shown} is no field to find by${near ? `; did you mean "${near}"?` : `; it takes ${known.join(', ')}${customFields ? ', or a custom field' : ''}`}`
  throw new InvalidInput([{ field: 'find_by', message }])
}

/** The value by which a record is found, among the fields of a create. */
export async function valueToFind(
  { name }: CatalogObject,
  { findBy, isCustom, field }: FindKey,
  given: FieldValues,
  { referenceData }: OperationContext,
): Promise<string> {
  const missing = (message = 'is required: records are found by it') => new InvalidInput([{ field, message }])
  if (!isCustom) {
    const list = given[`${findBy}s`]
    const first: unknown = Array.isArray(list) ? (list.find((one) => isObject(one) && one['primary'] === true) ?? list[0]) : undefined
    const value = given[findBy] ?? (isObject(first) ? first['value'] : undefined)
    if (typeof value !== 'string') throw missing()
    return value
  }
  const values = isObject(given['custom_fields']) ? given['custom_fields'] : {}
  const fields = await referenceData.customFields(name, () => true)
  const key = Object.keys(values).find((one) => fieldsNamed(fields, one)[0]?.field_code === findBy)
  const value = key === undefined ? undefined : values[key]
  if (typeof value === 'string' || typeof value === 'number') return String(value)
  throw missing(key === undefined ? undefined : 'is no text or number, so that no record can be found by it')
}

/** What Pipedrive's search is asked for: it compares telephone numbers as they were typed, so the digits alone are tried too. */
const termsOf = ({ findBy }: FindKey, value: string): string[] => {
  const text = value.trim()
  return findBy === 'phone' ? [...new Set([text, text.replace(/\D/g, '')])] : [text]
}

/** The ids of the records that show the value; 20 tokens for each search, and the reads of what it finds by a custom field. */
export async function findIds({ name }: CatalogObject, key: FindKey, value: string, pipedrive: Pipedrive): Promise<RecordId[]> {
  const records = pipedrive.records(name)
  for (const term of termsOf(key, value)) {
    if (term === '') continue
    const exact = term.length < SHORTEST_TERM ? { exact_match: 'true' } : {}
    const { rows } = await records.search({ term, fields: key.isCustom ? 'custom_fields' : key.findBy, limit: FOUND_MAX, ...exact })
    const ids = rows.map(({ id }) => id)
    // A search shows custom fields without their codes.
    const shown = key.isCustom ? [...(await records.getMany(ids)).values()] : rows
    const found = shown.filter((row) => showsValue(row, key.findBy, value)).map(({ id }) => id)
    if (found.length > 0) return found
  }
  return []
}
