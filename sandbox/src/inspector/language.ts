import { en, type Texts } from './texts/en.ts'
import { ja } from './texts/ja.ts'
import { jaSwitches } from './texts/ja-behaviour.ts'

export const languages = { en, ja } as const satisfies Record<string, Texts>

/** A Language is a language of the page. */
export type Language = keyof typeof languages

export const textsIn = (language: Language): Texts => languages[language]

/** The description of a switch in a language other than English; the view has the English one. */
export const aboutSwitch = (name: string, language: Language): string | undefined =>
  language === 'ja' ? (jaSwitches as Readonly<Record<string, string | undefined>>)[name] : undefined

export const isLanguage = (text: string | undefined): text is Language => text !== undefined && Object.hasOwn(languages, text)

/** The supported language that the browser prefers; English by default. */
export function preferred(acceptLanguage: string | undefined): Language {
  const entries = (acceptLanguage ?? '').split(',').map((entry, at) => {
    const [tag, ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase())
    const quality = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1)
    return { language: tag!.split('-')[0], quality: Number.isNaN(quality) ? 0 : quality, at }
  })
  const [best] = entries
    .filter(({ language, quality }) => isLanguage(language) && quality > 0)
    .toSorted((a, b) => b.quality - a.quality || a.at - b.at)
  return (best?.language as Language | undefined) ?? 'en'
}
