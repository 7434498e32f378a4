import { createHash } from 'node:crypto'

/** A UUID that is always the same for the same words, so that a world grown twice has the same leads. */
export function uuidOf(...words: (string | number)[]): string {
  const hex = createHash('sha256').update(words.join('\n')).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
