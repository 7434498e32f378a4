import * as z from 'zod'
import type { RecordId } from '../../kit/record-id.ts'
import type { LinkedRecord, Pipedrive, RecordCalls, UpstreamRow } from '../../pipedrive/pipedrive.ts'
import { isObject } from '../../kit/is-object.ts'
import type { BodyFields, OperationContext } from '../define.ts'
import type { ObjectField, ObjectFields } from '../fields/object-field.ts'
import { id as idInput, object, uuid } from '../inputs.ts'
import { fieldRules, includeFields, type FieldRule, type Mapping } from '../mapping.ts'
import type { OperationSet } from '../set-names.ts'
import { defineShape } from '../shape.ts'
import { id } from '../contract/shapes/kinds.ts'
import type { ObjectName, Verb } from './object-words.ts'

/** Values by the names of fields. */
export type FieldValues = Readonly<Record<string, unknown>>

/** An ObjectTable is one kind of Pipedrive record as its file says it. */
export interface ObjectTable<Name extends ObjectName = ObjectName, Fields extends ObjectFields = ObjectFields> {
  name: Name
  /** In paths, and the name of its lists. */
  plural: string
  set: OperationSet
  /** Below which record it stands: the name of that one's id, and the look-up that offers it. */
  parent?: { key: string; path: string; choices?: string }
  /** Ids are whole numbers if this is absent. */
  ids?: 'uuid'
  fields: Fields
  operations: readonly Verb[]
  /** Pipedrive's own filters of the list, beside those of the fields. */
  list?: { sortBy?: readonly string[]; updated?: 'since' | 'both'; filterId?: true; ids?: true }
  /** The fields that Pipedrive's search looks into. */
  search?: readonly string[]
  /** The fields by which one record is found; the first is the default. */
  findBy?: readonly string[]
  customFields?: true
  /** How one record is read, if not as every other. */
  read?(pipedrive: Pipedrive, id: RecordId, includes: readonly string[]): Promise<UpstreamRow>
  /** What is left to do with the values of a create or an update before they are written. */
  prepare?(values: FieldValues, context: OperationContext, before: UpstreamRow | undefined): Promise<FieldValues>
  /** What include_fields would have returned for a new record, where it is not what the field's word says. */
  created?(row: UpstreamRow): FieldValues
}

/** A CatalogObject is a kind of record with everything that follows from its table. */
export interface CatalogObject<Name extends ObjectName = ObjectName, Fields extends ObjectFields = ObjectFields> extends ObjectTable<
  Name,
  Fields
> {
  /** In ids and names of shapes: `Person`. */
  noun: string
  /** Where its operations are: `/v2/persons`. */
  path: `/${string}`
  /** One record as answers have it. */
  shape: z.ZodType
  /** Where each of its fields comes from. */
  mapping: Mapping<UpstreamRow, FieldValues>
  /** The include_fields that an answer needs. */
  includes: readonly string[]
  writable: BodyFields
  /** What of it a create takes. */
  creatable: BodyFields
}

const { lookup, derived } = fieldRules<UpstreamRow>()
type RowRule = FieldRule<UpstreamRow, unknown>

/** `owner_id` -> `owner_name`. */
export const nameBeside = (field: string): string => field.replace(/_id$/, '_name')
const capital = (word: string): string => word[0]!.toUpperCase() + word.slice(1)

/** What a record is called, by its kind. */
const titleOf = (row: LinkedRecord[keyof LinkedRecord] | undefined): string | null => {
  if (row === undefined) return null
  const title = 'title' in row ? row.title : 'subject' in row ? row.subject : row.name
  return typeof title === 'string' ? title : null
}

function rulesOf(name: string, field: ObjectField): [string, RowRule][] {
  const { show, primaryOf, link, included, output, from } = field
  if (output === undefined) return []
  if (primaryOf !== undefined) return [[name, derived('primaryContact', (row) => primaryIn(row[primaryOf]))]]
  const own: RowRule = { kind: 'field', from: from ?? name, convert: show, include: included !== undefined }
  return link === undefined
    ? [[name, own]]
    : [
        [name, own],
        [nameBeside(name), lookup(link, name, titleOf)],
      ]
}

function outputsOf(name: string, { output, link, advanced }: ObjectField): [string, z.ZodType][] {
  if (output === undefined) return []
  const own: [string, z.ZodType] = [name, advanced ? output.meta({ ...output.meta(), visibility: 'advanced' }) : output]
  return link === undefined ? [own] : [own, [nameBeside(name), z.string().nullable()]]
}

/** The value of the primary contact of a list, else of the first. */
function primaryIn(list: unknown): string | null {
  const contacts = Array.isArray(list) ? list.filter(isObject) : []
  const value = (contacts.find(({ primary }) => primary === true) ?? contacts[0])?.['value']
  return typeof value === 'string' ? value : null
}

const isPrimaryContact = (value: unknown): unknown => [{ value, primary: true, label: 'work' }]

function writableOf({ fields, customFields }: ObjectTable): BodyFields {
  const rows = Object.entries(fields).flatMap(([name, { input, clear, primaryOf, timeField }]) => {
    if (input === undefined) return []
    const write = primaryOf === undefined ? (value: unknown) => value : isPrimaryContact
    return [
      [name, { input, to: primaryOf ?? name, write, ...(clear !== undefined && { clear }), ...(timeField && { timeField }) }] as const,
    ]
  })
  const custom = { input: object(), to: 'custom_fields', write: (value: unknown) => value }
  return { ...Object.fromEntries(rows), ...(customFields && { custom_fields: custom }) }
}

/** Everything that follows from a table: the shape of answers, where each value comes from, and what can be written. */
export function defineObject<const Name extends ObjectName, const Fields extends ObjectFields>(
  table: ObjectTable<Name, Fields>,
): CatalogObject<Name, Fields> {
  const { name, fields, customFields } = table
  const noun = capital(name)
  const entries = Object.entries(fields)
  const mapping: Mapping<UpstreamRow, FieldValues> = {
    id: fieldRules<UpstreamRow>().field('id'),
    ...Object.fromEntries(entries.flatMap(([key, field]) => rulesOf(key, field))),
    ...(customFields && { custom_fields: derived('customFields', (row) => row['custom_fields'] ?? {}) }),
  }
  const writable = writableOf(table)
  const outputs = Object.fromEntries(entries.flatMap(([key, field]) => outputsOf(key, field)))
  const shape = z.object({
    id: table.ids === 'uuid' ? z.string() : id(),
    ...outputs,
    ...(customFields && { custom_fields: z.looseObject({}) }),
  })
  return {
    ...table,
    noun,
    path: `/v2${table.parent ? `/${table.parent.path}/{${table.parent.key}}` : ''}/${table.plural}`,
    shape: defineShape(noun, shape),
    mapping,
    includes: includeFields(mapping),
    writable,
    creatable: Object.fromEntries(Object.entries(writable).filter(([key]) => fields[key]?.updateOnly !== true)),
  }
}

/** The inputs that name a record of this kind, or its parent. */
export const parentInput = ({ parent }: CatalogObject): Record<string, z.ZodType<number>> =>
  parent ? { [parent.key]: idInput(parent.choices === undefined ? {} : { choices: parent.choices }) } : {}
export const recordIdInput = ({ ids }: CatalogObject): z.ZodType<RecordId> => (ids === 'uuid' ? uuid() : idInput())

/** The requests for records of this kind, below the parent that the input names. */
export const recordsOf = ({ name, parent }: CatalogObject, { pipedrive }: OperationContext, input: FieldValues): RecordCalls => {
  const parentId = parent && input[parent.key]
  return pipedrive.records(name, parent && typeof parentId === 'number' ? { [parent.key]: parentId } : {})
}

/** One record, with everything that an answer needs. */
export const readRecord = (object: CatalogObject, id: RecordId, context: OperationContext, input: FieldValues): Promise<UpstreamRow> =>
  object.read
    ? object.read(context.pipedrive, id, object.includes)
    : recordsOf(object, context, input).get(id, { include_fields: object.includes })

/** The fields that an answer to a write lacks, as they were sent. */
export const sentIncluded = ({ fields }: CatalogObject, body: FieldValues): FieldValues =>
  Object.fromEntries(Object.entries(body).filter(([name]) => fields[name]?.included !== undefined))

/** A record that was just created with this body, with what include_fields would have returned. */
export function withCreated(object: CatalogObject, row: UpstreamRow, body: FieldValues): UpstreamRow {
  const counts = Object.entries(object.fields).flatMap(([name, { included }]) => (included ? [[name, included.created] as const] : []))
  return { ...Object.fromEntries(counts), ...object.created?.(row), ...sentIncluded(object, body), ...row }
}
