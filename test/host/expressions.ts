/** An Expression is a text, a number, or a call with a path into what it gives: `triggerBody()?['person_id']?['name']`. */
export type Expression = { literal: string | number } | { call: string; args: Expression[]; path: string[] }

/** A Scope is what the expressions of a run can see. */
export interface Scope {
  trigger: unknown
  bodies: ReadonlyMap<string, unknown>
  now: Date
}

const DAY_MS = 86_400_000

/** What a text of a flow is made of. `whole` where it is one expression, which keeps its type: `@triggerBody()?['id']`. */
export function partsOf(text: string): { whole: boolean; parts: (string | Expression)[] } {
  if (/^@[^{@]/.test(text)) return { whole: true, parts: [parseFrom(text, 1, text.length)[0]] }
  const parts: (string | Expression)[] = []
  let at = 0
  for (let start = text.indexOf('@{'); start >= 0; start = text.indexOf('@{', at)) {
    const [expression, end] = parseFrom(text, start + 2)
    if (text[end] !== '}') throw new Error(`"}" is missing behind ${text.slice(start, end)}`)
    parts.push(text.slice(at, start), expression)
    at = end + 1
  }
  return { whole: false, parts: [...parts, text.slice(at)].filter((part) => part !== '') }
}

const unquote = (text: string): string => text.replaceAll("''", "'")

/** An expression that begins at `from`, and where it ends. */
function parseFrom(text: string, from: number, until?: number): [Expression, number] {
  let at = from
  const take = (pattern: string): string | undefined => {
    const match = new RegExp(`\\s*${pattern}\\s*`, 'y')
    match.lastIndex = at
    const found = match.exec(text)
    if (found) at = match.lastIndex
    return found?.[1]
  }
  const parse = (): Expression => {
    const quoted = take("'((?:[^']|'')*)'")
    if (quoted !== undefined) return { literal: unquote(quoted) }
    const digits = take('(-?\\d+)')
    if (digits !== undefined) return { literal: Number(digits) }
    const call = take('([a-zA-Z]\\w*)\\(')
    if (call === undefined) throw new Error(`No expression: ${text.slice(at)}`)
    const args: Expression[] = []
    while (take('(\\))') === undefined) {
      if (args.length > 0 && take('(,)') === undefined) throw new Error(`"," or ")" is missing: ${text.slice(at)}`)
      args.push(parse())
    }
    const path: string[] = []
    for (let key = take("\\??\\['((?:[^']|'')*)'\\]"); key !== undefined; key = take("\\??\\['((?:[^']|'')*)'\\]")) path.push(unquote(key))
    return { call, args, path }
  }
  const expression = parse()
  if (until !== undefined && at !== until) throw new Error(`What follows is no expression: ${text.slice(at)}`)
  return [expression, at]
}

/** Every expression in a value, those in arguments too. */
export function expressionsIn(value: unknown): Expression[] {
  if (typeof value === 'string') return partsOf(value).parts.flatMap((part) => (typeof part === 'string' ? [] : withArguments(part)))
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(expressionsIn) : []
}

const withArguments = (expression: Expression): Expression[] =>
  'call' in expression ? [expression, ...expression.args.flatMap(withArguments)] : [expression]

/** The value as a run would send it. A function that is not known fails. */
export function evaluate(value: unknown, scope: Scope): unknown {
  if (typeof value === 'string') {
    const { whole, parts } = partsOf(value)
    const values = parts.map((part) => (typeof part === 'string' ? part : run(part, scope)))
    return whole ? values[0] : values.map(asText).join('')
  }
  if (Array.isArray(value)) return value.map((one) => evaluate(one, scope))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, evaluate(one, scope)]))
}

function asText(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
  return value === null ? '' : JSON.stringify(value)
}

function run(expression: Expression, scope: Scope): unknown {
  if ('literal' in expression) return expression.literal
  const [first, second, third] = expression.args.map((one) => run(one, scope)) as string[]
  const found = ((): unknown => {
    switch (expression.call) {
      case 'triggerBody':
        return scope.trigger
      case 'body':
        if (!scope.bodies.has(first!)) throw new Error(`The step ${first} has not run`)
        return scope.bodies.get(first!)
      case 'encodeURIComponent':
        return encodeURIComponent(first!)
      case 'utcNow':
        return scope.now.toISOString()
      case 'addDays':
        if (third !== 'yyyy-MM-dd') throw new Error(`The format ${third} is not known`)
        return new Date(Date.parse(first!) + Number(second) * DAY_MS).toISOString().slice(0, 'yyyy-MM-dd'.length)
      default:
        throw new Error(`The function ${expression.call} is not known`)
    }
  })()
  return expression.path.reduce<unknown>((at, key) => (at as Record<string, unknown> | null)?.[key] ?? null, found)
}
