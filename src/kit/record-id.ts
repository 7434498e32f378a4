/** A RecordId is the id of a Pipedrive record: a whole number from 1 on, or, of leads and discounts, a UUID. */
export type RecordId = number | string

export const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i

/** Whether Pipedrive can have sent this as an id. */
export const isRecordId = (value: unknown): value is RecordId =>
  Number.isSafeInteger(value) || (typeof value === 'string' && UUID.test(value))

/** Numbers by size, then texts by their characters. */
export function isLowerId(a: RecordId, b: RecordId): boolean {
  if (typeof a === typeof b) return a < b
  return typeof a === 'number'
}

/** A position right after this id, before every other id that is higher. */
export const afterId = (id: RecordId): RecordId => (typeof id === 'number' ? id + 1 : `${id} `)

/** The id that is stored or sent as this text: digits are a number, so that 7 and "7" are one record. */
export const recordIdOf = (text: string): RecordId => (/^\d+$/.test(text) ? Number(text) : text)
