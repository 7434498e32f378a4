import type { Operation } from '../../src/catalog/define.ts'
import type { Locale } from '../../src/catalog/locales/en.ts'
import type { OperationText } from '../../src/catalog/locales/locales.ts'
import type { PageTexts } from './page-texts.ts'
import type { Prices } from './price.ts'
import { definitionsOf, type Answering } from './schema-rows.ts'

/** A Page is what a reference page is made of: the catalog, the words of one language, and what the operations cost. */
export interface Page {
  operations: readonly Operation[]
  locale: Locale
  texts: PageTexts
  prices: Prices
}

export function textOf({ locale }: Page, { id }: { id: string }): OperationText {
  const text = (locale.operations as Record<string, OperationText>)[id]
  if (!text) throw new Error(`${id} has no text in the locale`)
  return text
}

/** As designers show it; the annotation of the definition becomes a word here. */
export const titleOf = (page: Page, operation: Operation): string =>
  operation.preview ? `${textOf(page, operation).summary} ${page.texts.preview}` : textOf(page, operation).summary

/** The name of what an operation answers, or, of a trigger, of each of its records. */
export const definitionName = (operation: Answering): string => [...definitionsOf(operation).keys()][0]!
