import { at, type JsonNode, type JsonString } from './json-text.ts'

/** In an evaluated text: a part whose value only the deployment or the running app knows. */
export const UNKNOWN = '\0'
/** The nesting limit of calls, brackets and references; people write five levels. */
const DEEPEST = 40
/** Azure's ids stay below 2,000 characters, and in practice so do the expressions of templates. Also keeps `concat` of `concat` from growing. */
const LONGEST = 4_000

/** A Scope holds the parameters and variables of a file, and how its expressions are marked: `[…]` in a template, `@…` and `@{…}` in a workflow. */
export interface Scope {
  style: 'template' | 'workflow'
  find(kind: 'parameters' | 'variables', name: string): ScopedValue | undefined
  /** The values evaluated so far: without them, variables that name each other twice would double the work at each level. */
  evaluated: Map<JsonNode, EvaluatedValue>
}

/** A ScopedValue is a value with the scope that its expressions are read in. */
export interface ScopedValue {
  node: JsonNode
  scope: Scope
}

/** An EvaluatedValue is the text of a value after evaluation, with the string of the file that it comes from; or an object of the file. */
export type EvaluatedValue = { text: string; origin?: JsonString | undefined } | ScopedValue

const unknown: EvaluatedValue = { text: UNKNOWN }

export const scopeOf = (style: Scope['style'], find: Scope['find']): Scope => ({ style, find, evaluated: new Map() })

/** A value with its expressions evaluated. An expression that cannot be evaluated is `UNKNOWN`. */
export function evaluate({ node, scope }: ScopedValue, depth = 0): EvaluatedValue {
  if (node.kind === 'other') return unknown
  if (node.kind !== 'string') return { node, scope }
  const known = scope.evaluated.get(node)
  if (known !== undefined) return known
  if (depth > DEEPEST || node.value.length > LONGEST) return { text: UNKNOWN, origin: node }
  // Ends the recursion of a value that refers to itself.
  scope.evaluated.set(node, { text: UNKNOWN, origin: node })
  const result = readString(node.value, scope, depth)
  const evaluated = 'text' in result ? { text: result.text, origin: result.origin ?? node } : result
  scope.evaluated.set(node, evaluated)
  return evaluated
}

/** The text of a value; `UNKNOWN` if it is no text. */
export function textOf(node: JsonNode | undefined, scope: Scope): { text: string; origin?: JsonString | undefined } | undefined {
  if (node === undefined) return undefined
  const evaluated = evaluate({ node, scope })
  return 'text' in evaluated ? evaluated : { text: UNKNOWN }
}

function readString(text: string, scope: Scope, depth: number): EvaluatedValue {
  if (scope.style === 'template')
    return /^\s*\[(?!\[)[^]*\]\s*$/.test(text) ? readWhole(text, text.indexOf('[') + 1, /^\s*\]\s*$/) : { text }
  if (/^@(?![@{])/.test(text)) return readWhole(text, 1, /^\s*$/)
  let result = ''
  let done = 0
  for (let place = text.indexOf('@{'); place >= 0; place = text.indexOf('@{', done)) {
    const { value, end } = readExpression(text, place + 2, scope, depth)
    result += text.slice(done, place) + ('text' in value ? value.text : UNKNOWN)
    if (text[end] !== '}') return { text: result + UNKNOWN }
    done = end + 1
  }
  return { text: result + text.slice(done) }

  function readWhole(whole: string, start: number, rest: RegExp): EvaluatedValue {
    const { value, end } = readExpression(whole, start, scope, depth)
    return rest.test(whole.slice(end)) ? value : unknown
  }
}

/** Reads one expression of either language: they share calls, literals and accessors. `end` is where the expression ends, or the first character that is not understood. */
function readExpression(text: string, start: number, scope: Scope, depth: number): { value: EvaluatedValue; end: number } {
  let place = start
  let failed = false
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = place
    const found = pattern.exec(text)?.[0]
    place += found?.length ?? 0
    return found
  }
  const takes = (character: string): boolean => {
    take(/\s*/y)
    if (text[place] !== character) return false
    place++
    return true
  }
  const fail = (): EvaluatedValue => {
    failed = true
    return unknown
  }
  const primary = (level: number): EvaluatedValue => {
    take(/\s*/y)
    const literal = take(/'(?:[^']|'')*'/y)
    if (literal !== undefined) return { text: literal.slice(1, -1).replaceAll("''", "'") }
    const number = take(/-?\d+/y)
    if (number !== undefined) return { text: number }
    const name = take(/[a-z_]\w*/iy)
    if (name === undefined) return fail()
    if (!takes('(')) return unknown
    const given: EvaluatedValue[] = []
    if (!takes(')')) {
      do given.push(expression(level + 1))
      while (!failed && takes(','))
      if (failed || !takes(')')) return fail()
    }
    return call(name.toLowerCase(), given, scope, level)
  }
  const expression = (level: number): EvaluatedValue => {
    if (level > DEEPEST) return fail()
    let value = primary(level)
    while (!failed) {
      take(/\s*\??/y)
      if (takes('[')) {
        const key = expression(level + 1)
        if (!takes(']')) return fail()
        value = member(value, 'text' in key ? key.text : UNKNOWN, level)
      } else if (takes('.')) value = member(value, take(/\w+/y) ?? UNKNOWN, level)
      else return value
    }
    return value
  }
  const value = expression(depth)
  take(/\s*/y)
  return { value: failed ? unknown : value, end: place }
}

function member(value: EvaluatedValue, key: string, level: number): EvaluatedValue {
  const node = 'text' in value ? undefined : at(value.node, key)
  return node === undefined || 'text' in value ? unknown : evaluate({ node, scope: value.scope }, level + 1)
}

function call(name: string, given: readonly EvaluatedValue[], scope: Scope, level: number): EvaluatedValue {
  const texts = given.map((value) => ('text' in value ? value.text : UNKNOWN))
  const [first = UNKNOWN] = texts
  const bounded = (text: string): EvaluatedValue => (text.length > LONGEST ? unknown : { text })
  const size = texts.reduce((sum, text) => sum + text.length, 0)
  if (size > LONGEST) return unknown
  switch (name) {
    case 'parameters':
    case 'variables': {
      const found = scope.find(name, first)
      return found === undefined ? unknown : evaluate(found, level + 1)
    }
    case 'concat':
      return bounded(texts.join(''))
    case 'format':
      return bounded(first.replace(/\{(\d{1,2})\}/g, (_, index: string) => texts[Number(index) + 1] ?? UNKNOWN))
    case 'tolower':
      return { text: first.toLowerCase() }
    case 'toupper':
      return { text: first.toUpperCase() }
    case 'string':
    case 'trim':
      return { text: first.trim() }
    case 'resourceid':
    case 'subscriptionresourceid':
    case 'tenantresourceid':
    case 'extensionresourceid':
      return bounded(resourceId(texts))
    default:
      return unknown
  }
}

/** `'Microsoft.Web/locations/managedApis', 'westeurope', 'pipedrive'` → `…/providers/Microsoft.Web/locations/westeurope/managedApis/pipedrive` */
function resourceId(texts: readonly string[]): string {
  const type = texts.findIndex((text) => /^\w+(?:\.\w+)+\/[\w/]+$/.test(text))
  if (type < 0) return UNKNOWN
  const [provider, ...kinds] = texts[type]!.split('/')
  const names = texts.slice(type + 1).flatMap((text) => text.split('/'))
  if (names.length !== kinds.length) return UNKNOWN
  return `${UNKNOWN}/providers/${provider}${kinds.map((kind, index) => `/${kind}/${names[index]}`).join('')}`
}
