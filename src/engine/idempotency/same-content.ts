type ContentFields = Record<string, unknown>

/** A Likeness is how much of what was sent a record shows: all of it, the title at least, or not even that. */
export type Likeness = 'same' | 'similar' | 'other'

/** What a record is called by. */
const TITLES = ['title', 'subject', 'name']

/** Holds a record against the body of a write. What API v2 does not show of a record is not compared. */
export function likeness(sent: ContentFields, record: ContentFields): Likeness {
  if (equals(sent, record)) return 'same'
  const title = TITLES.find((name) => sent[name] !== undefined)
  return title !== undefined && sameValue(sent[title], record[title]) ? 'similar' : 'other'
}

/** Whether a record shows every single thing that was sent, so that sending it again would change nothing. */
export const shows = (sent: ContentFields, record: ContentFields): boolean =>
  Object.entries(sent).every(([name, value]) => {
    if (value === undefined) return true
    if (!(name in record)) return false
    return name === 'custom_fields'
      ? isObject(value) && isObject(record[name]) && shows(value, record[name])
      : sameValue(value, record[name])
  })

/** Whether nothing that a record shows differs from what was sent. */
function equals(sent: ContentFields, record: ContentFields): boolean {
  return Object.entries(sent).every(([name, value]) => {
    if (value === undefined || !(name in record)) return true
    return name === 'custom_fields' ? sameCustomFields(value, record[name]) : sameValue(value, record[name])
  })
}

function sameValue(sent: unknown, shown: unknown): boolean {
  if (isEmpty(sent) || isEmpty(shown)) return isEmpty(sent) && isEmpty(shown)
  if (Array.isArray(sent)) return sameList(sent, shown)
  if (isObject(sent)) return sameParts(sent, shown)
  // Pipedrive shows some texts and times as an object around the value.
  if (isObject(shown)) return !('value' in shown) || sameValue(sent, shown['value'])
  return plain(sent) === plain(shown)
}

/** Numbers have to be the same ones in any order; of objects (people, guests) each that was sent has to be there. */
function sameList(sent: readonly unknown[], shown: unknown): boolean {
  if (!Array.isArray(shown)) return false
  if (!sent.some(isObject) && sent.length !== shown.length) return false
  return sent.every((one) => shown.some((other) => sameValue(one, other)))
}

/** Pipedrive adds to an object (a place gets coordinates): only what was sent counts. */
function sameParts(sent: ContentFields, shown: unknown): boolean {
  if (!isObject(shown)) return !('value' in sent) || sameValue(sent['value'], shown)
  return Object.entries(sent).every(([name, value]) => !(name in shown) || sameValue(value, shown[name]))
}

/** Loosely: an option may be sent by label and shown by id, so only values of one type are compared. */
function sameCustomFields(sent: unknown, shown: unknown): boolean {
  if (!isObject(sent) || !isObject(shown)) return true
  return Object.entries(sent).every(([key, value]) => {
    if (!(key in shown)) return true
    const other = inner(shown[key])
    const mine = inner(value)
    return isEmpty(mine) || isEmpty(other) || typeof mine !== typeof other || sameValue(mine, other)
  })
}

const inner = (value: unknown): unknown => (isObject(value) ? (value['value'] ?? value['id'] ?? value['label']) : value)

const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?$/
const MOMENT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/

/** One text for all ways of writing a value. */
function plain(value: unknown): string {
  if (typeof value === 'boolean') return value ? '1' : '0'
  if (typeof value !== 'string') return String(value)
  const text = value.trim()
  const [, hours, minutes, seconds = '00'] = CLOCK.exec(text) ?? []
  if (hours !== undefined) return `${hours.padStart(2, '0')}:${minutes}:${seconds}`
  if (MOMENT.test(text)) {
    const zoned = /(Z|[+-]\d{2}:?\d{2})$/.test(text) ? text : `${text}Z`
    return String(Math.floor(Date.parse(zoned.replace(' ', 'T')) / 1_000))
  }
  if (text !== '' && /^[+-]?\d+(\.\d+)?$/.test(text) && Number.isSafeInteger(Math.trunc(Number(text)))) return String(Number(text))
  return withoutMarkup(text)
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', '#39': "'" }

/** Pipedrive sanitises texts such as notes: tags, entities and white space may come back otherwise. */
const withoutMarkup = (text: string): string =>
  text
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(amp|lt|gt|quot|apos|nbsp|#39);/g, (_, name: string) => ENTITIES[name]!)
    .replace(/\s+/g, ' ')
    .trim()

/** Of a flag or an amount that was not given, Pipedrive shows null or the least. */
const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  value === 0 ||
  (typeof value === 'string' && value.trim() === '') ||
  (Array.isArray(value) && value.length === 0)

const isObject = (value: unknown): value is ContentFields => typeof value === 'object' && value !== null && !Array.isArray(value)
