/** A Titled is a record of a drop-down: what is sent, and what is shown. */
export interface Titled {
  id: number | string
  title: string
}

/** `Name (what tells it apart)`; a name alone where nothing is known beside it. */
export const withHint = (name: string, hint: string | null | undefined): string => (hint ? `${name} (${hint})` : name)

/** A drop-down shows neither line breaks nor blanks at the ends: two names that differ in these alone look alike. */
const inOneLine = (title: string): string => title.replace(/[\s\p{Cc}]+/gu, ' ').trim()

/**
 * The rows, each under a title that no other has: a maker cannot tell two equal lines apart. Lines that are equal get their id,
 * until none are (a record may be named like another one with its id), and so do those without a name. A record that comes twice is shown once.
 */
export function uniqueTitles<T extends Titled>(rows: readonly T[]): T[] {
  let shown = [...new Map(rows.map((row) => [row.id, { ...row, title: inOneLine(row.title) || hintOf(row.id) }])).values()]
  for (;;) {
    const times = new Map<string, number>()
    for (const { title } of shown) times.set(title, (times.get(title) ?? 0) + 1)
    if (times.size === shown.length) return shown
    shown = shown.map((row) => (times.get(row.title) === 1 ? row : { ...row, title: withHint(row.title, hintOf(row.id)) }))
  }
}

const hintOf = (id: number | string): string => (typeof id === 'number' ? `#${id}` : id)
