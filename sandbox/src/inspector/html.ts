/** An Html is safe markup; external text enters it through the `html` tag only. */
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

/** A Content is a value in a template: texts are escaped, lists are joined, null and false are empty. */
export type Content = Html | string | number | null | undefined | false | readonly Content[]

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
// Control characters are invisible and direction marks reorder text, so both are shown as escapes.
// oxlint-disable-next-line no-control-regex -- the very purpose
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

const escapeHidden = (mark: string): string => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Escapes text of a request, which is untrusted. Safe in texts and in quoted attributes. */
export const escape = (text: string): string => text.replace(HIDDEN, escapeHidden).replace(/[&<>"']/g, (mark) => ESCAPES[mark]!)

function render(content: Content): string {
  if (content === null || content === undefined || content === false) return ''
  if (content instanceof Html) return content.toString()
  return typeof content === 'object' ? content.map(render).join('') : escape(String(content))
}

/** A template tag that escapes its values. */
export const html = (parts: TemplateStringsArray, ...holes: Content[]): Html =>
  new Html(parts.map((part, at) => part + (at < holes.length ? render(holes[at]) : '')).join(''))
