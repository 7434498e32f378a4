import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { defineAction, defineLookup, type Operation } from '../../src/catalog/define.ts'
import { catalog } from '../../src/catalog/index.ts'
import { defineShape } from '../../src/catalog/shape.ts'
import { sourceNotes } from '../../src/catalog/source-notes.ts'
import { en } from '../../src/catalog/locales/en.ts'
import { ja } from '../../src/catalog/locales/ja.ts'
import { fieldSource } from './field-source.ts'
import type { Page } from './page.ts'
import { pageTextsEn } from './page-texts-en.ts'
import { pageTextsJa } from './page-texts-ja.ts'
import { priceRows, totalOf, type Price, type Prices } from './price.ts'
import { referencePage } from './reference-page.ts'
import { definitionsOf } from './schema-rows.ts'

const get = { request: 'GET /api/v2/deals/{id}', tokens: 1 }
const user = { request: 'GET /api/v1/users/{id}', tokens: 2 }
const price: Price = { requests: { start: [], idle: [], first: [get, user, user], again: [get] }, variants: [] }
const pricesOf = (operations: readonly Operation[]): Prices => ({
  operations: Object.fromEntries(operations.map(({ id }) => [id, price])),
  pollEverySeconds: 120,
})
const page = (operations: readonly Operation[] = catalog, changes: Partial<Page> = {}): Page => ({
  operations,
  locale: en,
  texts: pageTextsEn,
  prices: pricesOf(operations),
  ...changes,
})
const tint = defineLookup({
  id: 'ListTints',
  path: '/v1/tints',
  input: z.object({ hue: z.string().meta({ choices: 'ListDeals' }) }),
  output: defineShape('ListTintsResponse', z.object({ tint: z.string().nullable() })),
  fields: { tint: { field: 'paint' } },
  run: () => Promise.resolve({ tint: null }),
}) as Operation
const label = (summary: string) => ({ summary, description: `${summary}, described.` })
const withTints = {
  locale: {
    ...en,
    operations: { ...en.operations, ListTints: { ...label('List tints'), parameters: { hue: label('Hue | shade') } } },
    definitions: { ...en.definitions, ListTintsResponse: { tint: label('Tint') } },
  },
}

describe('the page', () => {
  test('is the same text each time', () => {
    expect(referencePage(page())).toBe(referencePage(page()))
  })

  test('shows an operation that was added, with its parameters, its answer and its price', () => {
    const text = referencePage(page([...catalog, tint], withTints))
    expect(text).toContain('| [List tints](#ListTints) | List tints, described. | 5 | 1 |')
    expect(text).toContain('`ListTints` · `GET /v1/tints`')
    expect(text).toContain('| Hue \\| shade | `hue` | True | string | Hue \\| shade, described. Chosen from [List deals](#ListDeals). |')
    expect(text).toContain('| Tint | `tint` | string or null | Tint, described. | `paint` |')
  })

  test('tells how often each request is made, and the sum', () => {
    const text = referencePage(page())
    expect(text).toContain('| `GET /api/v1/users/{id}` | 2 × 2 | – |\n| **Total** | **5** | **1** |')
  })

  test('tells with which value a call costs otherwise', () => {
    const prices = pricesOf(catalog)
    const UpdateDealStatus = { ...price, variants: [{ key: 'status', value: 'deleted', tokens: 9 }] }
    const text = referencePage(page(catalog, { prices: { ...prices, operations: { ...prices.operations, UpdateDealStatus } } }))
    expect(text.match(/^With `deleted` as `status` the first time costs 9 tokens\.$/gm)).toHaveLength(1)
  })
})

describe('what is missing stops the build and is named:', () => {
  const build = (changes: Partial<Page>) => () => referencePage(page([...catalog, tint], { ...withTints, ...changes }))

  test('the text of an operation, a parameter, a field', () => {
    expect(build({ locale: en })).toThrow('ListTints has no text in the locale')
    const { operations, definitions } = withTints.locale
    const bare = { ...operations, ListTints: { ...label('List tints'), parameters: {} } } as unknown as typeof operations
    expect(build({ locale: { ...withTints.locale, operations: bare } })).toThrow('ListTints: parameter "hue" has no label')
    const blank = { ...definitions, ListTintsResponse: {} } as unknown as typeof definitions
    expect(build({ locale: { ...withTints.locale, definitions: blank } })).toThrow('ListTintsResponse: "tint" has no label')
  })

  test('where a field comes from', () => {
    const sourceless = { ...tint, fields: {} } as Operation
    expect(() => referencePage(page([...catalog, sourceless], withTints))).toThrow('ListTintsResponse: no definition of an operation says')
  })

  test('a price', () => {
    expect(build({ prices: pricesOf(catalog) })).toThrow('ListTints has no price')
  })

  test('the name of an answer', () => {
    const nameless = defineAction({
      set: 'deals',
      id: 'GetDeal',
      method: 'GET',
      path: '/odd',
      effect: 'read',
      input: z.object({}),
      output: z.object({}),
      fields: {},
      run: () => Promise.resolve({}),
    }) as Operation
    expect(() => referencePage(page([nameless]))).toThrow('GetDeal: its output needs an id')
  })
})

describe.each([
  ['English', pageTextsEn, en],
  ['Japanese', pageTextsJa, ja],
])('the texts in %s', (_, texts, locale) => {
  test('make a page without gaps', () => {
    expect(referencePage(page(catalog, { texts, locale }))).not.toMatch(/undefined|\[object|NaN|\*\*\*\*/)
  })
})

test('every note about a source is named by a mapping or a look-up', () => {
  const sources = catalog.flatMap((operation) =>
    [...definitionsOf(operation)].flatMap(([, rows]) => rows.map(({ path }) => fieldSource(operation, path))),
  )
  const named = sources.flatMap((source) => (source && 'note' in source ? [source.note] : []))
  expect([...new Set(named)].sort()).toEqual(Object.keys(sourceNotes).sort())
})

test('a price is each request once, with how often it is made in each situation', () => {
  expect(totalOf(price.requests.first!)).toBe(5)
  expect(priceRows(price, ['first', 'again', 'idle'])).toEqual([
    { ...get, times: [1, 1, 0] },
    { ...user, times: [2, 0, 0] },
  ])
})
