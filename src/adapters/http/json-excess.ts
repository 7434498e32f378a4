/** Bodies of hosts have 3 levels, those of Pipedrive's webhooks 5. Thousands overflow the stack of everything that recurses over a value. */
export const DEPTH_MAX = 32
/** A webhook of a deal with 500 custom fields has 6,000. */
export const VALUES_MAX = 20_000

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c

/**
 * Why a text is more than an operation could need, or undefined. It reads the text once and stops at a limit, before JSON.parse and with a
 * fraction of its time: callers without a valid key get this far. `why` completes "The request's body …". The text need not be JSON.
 */
export function jsonExcess(text: string): string | undefined {
  let depth = 0
  let values = 1
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      at = endOfString(text, at)
      continue
    }
    // Brackets: 0x5b and 0x5d, braces: 0x7b and 0x7d.
    const isOpening = (code | 0x20) === 0x7b
    if ((code | 0x20) === 0x7d) depth--
    else if (isOpening && ++depth > DEPTH_MAX) return `is nested more than ${DEPTH_MAX} levels deep`
    if ((isOpening || code === COMMA) && ++values > VALUES_MAX) return `holds more than ${VALUES_MAX.toLocaleString('en')} values`
  }
  return undefined
}

/** The place of the quote that ends the string which begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++
    if (backslashes % 2 === 0) return at
  }
  return text.length
}
