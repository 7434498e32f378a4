import type { CompanyFile } from './seed-schema.ts'
import type { ActivityTypeSeed, CurrencySeed } from './company-seed.ts'

export const STANDARD_ACTIVITY_TYPES = ['Call', 'Meeting', 'Task', 'Deadline', 'Email', 'Lunch']

export const slug = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')

/** Expands the short form, a name alone. */
export const longForm = <T extends object>(value: string | T): Partial<T> & { name: string } =>
  (typeof value === 'string' ? { name: value } : value) as Partial<T> & { name: string }

type CurrencyFile = NonNullable<CompanyFile['currencies']>[number]
export const currencyCode = (currency: CurrencyFile): string => (typeof currency === 'string' ? currency : currency.code)

/** Missing values come from Intl, which is used only if needed, because it takes milliseconds. */
export function currencySeed(currency: CurrencyFile, report: (text: string) => void): CurrencySeed {
  const { code, name, symbol, decimals, inactive = false } = typeof currency === 'string' ? { code: currency } : currency
  if (name !== undefined && symbol !== undefined && decimals !== undefined) return { code, name, symbol, decimals, inactive }
  try {
    const format = new Intl.NumberFormat('en', { style: 'currency', currency: code, currencyDisplay: 'narrowSymbol' })
    return {
      code,
      name: name ?? new Intl.DisplayNames('en', { type: 'currency' }).of(code) ?? code,
      symbol: symbol ?? format.formatToParts(0).find(({ type }) => type === 'currency')?.value ?? code,
      decimals: decimals ?? format.resolvedOptions().maximumFractionDigits ?? 2,
      inactive,
    }
  } catch {
    report(`${JSON.stringify(code)} is not an ISO currency code`)
    return { code, name: code, symbol: code, decimals: 2, inactive }
  }
}

const keyOf = (name: string): string => slug(name).replaceAll('-', '_')
const standardKeys = STANDARD_ACTIVITY_TYPES.map(keyOf)

/** A type is custom if Pipedrive has no type with its key. */
export function activityTypeSeed(type: NonNullable<CompanyFile['activityTypes']>[number]): ActivityTypeSeed {
  const { name, key = keyOf(name), inactive = false } = longForm(type)
  return { key, name, inactive, custom: !standardKeys.includes(key) }
}
