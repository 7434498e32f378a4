import { printParseErrorCode, visit } from 'jsonc-parser'
import type { Edit } from './edit.ts'

/** Deeper than any designer nests, but within the stack: jsonc-parser recurses once for each level. */
const DEEPEST = 400
/** The limit of values in one file; a flow with the 500 actions that Power Automate allows has some ten thousand. Each takes about 200 bytes of memory. */
const MOST_VALUES = 2_000_000

interface Span {
  start: number
  end: number
}

/** A JsonString is a text in a JSON file and its place, quotes included. */
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

/** A JsonArray is an array of a JSON file with the places of its items. */
interface JsonArray extends Span {
  kind: 'array'
  items: JsonNode[]
}

/** A JsonNode is a value of a JSON file and its place. */
export type JsonNode = JsonString | JsonObject | JsonArray | (Span & { kind: 'other' })

/** The values of a JSON text with their places, so that one of them can be exchanged and every other byte stays. Comments and trailing commas are allowed. */
export function parseJsonText(text: string, name: string): JsonNode {
  const json = text.replace(/^\uFEFF/, '')
  const offset = text.length - json.length
  const open: { node: JsonObject | JsonArray; key?: JsonString }[] = []
  let root: JsonNode | undefined
  let values = 0
  const add = (node: JsonNode): void => {
    if (++values > MOST_VALUES) throw new Error(`${name} has more than ${MOST_VALUES} values. Export the flows one by one.`)
    const parent = open.at(-1)
    if (parent === undefined) root = node
    else if (parent.node.kind === 'array') parent.node.items.push(node)
    else {
      parent.node.keys.set(parent.key!.value, parent.key!)
      parent.node.members.set(parent.key!.value, node)
    }
  }
  const begin = (node: JsonObject | JsonArray): void => {
    if (open.length >= DEEPEST)
      throw new Error(`${name} is nested more than ${DEEPEST} levels deep, which no designer does. Export it again.`)
    add(node)
    open.push({ node })
  }
  const end = (at: number, length: number): void => {
    open.pop()!.node.end = offset + at + length
  }
  const string = (value: string, at: number, length: number): JsonString => ({
    kind: 'string',
    start: offset + at,
    end: offset + at + length,
    value,
  })
  visit(
    json,
    {
      onObjectBegin: (at) => begin({ kind: 'object', start: offset + at, end: 0, keys: new Map(), members: new Map() }),
      onArrayBegin: (at) => begin({ kind: 'array', start: offset + at, end: 0, items: [] }),
      onObjectEnd: end,
      onArrayEnd: end,
      onObjectProperty(key, at, length) {
        const parent = open.at(-1)!
        if (parent.node.kind === 'object' && parent.node.members.has(key))
          throw new Error(
            `${name} has the key ${JSON.stringify(key)} twice in one object, and programs differ in which of them they read. Remove one.`,
          )
        parent.key = string(key, at, length)
      },
      onLiteralValue: (value, at, length) =>
        add(typeof value === 'string' ? string(value, at, length) : { kind: 'other', start: offset + at, end: offset + at + length }),
      onError(code, _at, _length, line, character) {
        throw new Error(`${name} is not JSON: ${printParseErrorCode(code)} in line ${line + 1}, column ${character + 1}. Export it again.`)
      },
    },
    { allowTrailingComma: true },
  )
  return root!
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

/** The children of a value, each with its key or index. */
export const childrenOf = (node: JsonNode): [string, JsonNode][] =>
  node.kind === 'array' ? node.items.map((item, index) => [String(index), item]) : membersOf(node)

/** Longer keys are cut in paths: one long key above many values would make the paths longer than the file. */
const LONGEST_KEY = 200
/** Longer paths lose their beginning, for the same reason. */
const LONGEST_PATH = 1_000

/** `actions/Add_deal` and `inputs` → `actions/Add_deal/inputs` */
export function joinPath(path: string, key: string, separator = '/'): string {
  const short = key.length > LONGEST_KEY ? `${key.slice(0, LONGEST_KEY)}…` : key
  const joined = path === '' ? short : `${path}${separator}${short}`
  return joined.length > LONGEST_PATH ? `…${joined.slice(-LONGEST_PATH / 2)}` : joined
}

/** Calls `visitor` with each text in it in the order of the file, the keys included, and its path from the top: `actions/Add_deal/inputs`. */
export function forEachString(node: JsonNode, visitor: (path: string, node: JsonString) => void, path = ''): void {
  if (node.kind === 'string') visitor(path, node)
  for (const [key, value] of childrenOf(node)) {
    const below = joinPath(path, key)
    if (node.kind === 'object') visitor(below, node.keys.get(key)!)
    forEachString(value, visitor, below)
  }
}

/** Replaces the value of a string with `after`. The file's own escaping of the common parts stays. */
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
