import { type Content, type Html, html } from '../html.ts'
import type { Language } from '../language.ts'
import type { Texts } from '../texts/en.ts'

/** The action of the page's forms. */
export const ACT = '/_sandbox/inspector/act'

/** A PageLocale is the language of a page and its texts. */
export interface PageLocale {
  language: Language
  texts: Texts
}

export const timeTag = (time: string): Html => html`<time datetime="${time}" title="${time}">${time.slice(11, 19)}</time>`

const formats: Partial<Record<Language, Intl.NumberFormat>> = {}
/** Formats are created on demand: creating one slows the start of the sandbox. */
export const formatNumber = (count: number, language: Language): string =>
  (formats[language] ??= new Intl.NumberFormat(language)).format(count)

interface Card {
  id: string
  heading: string
  /** A short text beside the heading. */
  aside?: Content
  /** At the end of the heading's line. */
  tools?: Content
  /** Attributes for the script. */
  data?: Html
}

export const card = ({ id, heading, aside, tools, data }: Card, body: Content): Html => html`
  <section class="card" id="${id}" aria-labelledby="${id}-heading" ${data}>
    <div class="head">
      <h2 id="${id}-heading">${heading}</h2>
      <span class="count" id="${id}-aside">${aside}</span>
      ${tools}
    </div>
    ${body}
  </section>
`

export const form = (body: Content): Html => html`<form method="post" action="${ACT}">${body}</form>`

/** The colour class of a status; the number itself is shown too. */
export const statusKind = (status: number): string => (status >= 500 ? 'bad' : status >= 400 ? 'warn' : 'good')

/** Faults set by a button have the button's text as their name, others the name of their rule. */
export const faultText = (name: string, { presets }: Texts): string =>
  Object.hasOwn(presets, name) ? presets[name as keyof Texts['presets']] : name

/** A first request to try. */
export const example = (origin: string, key: string | undefined): string =>
  `curl -s '${origin}/api/v2/deals?limit=3' -H 'x-api-token: ${key ?? ''}'`
