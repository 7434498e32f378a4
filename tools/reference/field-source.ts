import type { ListedField, Operation } from '../../src/catalog/define.ts'
import type { AnyFieldRule } from '../../src/catalog/mapping.ts'
import type { SourceNote } from '../../src/catalog/source-notes.ts'

type Kind<K> = Extract<AnyFieldRule, { kind: K }>

/** A FieldSource is where one value of an answer comes from in Pipedrive. */
export type FieldSource =
  /** A field of the record itself; `include` if Pipedrive returns it only when include_fields names it. */
  | { kind: 'field'; field: string; include: boolean }
  /** A field of a list that a drop-down shows. */
  | { kind: 'listed'; field: string; isV1: boolean }
  /** Fields of another record, the one that `by` points at. */
  | { kind: 'linked'; linked: Kind<'lookup'>['linked']; fields: readonly string[]; by: string; include: boolean }
  | { kind: 'derived'; note: SourceNote }
  | { kind: 'constant'; value: unknown; note: SourceNote }
  | { kind: 'removedUpstream'; note: SourceNote }

/** Where the value at this path of the operation's output comes from; undefined if its definition does not say it. */
export function fieldSource(operation: Operation, path: string): FieldSource | undefined {
  if (operation.kind === 'lookup') return listedSource(operation.fields[path])
  const [key, ...below] = path.split('.')
  const { fields } = operation.kind === 'trigger' ? operation.poll : operation
  const rule = (fields as Record<string, AnyFieldRule | undefined>)[key!]
  return rule && readRule(rule, below)
}

function listedSource(listed: ListedField | undefined): FieldSource | undefined {
  if (!listed) return undefined
  return 'note' in listed ? { kind: 'derived', note: listed.note } : { kind: 'listed', field: listed.field, isV1: listed.api === 'v1' }
}

export function readRule(rule: AnyFieldRule, below: readonly string[] = []): FieldSource {
  switch (rule.kind) {
    case 'field':
      return { kind: 'field', field: rule.from, include: rule.include }
    case 'lookup':
      return linkedSource(rule, below)
    case 'derived':
      return { kind: 'derived', note: rule.note }
    case 'constant':
      return { kind: 'constant', value: rule.value, note: rule.note }
    case 'removedUpstream':
      return { kind: 'removedUpstream', note: rule.note }
  }
}

/** No record has this id: where it appears in the result, the rule returned the id that it was given. */
const SOME_ID = -7_351

function linkedSource({ linked, by, map, include }: Kind<'lookup'>, below: readonly string[]): FieldSource {
  const { fields, result } = fieldsRead((record) => map(record as never, SOME_ID))
  const value = below.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], result)
  if (value === SOME_ID) return { kind: 'field', field: by, include }
  const own = fields.filter((field) => below.length === 0 || value === mark(field))
  if (own.length === 0) throw new Error(`${below.join('.')} takes nothing from the ${linked} that ${by} points at`)
  return { kind: 'linked', linked, fields: own, by, include }
}

/** A value by which a field is recognised in the result. */
const mark = (field: string): string => `the value of ${field}`

/** The fields of a record that a function reads, and what it returns for their marks. */
function fieldsRead(read: (record: Record<string, unknown>) => unknown): { fields: string[]; result: unknown } {
  const fields = new Set<string>()
  const record = new Proxy<Record<string, unknown>>({}, { get: (_, field) => (fields.add(String(field)), mark(String(field))) })
  return { result: read(record), fields: [...fields] }
}
