import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { en } from './en.ts'
import { ja } from './ja.ts'
import type { Label, Locale, OperationText } from './locales.ts'

interface ContractField {
  key?: string
  path?: string
  label_en: string
  label_ja: string
  description_ja: string
}
interface Contract {
  connection: { parameters: ContractField[] }
  operations: {
    operationId: string
    summary_en: string
    summary_ja?: string
    description_ja?: string
    deprecation_ja?: string
    parameters?: ContractField[]
  }[]
  definitions: Record<string, ContractField[]>
}

/** A LabelRow is one label of a locale with the place where it stands. */
type LabelRow = [place: string, label: Label]
const isLabel = (value: object): value is Label => 'summary' in value
function labels(tree: object, place = ''): LabelRow[] {
  return Object.entries(tree).flatMap(([key, value]: [string, unknown]) => {
    if (typeof value !== 'object' || value === null) return []
    const at = place ? `${place}.${key}` : key
    const below = labels(value, at)
    return isLabel(value) ? [[at, value] as LabelRow, ...below] : below
  })
}
const operation = (locale: Locale, id: string): OperationText | undefined => (locale.operations as Record<string, OperationText>)[id]

describe('each language', () => {
  test('has a text at the same places as every other', () => {
    expect(labels(ja).map(([place]) => place)).toEqual(labels(en).map(([place]) => place))
  })
  test('has a title and a description everywhere', () => {
    const blank = [...labels(en), ...labels(ja)].filter(([, label]) => !label.summary.trim() || !label.description.trim())
    expect(blank).toEqual([])
  })
  test('says more in an English description than in the title, and ends a sentence with a period', () => {
    const isFormat = (text: string) => /^(yyyy|YYYY|HH|0 =)/.test(text)
    const poor = labels(en).filter(
      ([, { summary, description }]) => description === summary || description.endsWith('.') === isFormat(description),
    )
    expect(poor).toEqual([])
  })
})

// The contract as data lies beside the project where the project is developed; it is not part of it.
const contractPath = new URL('../../../../shared/reference/contract.json', import.meta.url)
const contract = existsSync(contractPath) ? (JSON.parse(readFileSync(contractPath, 'utf8')) as Contract) : undefined

describe.skipIf(!contract)('against the contract as data (skipped: not there)', () => {
  const { operations, definitions, connection } = contract ?? { operations: [], definitions: {}, connection: { parameters: [] } }

  test('there are texts for its operations and no others', () => {
    const ids = operations.map((o) => o.operationId).sort()
    expect(Object.keys(en.operations).sort()).toEqual(ids)
  })

  test.each(operations.map((o) => [o.operationId, o] as const))('%s is called what the contract calls it', (id, told) => {
    // The contract notes the query of a look-up behind its title.
    expect(operation(en, id)?.summary).toBe(told.summary_en.replace(/ \(query .*\)$/, ''))
    expect(operation(ja, id)).toMatchObject({
      ...(told.summary_ja && { summary: told.summary_ja }),
      ...(told.description_ja && { description: told.description_ja }),
    })
    expect(operation(ja, id)?.deprecation).toBe(told.deprecation_ja)
    expect(operation(en, id)?.deprecation !== undefined).toBe(told.deprecation_ja !== undefined)
  })

  const parameters = operations.flatMap((o) => (o.parameters ?? []).map((p) => [o.operationId, p.key!, p] as const))
  test.each(parameters)('parameter %s.%s has the labels of the contract', (id, key, told) => {
    expect(operation(en, id)?.parameters[key]?.summary).toBe(told.label_en)
    expect(operation(ja, id)?.parameters[key]).toMatchObject({
      summary: told.label_ja,
      ...(told.description_ja && { description: told.description_ja }),
    })
  })

  const rows = Object.entries(definitions).flatMap(([name, fields]) => fields.map((f) => [name, f.path!, f] as const))
  test('the contract has 116 rows', () => expect(rows).toHaveLength(116))
  test.each(rows)('row %s.%s has the labels of the contract', (name, path, told) => {
    const english = (en.definitions as Record<string, Record<string, Label>>)[name]?.[path]
    const japanese = (ja.definitions as Record<string, Record<string, Label>>)[name]?.[path]
    expect(english?.summary).toBe(told.label_en)
    expect(japanese).toEqual({ summary: told.label_ja, description: told.description_ja })
  })

  test('the connection asks for what the contract calls it', () => {
    const [told] = connection.parameters
    expect(en.connection.api_key.summary).toBe(told!.label_en)
    expect(ja.connection.api_key).toEqual({ summary: told!.label_ja, description: told!.description_ja })
  })
})
