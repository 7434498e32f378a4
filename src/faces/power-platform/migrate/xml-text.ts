/** A ConnectionReferenceElement is a connection reference in customizations.xml, and where its parts stand. */
export interface ConnectionReferenceElement {
  logicalName: string
  logicalNameAt: number
  connectorId: string
  connectorIdAt: number
  /** Only one of a custom connector that was packed together with it has that. */
  customConnector: boolean
  start: number
  end: number
}

/** Comments and CDATA are no elements, whatever stands in them. As long as before, so that places stay true. */
const withoutComments = (xml: string): string =>
  xml.replace(/<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>/g, (hidden) => ' '.repeat(hidden.length))

export function connectionReferenceElements(given: string): ConnectionReferenceElement[] {
  const xml = withoutComments(given)
  return [...xml.matchAll(/<connectionreference\s[^>]*>[\s\S]*?<\/connectionreference\s*>/g)].flatMap(({ 0: element, index: start }) => {
    const name = /\sconnectionreferencelogicalname\s*=\s*["']([^"'>]*)["']/d.exec(element)
    const custom = /<customconnectorid\b[\s\S]*?<\/customconnectorid\s*>/.exec(element)?.[0]
    const id = /<connectorid\s*>\s*([^<]*?)\s*<\/connectorid\s*>/d.exec(
      element.replace(custom ?? '', (hidden) => ' '.repeat(hidden.length)),
    )
    if (!name || !id) return []
    return [
      {
        logicalName: name[1]!,
        logicalNameAt: start + name.indices![1]![0],
        connectorId: id[1]!,
        connectorIdAt: start + id.indices![1]![0],
        customConnector: custom !== undefined,
        start,
        end: start + element.length,
      },
    ]
  })
}

/** Where a name stands in a text as a word of its own. */
export function placesOf(text: string, name: string): number[] {
  const word = new RegExp(`(?<![\\w-])${name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}(?![\\w-])`, 'gi')
  return [...text.matchAll(word)].map(({ index }) => index)
}

export const isManaged = (solutionXml: string): boolean => /<Managed\s*>\s*1\s*<\/Managed\s*>/.test(withoutComments(solutionXml))
