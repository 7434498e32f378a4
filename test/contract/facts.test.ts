import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { definitions } from '../host/definitions.ts'
import { contractFacts, surroundingFacts, type CollectedContract, type Fact, type Language } from './contract-facts.ts'
import { sectionsOf } from './reference-sections.ts'
import { definitionFacts, pageFacts, pageSurroundings } from './shown-facts.ts'

const root = join(import.meta.dirname, '../..')
// The collected contract is a file outside the project, present only where the project is developed.
const collected = join(root, '../shared/reference/contract.json')
const contract = existsSync(collected) ? (JSON.parse(readFileSync(collected, 'utf8')) as CollectedContract) : undefined

/** Beyond the contract there may be more operations, definitions and products, but nothing more in those that it has. */
const within = (facts: readonly Fact[], contracted: readonly Fact[]): Fact[] => {
  const owner = ({ kind, at }: Fact) => `${kind} ${at.split(/[.:]/)[0]}`
  const known = new Set(contracted.map(owner))
  return facts.filter((fact) => known.has(owner(fact)))
}
const sorted = (facts: readonly Fact[]) =>
  facts.map(({ kind, at, is }) => `${kind} · ${at} · ${String(is)}`).toSorted((a, b) => (a < b ? -1 : 1))
const counted = (facts: readonly Fact[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { kind } of facts) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

const OF_OPERATIONS = {
  operation: 18,
  answer: 11,
  title: 11,
  deprecated: 11,
  preview: 11,
  'keys in order': 11,
  'type of a parameter': 41,
  required: 41,
  'label of a parameter': 41,
  'words of a choice': 41,
  'rows in order': 4,
  'type of a row': 116,
  'label of a row': 116,
}
const AROUND = { limit: 6, product: 14, address: 2 }

describe.skipIf(!contract)('every fact of the contract (skipped: contract.json is not there)', () => {
  test.each(definitions)('every fact is in the definition: %s', (name, document) => {
    const contracted = contractFacts(contract!, name.startsWith('English') ? 'en' : 'ja')
    expect(sorted(within(definitionFacts(document), contracted))).toEqual(sorted(contracted))
    expect(counted(contracted)).toEqual({ ...OF_OPERATIONS, 'place of a parameter': 41 })
  })

  test.each<Language>(['en', 'ja'])('every fact is on the page: %s', (language) => {
    const sections = sectionsOf(readFileSync(join(root, `generated/reference.${language}.md`), 'utf8'))
    // Where a parameter goes is nothing that readers of a page need.
    const contracted = contractFacts(contract!, language).filter(({ kind }) => kind !== 'place of a parameter')
    expect(sorted(within(pageFacts(sections, language), contracted))).toEqual(sorted(contracted))
    expect(counted(contracted)).toEqual(OF_OPERATIONS)
    const around = surroundingFacts(contract!, language)
    expect(sorted(within(pageSurroundings(sections, language), around))).toEqual(sorted(around))
    expect(counted(around)).toEqual({ connection: language === 'ja' ? 6 : 4, ...AROUND })
  })
})

test.each(definitions)('no text of the definition says that something is a preview, for its annotation does: %s', (_, document) => {
  expect(JSON.stringify(document)).not.toMatch(/\(preview\)|プレビュー/i)
})
