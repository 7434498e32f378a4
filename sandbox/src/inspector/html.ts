/** An Html is markup that may be sent as it is; what came from outside gets into one through the `html` tag only. */
export class Html {
  readonly #text: string
  constructor(text: string) {
    this.#text = text
  }
  toString(): string {
    return this.#text
  }
}

/** For the page's own script and styles, which must not be escaped. */
export const trusted = (text: string): Html => new Html(text)

/** A Content is what a template takes: texts are escaped, lists are joined, nothing is left out. */
export type Content = Html | string | number | null | undefined | false | readonly Content[]

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
// Control characters would vanish; a request that holds some shall be seen to hold them. Direction marks could make a line read otherwise.
// oxlint-disable-next-line no-control-regex -- the very purpose
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

const escapeHidden = (mark: string): string => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`

/** What came with a request is hostile: nothing of it may become markup. Safe in texts and in quoted attributes. */
export const escape = (text: string): string => text.replace(HIDDEN, escapeHidden).replace(/[&<>"']/g, (mark) => ESCAPES[mark]!)

function render(content: Content): string {
  if (content === null || content === undefined || content === false) return ''
  if (content instanceof Html) return content.toString()
  return typeof content === 'object' ? content.map(render).join('') : escape(String(content))
}

/** Markup with its holes filled in and escaped. */
export const html = (parts: TemplateStringsArray, ...holes: Content[]): Html =>
  new Html(parts.map((part, at) => part + (at < holes.length ? render(holes[at]) : '')).join(''))
