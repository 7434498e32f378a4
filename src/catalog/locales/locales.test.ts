import { describe, expect, test } from 'vitest'
import { en } from './en.ts'
import { ja } from './ja.ts'
import type { Label } from './locales.ts'

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
const keys = (tree: object, place = ''): string[] =>
  Object.entries(tree).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null ? keys(value, `${place}.${key}`) : [`${place}.${key}`],
  )

describe('each language', () => {
  test('has a text at the same places as every other', () => {
    expect(keys(ja).sort()).toEqual(keys(en).sort())
  })
  test('has a title and a description everywhere', () => {
    const blank = [...labels(en), ...labels(ja)].filter(([, label]) => !label.summary.trim() || !label.description.trim())
    expect(blank).toEqual([])
  })
  test.each([
    ['English', en, '.'],
    ['Japanese', ja, '。'],
  ] as const)('says more in a description than in the title, in sentences: %s', (_, locale, period) => {
    const poor = labels(locale).filter(
      ([, { summary, description }]) => description.startsWith(summary + period) || !description.endsWith(period),
    )
    expect(poor).toEqual([])
  })
})
