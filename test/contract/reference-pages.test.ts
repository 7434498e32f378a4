import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { catalog } from '../../src/catalog/index.ts'
import { en } from '../../src/catalog/locales/en.ts'
import { ja } from '../../src/catalog/locales/ja.ts'
import type { Label, OperationText } from '../../src/catalog/locales/locales.ts'
import { connectionParameters } from '../../src/adapters/power-platform/package/api-properties.ts'
import { connectionLabel, definitionRows, parameterLabels, summaries } from './labels.ts'
import { contractOperations, type ContractOperation } from './operations.ts'
import { definitionsOf } from '../../tools/reference/schema-rows.ts'
import { inCode, sectionsOf, type Section } from './reference-sections.ts'

const root = join(import.meta.dirname, '../..')
const PREVIEW = ['(Preview)', '(プレビュー)']
/** What the contract says beside operations and definitions, in either language. */
const facts = [
  {
    connection: ['Default', 'All regions', 'Not shareable'],
    limits: [
      ['API calls per connection', '100', '60 seconds'],
      ['Frequency of trigger polls', '1', '120 seconds'],
    ],
    products: [
      ['Logic Apps', 'Standard', 'Azure Government regions', 'Azure China regions', 'US Department of Defense (DoD)'],
      ...['Power Automate', 'Power Apps', 'Copilot Studio'].map((service) => [
        service,
        'Premium',
        'US Government (GCC)',
        'US Government (GCC High)',
        'China Cloud operated by 21Vianet',
        'US Department of Defense (DoD)',
      ]),
    ],
    orNull: ' or null',
  },
  {
    connection: ['既定', 'すべての領域', '共有不可'],
    limits: [
      ['接続ごとの API 呼び出し', '100', '60 秒'],
      ['トリガー ポーリングの頻度', '1', '120 秒'],
    ],
    products: [
      ['Logic Apps', '標準', 'Azure 政府の地域', 'Azure 中国の地域', '国防総省 (DoD)'],
      ...['Power Automate', 'Power Apps', 'Copilot Studio'].map((service) => [
        service,
        'プレミアム',
        '米国政府 (GCC)',
        '米国政府 (GCC High)',
        '21Vianet が運用する中国のクラウド',
        '国防総省 (DoD)',
      ]),
    ],
    orNull: ' または null',
  },
] as const

const pages = (['en', 'ja'] as const).map((name, language) => {
  const file = `generated/reference.${name}.md`
  const text = readFileSync(join(root, file), 'utf8')
  return { file, text, language, sections: sectionsOf(text), facts: facts[language]! }
})
const rowsOf = (section: Section, table = 0): string[][] => section.tables[table]?.slice(1) ?? []
/** The contract notes "(プレビュー)" in its Japanese titles only. */
const titleOf = ({ id }: ContractOperation, language: number): string =>
  PREVIEW.reduce((title, word) => title.replace(` ${word}`, ''), summaries[id]![language]!)

describe.each(pages)('$file', ({ text, language, sections, facts: documented }) => {
  const at = (anchor: string): Section => sections.get(anchor)!

  test.each(contractOperations.filter(({ kind }) => kind !== 'lookup').map((o) => [o.id, o] as const))(
    'contains %s as in the contract',
    (id, operation) => {
      const preview = summaries[id]![1].endsWith(PREVIEW[1]!)
      expect(at(id).heading).toBe(preview ? `${titleOf(operation, language)} ${PREVIEW[language]}` : titleOf(operation, language))
      expect(at(id).text).toContain(`\`${id}\` · \`${operation.method} ${operation.path}\``)
      expect(at(id).text).toMatch(new RegExp(`^\\*\\*[^*]+:\\*\\* .*\\[${operation.returns}\\]\\(#${operation.returns}\\)`, 'm'))
      const rows = operation.parameters.length === 0 ? [] : rowsOf(at(id))
      expect(rows.map(([name, key, required, type]) => [name, inCode(key!), required, type])).toEqual(
        operation.parameters.map((p) => [parameterLabels[p.key]![language], p.key, p.required ? 'True' : '', p.type]),
      )
      operation.parameters.forEach((p, row) => {
        const values = [...rows[row]![4]!.matchAll(/`([^`]+)`/g)].map(([, value]) => value)
        expect([p.key, values]).toEqual([p.key, p.enum ?? []])
      })
    },
  )

  test('shows a deprecated operation and what takes its place', () => {
    for (const operation of contractOperations.filter(({ deprecated }) => deprecated)) {
      const replacement = contractOperations.find(({ id }) => id === `${operation.id}V2`)!
      expect(at(operation.id).heading).toMatch(/\[(DEPRECATED|非推奨)\]$/)
      expect(at(operation.id).text).toContain(titleOf(replacement, language))
    }
  })

  test.each(Object.entries(definitionRows))('has exactly the rows of %s, in order', (name, rows) => {
    expect(rowsOf(at(name)).map(([label, path, type]) => [inCode(path!), type!.replace(documented.orNull, ''), label])).toEqual(
      rows.map((row) => [row[0], row[1], row[2 + language]]),
    )
  })

  test('says of every row of every definition what it is and where it comes from', () => {
    const names = new Set(catalog.flatMap((operation) => [...definitionsOf(operation).keys()]))
    expect(names.size).toBeGreaterThan(0)
    for (const name of names) for (const row of rowsOf(at(name))) expect(row.filter((cell) => cell !== '')).toHaveLength(5)
  })

  test('has the limits, the connection and the products of the contract', () => {
    expect(rowsOf(at('limits'))).toEqual(documented.limits)
    expect(rowsOf(at('connection'))).toEqual([documented.connection])
    expect(rowsOf(at('connection'), 1)[0]!.slice(0, 4)).toEqual([connectionLabel[language], '`api_key`', 'True', 'securestring'])
    const products = rowsOf(at('products'))
    expect(products.map(([service, type]) => [service, type])).toEqual(documented.products.map(([service, type]) => [service, type]))
    documented.products.forEach(([, , ...except], row) => {
      for (const region of except) expect(products[row]![2]).toContain(region)
    })
  })

  test('asks for what the package asks for, with either kind of security', () => {
    const locale = [en, ja][language]!
    for (const [table, auth] of (['key', 'basic'] as const).entries()) {
      const asked = Object.entries(connectionParameters(auth, locale)).map(([key, { type, uiDefinition }]) => {
        expect(uiDefinition.constraints.required).toBe('true')
        return [uiDefinition.displayName, key, 'True', type, uiDefinition.description]
      })
      expect(rowsOf(at('connection'), table + 1).map(([name, key, ...rest]) => [name, inCode(key!), ...rest])).toEqual(asked)
    }
  })

  test('has every operation of the catalog, in a list and in a section, with the same price in both', () => {
    const [actions, triggers, lookups] = (['actions', 'triggers', 'lookups'] as const).map((anchor) => rowsOf(at(anchor)))
    const listed = [...actions!, ...triggers!, ...lookups!].map(([title, , ...prices]) => {
      const [, id] = /\(#(\w+)\)$/.exec(title!)!
      return [id, ...prices]
    })
    const inOrder = ['action', 'trigger', 'lookup'].flatMap((kind) => catalog.filter((operation) => operation.kind === kind))
    const inSections = inOrder.map(({ id }) => {
      const [, ...totals] = at(id).tables.at(-1)!.at(-1)!
      return [id, ...totals.map((total) => total.replaceAll('**', ''))]
    })
    expect(listed).toEqual(inSections)
  })

  test('adds up', () => {
    const tokens = (cell: string) => (cell === '–' ? 0 : cell.split(' × ').reduce((product, factor) => product * Number(factor), 1))
    for (const { id } of catalog) {
      const [, ...rows] = at(id).tables.at(-1)!
      const totals = rows.pop()!.slice(1)
      const sums = totals.map((_, column) => rows.reduce((sum, row) => sum + tokens(row[column + 1]!), 0))
      expect([id, totals]).toEqual([id, sums.map((sum) => `**${sum}**`)])
    }
  })

  test('points at nothing that is not there', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)]
    const isThere = ([, path, anchor]: RegExpMatchArray) =>
      path ? anchor === undefined && existsSync(join(root, 'generated', path)) : sections.has(anchor!)
    expect(links.length).toBeGreaterThan(catalog.length)
    expect(links.filter((link) => !isThere(link)).map(([link]) => link)).toEqual([])
  })

  test('has rows as wide as their heads', () => {
    for (const [, { tables }] of sections)
      for (const [head, ...rows] of tables) for (const row of rows) expect(row).toHaveLength(head!.length)
  })
})

test('the pages have the same anchors, keys, paths and prices', () => {
  const skeleton = ({ sections }: (typeof pages)[number]) =>
    [...sections].map(([anchor, { tables, text }]) => [
      anchor,
      [...text.matchAll(/`(?:GET|POST|PUT|PATCH|DELETE) [^`]+`/g)].map(([route]) => route),
      tables.map((table) => table.slice(1).map((row) => row.filter((cell) => /^(`[^`]+`|\**\d+\**|\d+ × \d+|–|True)$/.test(cell)))),
    ])
  expect(skeleton(pages[1]!)).toEqual(skeleton(pages[0]!))
})

// The collected contract is a file outside the project, present only where the project is developed.
const collected = join(root, '../shared/reference/contract.json')
interface Collected {
  connection: Record<'name_en' | 'name_ja' | 'scope_ja' | 'sharing_ja', string>
  limits: { name_en: string; name_ja: string; calls: number; renewal_seconds: number }[]
  operations: {
    operationId: string
    description_ja?: string
    preview?: boolean
    kind: string
    parameters?: { key: string; description_ja: string }[]
  }[]
  definitions: Record<string, { path: string; description_ja: string }[]>
  page: {
    website: string
    privacy: string
    products: { service: string; class_en: string; class_ja: string; except_en: string[]; except_ja: string[] }[]
  }
}

describe.skipIf(!existsSync(collected))('against what was collected (skipped: not there)', () => {
  const contract = existsSync(collected) ? (JSON.parse(readFileSync(collected, 'utf8')) as Collected) : undefined

  test('what the pages are held against here is the same', () => {
    const [english, japanese] = facts
    const { connection, limits, page, operations } = contract!
    expect([connection.name_en, connection.name_ja]).toEqual([english.connection[0], japanese.connection[0]])
    expect([connection.scope_ja, connection.sharing_ja]).toEqual(japanese.connection.slice(1))
    expect(limits.map((l) => [l.name_en, `${l.calls}`, `${l.renewal_seconds} seconds`])).toEqual(english.limits)
    expect(limits.map((l) => [l.name_ja, `${l.calls}`, `${l.renewal_seconds} 秒`])).toEqual(japanese.limits)
    // Copilot Studio came later, under the terms of Power Apps.
    expect(page.products.map((p) => [p.service, p.class_en, ...p.except_en])).toEqual(english.products.slice(0, -1))
    expect(page.products.map((p) => [p.service, p.class_ja, ...p.except_ja])).toEqual(japanese.products.slice(0, -1))
    for (const { text } of pages) for (const url of [page.website, page.privacy]) expect(text).toContain(url)
    const previews = operations.filter(({ preview }) => preview).map(({ operationId }) => operationId)
    expect(previews).toEqual(contractOperations.map(({ id }) => id).filter((id) => summaries[id]?.[1].endsWith(PREVIEW[1]!)))
  })

  test('no description is copied: of no operation, no parameter and no row', () => {
    const { operations, definitions } = contract!
    const copied = (at: string, documented: string | undefined, ours: string | undefined) =>
      documented !== undefined && documented === ours ? [at] : []
    const texts: Record<string, OperationText> = ja.operations
    const rows: Record<string, Record<string, Label>> = ja.definitions
    expect([
      ...operations.flatMap(({ operationId: id, description_ja, parameters = [] }) => [
        ...copied(id, description_ja, texts[id]!.description),
        ...parameters.flatMap((p) => copied(`${id}.${p.key}`, p.description_ja, texts[id]!.parameters[p.key]!.description)),
      ]),
      ...Object.entries(definitions).flatMap(([name, documented]) =>
        documented.flatMap(({ path, description_ja }) => copied(`${name}.${path}`, description_ja, rows[name]![path]!.description)),
      ),
    ]).toEqual([])
  })
})
