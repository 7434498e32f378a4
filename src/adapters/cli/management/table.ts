import { columns } from '../../../kit/columns.ts'

/** Control characters that a terminal would execute instead of showing. Names come from Pipedrive and from other people. */
const CONTROL = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu

export const plain = (text: string): string => text.replace(CONTROL, '?')

/** Rows under their headings, each column as wide as it needs to be. */
export const table = (headings: readonly string[], rows: readonly (readonly string[])[]): string =>
  columns([headings, ...rows].map((row) => row.map(plain))).join('\n')

/** A time of the API, to the minute; in UTC, as everywhere. */
export const minute = (iso: string | null): string => (iso === null ? 'never' : iso.slice(0, 16).replace('T', ' '))
