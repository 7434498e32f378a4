/** The text of a cell must end neither the cell nor the row. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

/** A table; its columns are aligned when the page is formatted. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n')

export const code = (text: string): string => `\`${text}\``
/** To a heading with this anchor. Titles are no anchors: they differ by language, and some come twice. */
export const linkTo = (anchor: string, text: string): string => `[${text.replace(/[[\]]/g, '\\$&')}](#${anchor})`
export const heading = (level: number, text: string, anchor: string): string =>
  `<a id="${anchor}"></a>\n\n${'#'.repeat(level)} ${text.replace(/[[\]]/g, '\\$&')}`

/** Parts with an empty line between them; what is undefined is left out. */
export const parts = (...all: readonly (string | undefined)[]): string => all.filter((part) => part !== undefined).join('\n\n')
