/** Seconds since 1970: Pipedrive's times have no fractions. */
export const wholeSeconds = (ms: number): number => Math.floor(ms / 1000)

const DAY_SECONDS = 86_400
const TWO_DIGITS = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'))
/** The size of the cache: formatting a date takes ten times as long as a lookup. */
const CACHED_DATES = 10 * 366
const dates = new Map<number, string>()
function dateOf(day: number): string {
  let date = dates.get(day)
  if (date === undefined) {
    if (dates.size === CACHED_DATES) dates.clear()
    dates.set(day, (date = new Date(day * DAY_SECONDS * 1000).toISOString().slice(0, 10)))
  }
  return date
}

/** API v2: `2026-05-15T10:16:44Z`. Texts of this form sort like their times. */
export function rfc3339(seconds: number): string {
  const day = Math.floor(seconds / DAY_SECONDS)
  const rest = Math.floor(seconds - day * DAY_SECONDS)
  const minutes = Math.floor(rest / 60)
  return `${dateOf(day)}T${TWO_DIGITS[Math.floor(minutes / 60)]}:${TWO_DIGITS[minutes % 60]}:${TWO_DIGITS[rest % 60]}Z`
}

/** API v1: `2026-05-15 10:16:44`, also UTC. */
export const v1Time = (time: string): string => time.slice(0, 19).replace('T', ' ')

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$/
/** Reads RFC 3339 in whole seconds and returns the form above; refuses fractions of a second, as Pipedrive does. */
export function readRfc3339(text: string): string | undefined {
  const ms = RFC3339.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(ms) || !isDate(text.slice(0, 10)) ? undefined : rfc3339(ms / 1000)
}

/** Reads the documented form of deal bodies, `yyyy-MM-dd HH:mm:ss` in UTC, and RFC 3339. */
export const readMoment = (text: string): string | undefined =>
  readRfc3339(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text) ? `${text.replace(' ', 'T')}Z` : text)

export function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const ms = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text)
}

const CLOCK_TIME = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/
/** Reads an activity's time or duration, `HH:MM` or `HH:MM:SS`, and returns `HH:MM:SS`. */
/** A length of time may be longer than a day: an assumption, Pipedrive documents no limit. */
export const readDuration = (text: string): string | undefined => {
  const match = /^(\d{2,4}:[0-5]\d)(:[0-5]\d)?$/.exec(text)
  return match ? `${match[1]}${match[2] ?? ':00'}` : undefined
}
export const readClockTime = (text: string): string | undefined =>
  CLOCK_TIME.test(text) ? (text.length === 5 ? `${text}:00` : text) : undefined

const zones = new Map<string, Intl.DateTimeFormat>()
/** The date in `zone` at `time`. Formatters are expensive to create, so they are cached by zone. */
export function localDate(time: string, zone: string): string {
  let format = zones.get(zone)
  if (!format) zones.set(zone, (format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' })))
  return format.format(Date.parse(time))
}

/** `+03:00`: the zone's offset at `time`. */
export function zoneOffset(time: string, zone: string): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(Date.parse(time))
  return parts.find((part) => part.type === 'timeZoneName')?.value.replace('GMT', '') || '+00:00'
}
