/** What a terminal would obey instead of showing it. Names come from Pipedrive and from other people. */
const CONTROL = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu
/** Characters that fill two columns of a terminal. */
const WIDE = /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\uff01-\uff60]|\p{Emoji_Presentation}/gu

export const plain = (text: string): string => text.replace(CONTROL, '?')

const widthOf = (text: string): number => Array.from(text).length + (text.match(WIDE)?.length ?? 0)

/** Rows under their headings, each column as wide as it needs to be. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings, ...rows].map((row) => row.map(plain))
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => widthOf(line[column] ?? ''))))
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell + ' '.repeat(widths[column]! - widthOf(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** A time of the API, to the minute; in UTC, as everywhere. */
export const minute = (iso: string | null): string => (iso === null ? 'never' : iso.slice(0, 16).replace('T', ' '))
