import { createHash } from 'node:crypto'

/** A UUID derived from the words, so that the same seed always has the same ids. */
export function uuidOf(...words: (string | number)[]): string {
  const hex = createHash('sha256').update(words.join('\n')).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
