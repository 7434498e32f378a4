import type { Operation } from '../src/catalog/define.ts'
import { en } from '../src/catalog/locales/en.ts'
import { ja } from '../src/catalog/locales/ja.ts'
import { pageTextsEn } from './reference/page-texts-en.ts'
import { pageTextsJa } from './reference/page-texts-ja.ts'
import { referencePage } from './reference/reference-page.ts'
import { measurePrices } from './measure-prices.ts'

/** The reference in both languages, with the prices that these operations have now. */
export async function referencePages(operations: readonly Operation[], locales = { en, ja }): Promise<Record<'en' | 'ja', string>> {
  const prices = await measurePrices(operations)
  return {
    en: referencePage({ operations, locale: locales.en, texts: pageTextsEn, prices }),
    ja: referencePage({ operations, locale: locales.ja, texts: pageTextsJa, prices }),
  }
}
