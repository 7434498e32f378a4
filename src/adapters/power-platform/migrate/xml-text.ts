/** A ConnectionReferenceElement is a connection reference in customizations.xml with the places of its parts. */
export interface ConnectionReferenceElement {
  logicalName: string
  logicalNameAt: number
  connectorId: string
  connectorIdAt: number
  /** Present only for a custom connector that is part of the same solution. */
  customConnector: boolean
  start: number
  end: number
}

const CLOSING = new Map([
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
])

/** The XML with blanks in place of comments and CDATA, since they hold no elements. The length stays the same, so that places stay correct. */
export function withoutComments(xml: string): string {
  const pieces: string[] = []
  let done = 0
  for (const { 0: begin, index } of xml.matchAll(/<!--|<!\[CDATA\[/g)) {
    if (index < done) continue
    const closing = CLOSING.get(begin)!
    const found = xml.indexOf(closing, index + begin.length)
    // An unclosed one hides the rest, so the search ends.
    const end = found < 0 ? xml.length : found + closing.length
    pieces.push(xml.slice(done, index), ' '.repeat(end - index))
    done = end
  }
  return pieces.join('') + xml.slice(done)
}

const BEGIN = '<connectionreference'

/** The connection references of customizations.xml. Each search begins where the last one ended: the time is linear in the text. */
export function connectionReferenceElements(given: string): ConnectionReferenceElement[] {
  const xml = withoutComments(given)
  const elements: ConnectionReferenceElement[] = []
  let place = 0
  for (const { 0: closing, index } of xml.matchAll(/<\/connectionreference\s*>/g)) {
    const end = index + closing.length
    // The last start tag before the end: an element contains no other of its kind.
    const start = lastBegin(xml, place, index)
    if (start !== undefined) elements.push(...readElement(xml.slice(start, end), start))
    place = end
  }
  return elements
}

function lastBegin(xml: string, from: number, before: number): number | undefined {
  // A slice, because lastIndexOf always searches back to the beginning of the text.
  const text = xml.slice(from, before)
  for (let start = text.lastIndexOf(BEGIN); start >= 0; start = start === 0 ? -1 : text.lastIndexOf(BEGIN, start - 1))
    if (/\s/.test(text[start + BEGIN.length] ?? '')) return from + start
  return undefined
}

function readElement(element: string, start: number): ConnectionReferenceElement[] {
  const head = element.slice(0, element.indexOf('>') + 1)
  const name = /\sconnectionreferencelogicalname\s*=\s*["']([^"'>]*)["']/d.exec(head)
  const custom = between(element, '<customconnectorid', '</customconnectorid')
  const id = textOf(element, '<connectorid', '</connectorid', custom)
  if (!name || !id) return []
  return [
    {
      logicalName: name[1]!,
      logicalNameAt: start + name.indices![1]![0],
      connectorId: id.text,
      connectorIdAt: start + id.at,
      customConnector: custom !== undefined,
      start,
      end: start + element.length,
    },
  ]
}

function between(element: string, opening: string, closing: string, from = 0): readonly [start: number, end: number] | undefined {
  const start = element.indexOf(opening, from)
  const end = start < 0 ? -1 : element.indexOf(closing, start)
  return end < 0 ? undefined : [start, end]
}

/** The text of the first such element that is not within `hidden`. */
function textOf(element: string, opening: string, closing: string, hidden: readonly [number, number] | undefined) {
  const first = between(element, opening, closing)
  const span = first && hidden && first[0] > hidden[0] && first[0] < hidden[1] ? between(element, opening, closing, hidden[1]) : first
  const begin = span && element.indexOf('>', span[0]) + 1
  if (span === undefined || begin === undefined || begin > span[1]) return undefined
  const raw = element.slice(begin, span[1])
  const text = raw.trim()
  return text.includes('<') ? undefined : { text, at: begin + raw.indexOf(text) }
}

/** Finds each of `names` in a text as a separate word, in any case: one pass through the text, however many names there are. */
export function placesOf(names: Iterable<string>): (text: string) => Map<string, number[]> {
  const namesByLowerCase = new Map([...names].map((name) => [name.toLowerCase(), name]))
  return (text) => {
    const places = new Map<string, number[]>()
    for (const { 0: word, index } of text.matchAll(/[\w-]+/g)) {
      const name = namesByLowerCase.get(word.toLowerCase())
      if (name === undefined) continue
      const list = places.get(name)
      if (list) list.push(index)
      else places.set(name, [index])
    }
    return places
  }
}

/** The names that `placesOf` finds; Power Apps assigns no others. */
export const isLogicalName = (name: string): boolean => /^[\w-]+$/.test(name)

export const isManaged = (solutionXml: string): boolean => /<Managed\s*>\s*1\s*<\/Managed\s*>/.test(withoutComments(solutionXml))
