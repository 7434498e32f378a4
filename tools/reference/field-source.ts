import type { FieldRule } from '../../src/catalog/mapping.ts'
import { activityFields } from '../../src/catalog/contract/mappings/activity.ts'
import { dealFields, dealFieldsV2 } from '../../src/catalog/contract/mappings/deal.ts'
import { stageFields } from '../../src/catalog/contract/mappings/stage.ts'

type AnyRule = FieldRule<Record<string, unknown>, unknown>
type Kind<K> = Extract<AnyRule, { kind: K }>

/** A FieldSource is where one value of an answer comes from in Pipedrive. */
export type FieldSource =
  /** A field of the record itself; `include` when it is only served to who asks for it. */
  | { kind: 'field'; field: string; include: boolean }
  /** Fields of another record, the one that `by` points at. */
  | { kind: 'linked'; linked: Kind<'lookup'>['linked']; fields: readonly string[]; by: string; include: boolean }
  | { kind: 'derived'; why: string }
  | { kind: 'constant'; value: unknown; why: string }
  | { kind: 'gone'; why: string }

/** The tables that fill the definitions. The lists behind drop-downs have none. */
const mappings: Readonly<Record<string, object>> = {
  DealResponse: dealFields,
  DealResponseV2: dealFieldsV2,
  ActivityResponse: activityFields,
  StageResponse: stageFields,
}

/** Where the value at this path of a definition comes from; undefined when no table says it. */
export function fieldSource(definition: string, path: string): FieldSource | undefined {
  const [key, ...below] = path.split('.')
  const rule = (mappings[definition] as Record<string, AnyRule> | undefined)?.[key!]
  return rule && readRule(rule, below)
}

export function readRule(rule: AnyRule, below: readonly string[] = []): FieldSource {
  switch (rule.kind) {
    case 'field':
      return { kind: 'field', field: rule.from, include: rule.include }
    case 'lookup':
      return linkedSource(rule, below)
    case 'derived':
      return { kind: 'derived', why: rule.why }
    case 'constant':
      return { kind: 'constant', value: rule.value, why: rule.why }
    case 'gone':
      return { kind: 'gone', why: rule.why }
  }
}

/** No record has it, so where it comes out again it is the id that went in. */
const SOME_ID = -7_351

function linkedSource({ linked, by, take, include }: Kind<'lookup'>, below: readonly string[]): FieldSource {
  const { fields, answer } = fieldsRead((row) => take(row as never, SOME_ID))
  const value = below.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], answer)
  if (value === SOME_ID) return { kind: 'field', field: by, include }
  const own = fields.filter((field) => below.length === 0 || value === mark(field))
  if (own.length === 0) throw new Error(`Nothing of the ${linked} that ${by} points at goes into ${below.join('.')}`)
  return { kind: 'linked', linked, fields: own, by, include }
}

/** A value by which a field is known again in what was made of it. */
const mark = (field: string): string => `the value of ${field}`

/** Which fields of a record a function reads, and what it makes of their marks. */
function fieldsRead(read: (record: Record<string, unknown>) => unknown): { fields: string[]; answer: unknown } {
  const fields = new Set<string>()
  const record = new Proxy<Record<string, unknown>>({}, { get: (_, field) => (fields.add(String(field)), mark(String(field))) })
  return { answer: read(record), fields: [...fields] }
}
