/** A ListRecord is a record of a drop-down: the value that is sent, and the title that is shown. */
export interface ListRecord {
  id: number | string
  /** Null if Pipedrive sent no text. */
  title: string | null
}

/** `Name (hint)`; the name alone if there is no hint. */
export const withHint = (name: string | null, hint: string | null | undefined): string => (hint ? `${name ?? ''} (${hint})` : (name ?? ''))

/** A drop-down shows neither line breaks nor blanks at the ends: two names that differ only in these look the same. */
const inOneLine = (title: string | null): string => (title ?? '').replace(/[\s\p{Cc}]+/gu, ' ').trim()

/**
 * The rows, each under a unique title, because a maker cannot distinguish two equal lines. Equal titles get the id of their record
 * until they are unique (a record may be named like another one with its id), and so do rows without a name. A repeated record is shown once.
 */
export function uniqueTitles<T extends ListRecord>(rows: readonly T[]): (T & { title: string })[] {
  let shown = [...new Map(rows.map((row) => [row.id, { ...row, title: inOneLine(row.title) || hintOf(row.id) }])).values()]
  for (;;) {
    const times = new Map<string, number>()
    for (const { title } of shown) times.set(title, (times.get(title) ?? 0) + 1)
    if (times.size === shown.length) return shown
    shown = shown.map((row) => (times.get(row.title) === 1 ? row : { ...row, title: withHint(row.title, hintOf(row.id)) }))
  }
}

const hintOf = (id: number | string): string => (typeof id === 'number' ? `#${id}` : id)
