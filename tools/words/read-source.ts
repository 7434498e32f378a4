/** A SourceText is one string literal or comment of a TypeScript file. */
export interface SourceText {
  kind: 'string' | 'comment'
  text: string
  /** From 1 on, of its first character. */
  line: number
  /** The code in front of it, without blanks: says what a string is for. */
  before: string
}

/** What a regular expression can follow: where a value is expected, a slash does not divide. */
const BEFORE_REGEX = /(?:[(,=:[!&|?{};+*%~<>^-]|\breturn|\btypeof|\bcase)$/

/** The string literals and comments of a TypeScript file, in order. Placeholders of a template become `…`; strings inside them are read too. */
export function readSource(source: string): SourceText[] {
  const found: SourceText[] = []
  let at = 0
  let line = 1
  let before = ''

  const step = (): string => {
    const char = source[at++]!
    if (char === '\n') line++
    return char
  }
  const starts = (text: string) => source.startsWith(text, at)
  const until = (end: string): string => {
    let text = ''
    while (at < source.length && !starts(end)) text += step()
    for (let n = 0; n < end.length && at < source.length; n++) step()
    return text
  }

  function quoted(quote: string): void {
    const first = { line, before }
    step()
    let text = ''
    while (at < source.length && !starts(quote)) {
      if (starts('\\')) {
        step()
        const escaped = step()
        text += escaped === 'n' || escaped === 't' ? ' ' : escaped
      } else if (quote === '`' && starts('${')) {
        text += '…'
        step()
        step()
        code('}')
      } else text += step()
    }
    step()
    found.push({ kind: 'string', text, ...first })
    before = '""'
  }

  function regex(): void {
    let inClass = false
    step()
    while (at < source.length && (inClass || !starts('/'))) {
      if (starts('\\')) step()
      else if (starts('[')) inClass = true
      else if (starts(']')) inClass = false
      step()
    }
    step()
    before = '/'
  }

  /** Code up to the brace that closes it, or to the end. */
  function code(end?: '}'): void {
    let depth = 0
    while (at < source.length) {
      const char = source[at]!
      if (starts('//')) found.push({ kind: 'comment', line, before, text: until('\n').slice(2) })
      else if (starts('/*')) found.push({ kind: 'comment', line, before, text: until('*/').slice(2) })
      else if (char === "'" || char === '"' || char === '`') quoted(char)
      else if (char === '/' && BEFORE_REGEX.test(before)) regex()
      else {
        if (char === '{') depth++
        if (char === '}' && depth-- === 0 && end) return void step()
        if (char.trim()) before = (before + char).slice(-40)
        else if (/\w$/.test(before) && /^\s+\w/.test(source.slice(at, at + 20))) before = `${before} `
        step()
      }
    }
  }
  code()
  return found
}
