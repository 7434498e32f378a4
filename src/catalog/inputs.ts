import * as z from 'zod'
import { isObject } from '../kit/is-object.ts'
import { UUID } from '../kit/record-id.ts'
import { losesDigits } from '../kit/loses-digits.ts'

/**
 * The inputs of the contract, as lenient as API v1 was: flows feed them from forms and sheets. Every number accepts its decimal text,
 * every text accepts a number or boolean, never an object or array. The engine leaves out empty values (`null`, "", blanks) before these run,
 * so an empty optional field is absent and an empty required one is missing. `meta` is what OpenAPI shows.
 */
type Plain = string | number | boolean
interface InputMeta {
  /** The look-up that fills the drop-down. */
  choices?: string
}

/** A BadValue is a message about one value; a parser throws it, and it is attached to the value's field. */
class BadValue extends Error {}

function input<T>(meta: Record<string, unknown>, parse: (value: Plain) => T) {
  return z
    .unknown()
    .transform((value, context): T => {
      try {
        if (value === undefined) throw new BadValue('is required')
        if (typeof value === 'object' || typeof value === 'function') throw new BadValue('takes a single value, not an object or a list')
        return parse(value as Plain)
      } catch (error) {
        if (!(error instanceof BadValue)) throw error
        context.issues.push({ code: 'custom', message: error.message, input: value })
        return z.NEVER
      }
    })
    .meta(meta)
}

const shown = (value: Plain): string => JSON.stringify(String(value).slice(0, 40))

function parseNumber(value: Plain, example: string): number {
  const text = String(value).trim()
  const number = typeof value === 'number' ? value : /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (typeof value === 'boolean' || !Number.isFinite(number))
    throw new BadValue(`${shown(value)} is not a number; write it like ${example}`)
  if (typeof value === 'string' && losesDigits(text, number))
    throw new BadValue(`${shown(value)} has more digits than a number keeps (15); write fewer`)
  return number
}

function parseId(value: Plain): number {
  // Sheets and forms write whole numbers as 42.0.
  const text = String(value).trim().replace(/\.0+$/, '')
  if (typeof value === 'boolean' || !/^\d+$/.test(text) || Number(text) < 1 || !Number.isSafeInteger(Number(text)))
    throw new BadValue(`${shown(value)} is not an id; an id is a whole number from 1 on, like 42`)
  return Number(text)
}

const DATE = /^\d{4}-\d{2}-\d{2}(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?)?$/
const isCalendarDate = (date: string): boolean => {
  const time = Date.parse(`${date}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date)
}

function parseDate(value: Plain): string {
  const text = String(value).trim()
  const date = text.slice(0, 10)
  if (!DATE.test(text) || !isCalendarDate(date)) throw new BadValue(`${shown(value)} is not a date; write it like 2026-11-30`)
  return date
}

/** The moment of a date with a time, in UTC, as API v1 and v2 take it; undefined for a plain date, and for what is no date. */
export function momentOf(value: unknown): { date: string; time: string } | undefined {
  const text = typeof value === 'string' ? value.trim() : ''
  if (text.length <= 10 || !DATE.test(text) || !isCalendarDate(text.slice(0, 10))) return undefined
  const [, day, clock, offset] = /^(.{10})[T ]([\d:.]+)(.*)$/.exec(text)!
  const zone = /^[+-]\d{2}$/.test(offset!) ? `${offset}:00` : offset || 'Z'
  const moment = new Date(`${day}T${clock}${zone}`)
  if (Number.isNaN(moment.getTime())) return undefined
  const utc = moment.toISOString()
  // In UTC, near the ends of the calendar, a year of five digits.
  if (!/^\d{4}-/.test(utc)) return undefined
  return { date: utc.slice(0, 10), time: utc.slice(11, 16) }
}

/** Hours of one digit, seconds, and a Z, since all times are UTC. */
function parseClock(value: Plain, hours: RegExp, example: string): string {
  const match = /^(\d{1,4}):([0-5]\d)(?::[0-5]\d(?:\.\d+)?)?Z?$/i.exec(String(value).trim())
  if (!match || !hours.test(match[1]!)) throw new BadValue(`${shown(value)} is not HH:mm or HH:mm:ss; write it like ${example}`)
  return `${match[1]!.padStart(2, '0')}:${match[2]}`
}

/** An id in a path or a body; the contract types it as a number. */
export const id = (meta: InputMeta = {}) => input({ type: 'integer', format: 'int32', ...meta }, parseId)
/** An id that the contract types as text. */
export const idText = (meta: InputMeta = {}) => input({ type: 'string', ...meta }, parseId)
export const string = (meta: InputMeta = {}) =>
  input({ type: 'string', ...meta }, (value) => {
    // JSON has no largest number, JavaScript does: a larger one would be written as "Infinity".
    if (typeof value === 'number' && !Number.isFinite(value)) throw new BadValue('is a number that is too large; send it as text')
    return String(value)
  })
/** The contract types it as an integer; decimals are accepted too. */
export const amount = () => input({ type: 'integer', format: 'int32' }, (value) => parseNumber(value, '1250.50'))
export const number = () => input({ type: 'number', format: 'double' }, (value) => parseNumber(value, '12.5'))
export const date = () => input({ type: 'string' }, parseDate)
/** HH:mm, a time of day. */
export const timeOfDay = () => input({ type: 'string' }, (value) => parseClock(value, /^([01]?\d|2[0-3])$/, '09:30'))
/** HH:mm, a length of time; it may be longer than a day. */
export const duration = () => input({ type: 'string' }, (value) => parseClock(value, /^\d{1,4}$/, '01:30'))

/** One of a few words; case and outer blanks do not matter. */
export const choice = <T extends string>(values: readonly T[]) =>
  input({ type: 'string', enum: [...values] }, (value): T => {
    const wanted = String(value).trim().toLowerCase()
    const found = values.find((v) => v.toLowerCase() === wanted)
    if (!found) throw new BadValue(`${shown(value)} is not one of ${values.map((v) => `"${v}"`).join(', ')}`)
    return found
  })

/** The display names of the contract, or Pipedrive's numbers, which are never translated. */
export const visibility = () =>
  input({ type: 'string', enum: [...VISIBILITY_NAMES], visibility: 'advanced' }, (value): VisibilityName | number => {
    const wanted = String(value).trim().toLowerCase()
    const found = VISIBILITY_NAMES.find((v) => v.toLowerCase() === wanted)
    if (found) return found
    if (/^[1357]$/.test(wanted)) return Number(wanted)
    throw new BadValue(`${shown(value)} is not one of ${VISIBILITY_NAMES.map((v) => `"${v}"`).join(', ')}, 1, 3, 5, 7`)
  })
export const VISIBILITY_NAMES = ['Owner and followers', 'Entire company'] as const
export type VisibilityName = (typeof VISIBILITY_NAMES)[number]

/** true or false, also as text or as API v1's 1 and 0. */
export const boolean = () =>
  input({ type: 'boolean' }, (value) => {
    const word = String(value).trim().toLowerCase()
    if (word === 'true' || word === '1') return true
    if (word === 'false' || word === '0') return false
    throw new BadValue(`${shown(value)} is neither true nor false`)
  })

/** A whole number within bounds, which may be negative. */
export const integer = (min = -Number.MAX_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER) =>
  input({ type: 'integer', format: 'int32' }, (value) => {
    const number = parseNumber(value, '42')
    if (!Number.isSafeInteger(number)) throw new BadValue(`${shown(value)} is not a whole number, like 42`)
    if (number < min || number > max) throw new BadValue(`${shown(value)} is not between ${min} and ${max}`)
    return number
  })

/** The id of a lead or of a discount. */
export const uuid = () =>
  input({ type: 'string' }, (value) => {
    const text = String(value).trim().toLowerCase()
    if (!UUID.test(text))
      throw new BadValue(`${shown(value)} is not an id; an id here is a UUID, like 9b3f3ac0-5f0b-11ee-8c99-0242ac120002`)
    return text
  })

/** Codes are upper case. */
export const currency = (meta: InputMeta = {}) => input({ type: 'string', ...meta }, (value) => String(value).trim().toUpperCase())

/** Some of them: a list, or a text with commas. */
export const uuids = () =>
  z
    .unknown()
    .transform((value, context): string[] => {
      const parts: unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : [value]
      const ids = parts.map((part) => (typeof part === 'string' ? part.trim().toLowerCase() : ''))
      if (ids.every((one) => UUID.test(one))) return ids
      context.issues.push({ code: 'custom', message: 'takes ids that are UUIDs: a list, or a text with commas', input: value })
      return z.NEVER
    })
    .meta({ type: 'array', items: { type: 'string' } })

/** Up to 100 ids: a list, or a text with commas. */
export const idList = () =>
  input({ type: 'string' }, (value): number[] => {
    const ids = String(value).split(',').map(parseId)
    if (ids.length > 100) throw new BadValue(`has ${ids.length} ids; a list takes at most 100`)
    return ids
  })

const EMAIL = /^[^\s@]+@[^\s@]+$/
/** A user: the id, or the e-mail address, which the operation looks up. */
export const userId = (meta: InputMeta = {}) =>
  input({ type: 'integer', format: 'int32', ...meta }, (value): number | string => {
    const text = String(value).trim()
    return typeof value === 'string' && EMAIL.test(text) ? text : parseId(value)
  })

/** A moment in UTC in API v2's format. API v1's `yyyy-MM-dd HH:mm:ss` is UTC too. */
export const dateTime = () =>
  input({ type: 'string', format: 'date-time' }, (value) => {
    const text = String(value).trim()
    const zoned = /[Zz]$|[+-]\d{2}:?\d{2}$/.test(text) ? text : `${text.replace(' ', 'T')}Z`
    const time = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(text) && isCalendarDate(text.slice(0, 10)) ? Date.parse(zoned) : Number.NaN
    if (Number.isNaN(time)) throw new BadValue(`${shown(value)} is not a date and time; write it like 2026-11-30T14:00:00Z`)
    return new Date(time).toISOString().replace(/\.\d{3}Z$/, 'Z')
  })

/** Label ids: a number, API v1's "11,12", or a list. */
export const labels = () =>
  z
    .unknown()
    .transform((value, context): number[] => {
      const parts: unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : [value]
      try {
        return parts.map((part) => parseId(typeof part === 'number' || typeof part === 'string' ? part : 'a label'))
      } catch (error) {
        context.issues.push({ code: 'custom', message: `labels are ids, like 11 or "11,12": ${(error as Error).message}`, input: value })
        return z.NEVER
      }
    })
    .meta({ type: 'array', items: { type: 'integer', format: 'int32' } })

/** E-mail addresses or telephone numbers: objects as API v2 takes them, or texts, of which the first is the primary one. */
export const contacts = () =>
  z
    .unknown()
    .transform((value, context): Record<string, unknown>[] => {
      const list: unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : [value]
      const read = list.map((one, index): Record<string, unknown> | undefined => {
        if (typeof one === 'string' || typeof one === 'number') return { value: String(one).trim(), primary: index === 0, label: 'work' }
        return isObject(one) && typeof one['value'] === 'string' ? one : undefined
      })
      if (read.every((one) => one !== undefined)) return read
      context.issues.push({
        code: 'custom',
        message: 'takes a list of texts, or of objects with "value", "label" and "primary"',
        input: value,
      })
      return z.NEVER
    })
    .meta({
      type: 'array',
      items: { type: 'object', properties: { value: { type: 'string' }, label: { type: 'string' }, primary: { type: 'boolean' } } },
    })

/** A JSON object that API v2 accepts unchanged. */
export const object = () => z.record(z.string(), z.unknown(), { error: 'takes a JSON object' })
/** A list of such objects. */
export const objects = () => z.array(object(), { error: 'takes a list of JSON objects' })
/** API v1 accepted a place as text, API v2 expects an object. */
export const location = () =>
  z
    .unknown()
    .transform((value) => (typeof value === 'string' ? { value } : value))
    .pipe(object())
    .meta({ type: 'string' })
