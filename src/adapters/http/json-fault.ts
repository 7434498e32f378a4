const TOKEN =
  /[{}[\],:]|"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y
const BLANK = /[ \t\r\n]*/y

type ExpectedToken = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or end'

/**
 * The place where a text stops being JSON, for a person: "line 2, column 5: …". For the most common mistakes JSON.parse gives no place
 * and quotes the text instead. Call it only with a text that JSON.parse has rejected.
 */
export function jsonFault(text: string): string {
  const open: ('{' | '[')[] = []
  let expected: ExpectedToken = 'value'
  let at = 0
  const skip = (pattern: RegExp): string => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0] ?? ''
    at += found.length
    return found
  }
  for (;;) {
    skip(BLANK)
    const start = at
    const token = skip(TOKEN)
    const next: ExpectedToken | undefined = token ? after(token, expected, open) : undefined
    if (next === undefined) return describe(text, start, token)
    expected = next
  }
}

/** What may follow `token`, or undefined if it is not allowed here. Updates `open`, the stack of open brackets. */
function after(token: string, expected: ExpectedToken, open: ('{' | '[')[]): ExpectedToken | undefined {
  const closes = expected === ', or end' ? open.at(-1) : expected === 'key or }' ? '{' : expected === 'value or ]' ? '[' : undefined
  if ((token === '}' && closes === '{') || (token === ']' && closes === '[')) {
    open.pop()
    return ', or end'
  }
  switch (expected) {
    case 'value':
    case 'value or ]':
      if (token === '{' || token === '[') {
        open.push(token)
        return token === '{' ? 'key or }' : 'value or ]'
      }
      return /^[}\],:]/.test(token) ? undefined : ', or end'
    case 'key':
    case 'key or }':
      return token.startsWith('"') ? ':' : undefined
    case ':':
      return token === ':' ? 'value' : undefined
    case ', or end':
      if (token !== ',' || open.length === 0) return undefined
      return open.at(-1) === '{' ? 'key' : 'value'
  }
}

function describe(text: string, start: number, token: string): string {
  let line = 1
  // Not by splitting: a body can be a million line breaks.
  for (let at = text.indexOf('\n'); at >= 0 && at < start; at = text.indexOf('\n', at + 1)) line++
  const place = `line ${line}, column ${start - text.lastIndexOf('\n', start - 1)}`
  if (start >= text.length) return `${place}: it ends too early`
  if (token.startsWith('"')) return `${place}: a text is not expected here; is a comma or a colon missing before it?`
  if (text[start] === '"') return `${place}: this text has no closing quote, or holds a line break or a wrong escape`
  // One character is enough to find the place; more could put personal data into a log.
  return `${place}: ${JSON.stringify(String.fromCodePoint(text.codePointAt(start)!))} is not expected here`
}
