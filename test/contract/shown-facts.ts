import { fact, plain, PREVIEW, type Fact, type Language } from './contract-facts.ts'
import { inCode, type Section } from './reference-sections.ts'

type Json = Record<string, unknown>

/** The facts that a definition contains about operations and definitions. */
export function definitionFacts(document: Json): Fact[] {
  const leaves = (schema: Json, at = ''): { path: string; type: unknown; label: unknown }[] =>
    Object.entries((schema['properties'] ?? {}) as Record<string, Json>).flatMap(([key, p]) =>
      p['properties']
        ? leaves(p, `${at}${key}.`)
        : [{ path: at + key, type: p['format'] === 'date-time' ? 'date-time' : p['type'], label: p['x-ms-summary'] }],
    )
  const operations = Object.entries(document['paths'] as Record<string, Record<string, Json>>).flatMap(([path, item]) =>
    // Beside its operations a path may say what is sent to a callback.
    Object.entries(item).flatMap(([method, o]) => {
      if (o['operationId'] === undefined) return []
      const id = o['operationId'] as string
      const answer = ((o['responses'] as Record<string, Json>)['200']?.['schema'] ?? {}) as Json
      const inputs = (o['parameters'] as Json[]).flatMap((p) => {
        if (p['in'] !== 'body') return [{ key: p['name'] as string, in: p['in'], required: p['required'], schema: p }]
        const { properties, required = [] } = p['schema'] as { properties: Record<string, Json>; required?: string[] }
        return Object.entries(properties).map(([key, schema]) => ({ key, in: 'body', required: required.includes(key), schema }))
      })
      return [
        fact('operation', id, `${method.toUpperCase()} ${path}`),
        fact('answer', id, String((answer['items'] as Json | undefined)?.['$ref'] ?? answer['$ref']).replace('#/definitions/', '')),
        fact('title', id, o['summary']),
        fact('deprecated', id, o['deprecated'] ?? false),
        fact('preview', id, (o['x-ms-api-annotation'] as Json | undefined)?.['status'] === 'Preview'),
        fact('keys in order', id, inputs.map(({ key }) => key).join()),
        ...inputs.flatMap((p) => [
          fact('place of a parameter', `${id}.${p.key}`, p.in),
          fact('type of a parameter', `${id}.${p.key}`, p.schema['type']),
          fact('required', `${id}.${p.key}`, p.required),
          fact('label of a parameter', `${id}.${p.key}`, p.schema['x-ms-summary']),
          fact('words of a choice', `${id}.${p.key}`, ((p.schema['enum'] ?? []) as string[]).join()),
        ]),
      ]
    }),
  )
  const rows = Object.entries(document['definitions'] as Record<string, Json>).flatMap(([name, definition]) => {
    const found = leaves(definition)
    return [
      fact('rows in order', name, found.map(({ path }) => path).join()),
      ...found.flatMap(({ path, type, label }) => [
        fact('type of a row', `${name}.${path}`, type),
        fact('label of a row', `${name}.${path}`, label),
      ]),
    ]
  })
  return [...operations, ...rows]
}

/** The facts that a page contains about operations and definitions: all but the place of a parameter. */
export function pageFacts(sections: ReadonlyMap<string, Section>, language: Language): Fact[] {
  const orNull = { en: ' or null', ja: ' または null' }[language]
  return [...sections].flatMap(([anchor, { heading, text, tables }]) => {
    const [, route] = /^`\w+` · `([A-Z]+ [^`]+)`$/m.exec(text) ?? []
    if (route !== undefined) {
      // A step without parameters begins with its prices.
      const inputs = (tables.length > 1 ? tables[0]!.slice(1) : []).map(([name, key, required, type, description]) => ({
        key: inCode(key!),
        name,
        required: required === 'True',
        type,
        words: [...description!.matchAll(/`([^`]+)`/g)].map(([, word]) => word).join(),
      }))
      return [
        fact('operation', anchor, route),
        fact('answer', anchor, /^\*\*[^*]+:\*\* .*?\[(\w+)\]\(#\1\)/m.exec(text)?.[1]),
        fact('title', anchor, plain(heading)),
        fact('deprecated', anchor, / \[(?:DEPRECATED|非推奨)\]$/.test(heading)),
        fact('preview', anchor, heading.endsWith(PREVIEW[language])),
        fact('keys in order', anchor, inputs.map(({ key }) => key).join()),
        ...inputs.flatMap(({ key, name, required, type, words }) => [
          fact('type of a parameter', `${anchor}.${key}`, type),
          fact('required', `${anchor}.${key}`, required),
          fact('label of a parameter', `${anchor}.${key}`, name),
          fact('words of a choice', `${anchor}.${key}`, words),
        ]),
      ]
    }
    if (!/Response(V\d+)?$/.test(anchor)) return []
    const rows = tables[0]!.slice(1).map(([name, path, type]) => ({ name, path: inCode(path!), type: type!.replace(orNull, '') }))
    return [
      fact('rows in order', anchor, rows.map(({ path }) => path).join()),
      ...rows.flatMap(({ name, path, type }) => [
        fact('type of a row', `${anchor}.${path}`, type),
        fact('label of a row', `${anchor}.${path}`, name),
      ]),
    ]
  })
}

/** The facts that a page contains about connection, limits and products. One cell names where a product is missing. */
export function pageSurroundings(sections: ReadonlyMap<string, Section>, language: Language): Fact[] {
  const rows = (anchor: string, table = 0) => sections.get(anchor)!.tables[table]!.slice(1)
  const [name, scope, sharing] = rows('connection')[0]!
  const [label, key, required, type] = rows('connection', 1)[0]!
  const number = (cell: string | undefined) => Number(/^\d+/.exec(cell!)?.[0])
  return [
    fact('connection', 'name', name),
    ...(language === 'ja' ? [fact('connection', 'scope', scope), fact('connection', 'sharing', sharing)] : []),
    fact('connection', `${inCode(key!)}: label`, label),
    fact('connection', `${inCode(key!)}: type`, type),
    fact('connection', `${inCode(key!)}: required`, required === 'True'),
    ...rows('limits').flatMap((cells, row) => [
      fact('limit', `${row}: name`, cells[0]),
      fact('limit', `${row}: calls`, number(cells[1])),
      fact('limit', `${row}: seconds`, number(cells[2])),
    ]),
    ...rows('products').flatMap(([service, kind, regions]) => [
      fact('product', `${service}: class`, kind),
      ...regions!
        .replace(/^[^:]*: /, '')
        .split(/, |、/)
        .map((region) => fact('product', `${service}: not in`, region)),
    ]),
    ...[...sections.get('products')!.text.matchAll(/^- .*: (https:\S+)$/gm)].map(([, address], at) =>
      fact('address', at === 0 ? 'website' : 'privacy', address),
    ),
  ]
}
