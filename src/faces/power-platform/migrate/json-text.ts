import type { Edit } from './edit.ts'

/** Deeper than any designer nests, shallower than our stack. */
const DEEPEST = 400

interface Span {
  start: number
  end: number
}

/** A JsonString is a text in a JSON file, and where it stands, quotes included. */
export interface JsonString extends Span {
  kind: 'string'
  value: string
}

/** A JsonObject is an object of a JSON file with the places of its keys and values. */
export interface JsonObject extends Span {
  kind: 'object'
  keys: Map<string, JsonString>
  members: Map<string, JsonNode>
}

/** A JsonNode is a value of a JSON file, and where it stands. */
export type JsonNode = JsonString | JsonObject | (Span & { kind: 'array'; items: JsonNode[] }) | (Span & { kind: 'other' })

/** The values of a JSON text with their places, so that one of them can be exchanged and every other byte stays. */
export function parseJsonText(text: string, name: string): JsonNode {
  const json = text.replace(/^\uFEFF/, '')
  const offset = text.length - json.length
  try {
    JSON.parse(json)
  } catch (error) {
    throw new Error(`${name} is not JSON: ${(error as Error).message}. Export it again.`, { cause: error })
  }
  // What follows may trust the text: it is JSON.
  let at = offset
  const skip = (): string => {
    while (' \t\r\n'.includes(text[at] ?? 'x')) at++
    return text[at]!
  }
  const readString = (): JsonString => {
    const start = at++
    while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
    at++
    return { kind: 'string', start, end: at, value: JSON.parse(text.slice(start, at)) as string }
  }
  const read = (depth: number): JsonNode => {
    if (depth > DEEPEST) throw new Error(`${name} is nested more than ${DEEPEST} levels deep, which no designer does. Export it again.`)
    const first = skip()
    const start = at
    if (first === '"') return readString()
    if (first === '{') {
      const keys = new Map<string, JsonString>()
      const members = new Map<string, JsonNode>()
      at++
      while (skip() !== '}') {
        if (text[at] === ',') at++
        skip()
        const key = readString()
        if (members.has(key.value))
          throw new Error(
            `${name} has the key ${JSON.stringify(key.value)} twice in one object, and programs differ in which of them they read. Remove one.`,
          )
        skip()
        at++
        keys.set(key.value, key)
        members.set(key.value, read(depth + 1))
      }
      return { kind: 'object', start, end: ++at, keys, members }
    }
    if (first === '[') {
      const items: JsonNode[] = []
      at++
      while (skip() !== ']') {
        if (text[at] === ',') at++
        items.push(read(depth + 1))
      }
      return { kind: 'array', start, end: ++at, items }
    }
    while (/[\w.+-]/.test(text[at] ?? '')) at++
    return { kind: 'other', start, end: at }
  }
  return read(0)
}

/** The value under these keys, or undefined. */
export function at(node: JsonNode | undefined, ...path: readonly string[]): JsonNode | undefined {
  let found = node
  for (const key of path) found = found?.kind === 'object' ? found.members.get(key) : undefined
  return found
}

export function stringAt(node: JsonNode | undefined, ...path: readonly string[]): JsonString | undefined {
  const found = at(node, ...path)
  return found?.kind === 'string' ? found : undefined
}

export function objectAt(node: JsonNode | undefined, ...path: readonly string[]): JsonObject | undefined {
  const found = at(node, ...path)
  return found?.kind === 'object' ? found : undefined
}

export const membersOf = (node: JsonNode | undefined): [string, JsonNode][] => (node?.kind === 'object' ? [...node.members] : [])

/** Every text in it but for the keys, with its way from the top: `actions/Add_deal/inputs`. */
export function* stringsOf(node: JsonNode, path = ''): Generator<{ path: string; node: JsonString }> {
  const below = (key: string | number) => (path === '' ? String(key) : `${path}/${key}`)
  if (node.kind === 'string') yield { path, node }
  else if (node.kind === 'object') for (const [key, value] of node.members) yield* stringsOf(value, below(key))
  else if (node.kind === 'array') for (const [index, value] of node.items.entries()) yield* stringsOf(value, below(index))
}

/** Makes a string say `after`. Where both say the same, the file's own way of escaping stays. */
export function editString(text: string, { start, end, value }: JsonString, after: string): Edit {
  let same = 0
  while (same < Math.min(value.length, after.length) && value[same] === after[same]) same++
  let tail = 0
  while (tail < Math.min(value.length, after.length) - same && value.at(-1 - tail) === after.at(-1 - tail)) tail++
  const places = [start + 1]
  for (let unit = 0; unit < value.length; unit++) {
    const place = places[unit]!
    places.push(place + (text[place] !== '\\' ? 1 : text[place + 1] === 'u' ? 6 : 2))
  }
  const written = JSON.stringify(after.slice(same, after.length - tail)).slice(1, -1)
  // What .NET writes escapes each apostrophe, and expressions are full of them.
  const inserted = text.slice(start, end).includes('\\u0027') ? written.replaceAll("'", '\\u0027') : written
  return { start: places[same]!, end: places[value.length - tail]!, text: inserted, before: value, after }
}
