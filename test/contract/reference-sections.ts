/** A Section is the text from one anchor of a reference page to the next. */
export interface Section {
  heading: string
  text: string
  /** Each with its rows, the head first. */
  tables: string[][][]
}

const cells = (line: string): string[] =>
  line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'))

function tablesIn(lines: readonly string[]): string[][][] {
  const tables: string[][][] = []
  lines.forEach((line, at) => {
    if (!line.startsWith('|')) return
    if (!lines[at - 1]?.startsWith('|')) tables.push([])
    if (!/^\|[ |-]+\|$/.test(line)) tables.at(-1)!.push(cells(line))
  })
  return tables
}

/** A reference page by its anchors. */
export function sectionsOf(page: string): Map<string, Section> {
  const pieces = page.split(/^<a id="([^"]+)"><\/a>$/m)
  const sections = new Map<string, Section>()
  for (let at = 1; at < pieces.length; at += 2) {
    const [anchor, text] = [pieces[at]!, pieces[at + 1]!]
    if (sections.has(anchor)) throw new Error(`The anchor "${anchor}" is there twice`)
    const heading = /^#+ (.*)$/m.exec(text)?.[1] ?? ''
    sections.set(anchor, { heading: heading.replaceAll('\\', ''), text, tables: tablesIn(text.split('\n')) })
  }
  return sections
}

/** What a cell holds between back quotes. */
export const inCode = (cell: string): string => /^`(.*)`$/.exec(cell)?.[1] ?? cell
