/** Some clients reject a response with more than 8 KB of headers; escaping makes at most nine bytes of one character. */
const CHARACTERS_MAX = 500

/**
 * A text as a header can carry it: blanks and visible ASCII as they are, everything else and "%" as %XX of its UTF-8 bytes.
 * decodeURIComponent returns the original text. Line breaks become %0A, so no text can begin another header.
 */
export function headerText(text: string): string {
  const short = text.length > CHARACTERS_MAX ? `${text.slice(0, CHARACTERS_MAX - 1)}…` : text
  return short.toWellFormed().replace(/[^\x20-\x24\x26-\x7e]+/g, encodeURIComponent)
}
