import { isObject } from '../../kit/is-object.ts'

type ContentFields = Record<string, unknown>

/** A Likeness is how much of the sent content a record shows: all of it, at least the title, or not even that. */
export type Likeness = 'same' | 'similar' | 'other'

/** The fields that title a record. */
const TITLES = ['title', 'subject', 'name', 'content', 'product_id', 'description']

const CUSTOM_FIELD = /^[\da-f]{40}(?:_[a-z_]+)?$/

/** Compares a record with the body of a write. Fields that API v2 does not return are not compared. */
export function likeness(sent: ContentFields, record: ContentFields): Likeness {
  if (equals(sent, record)) return 'same'
  const title = TITLES.find((name) => sent[name] !== undefined)
  return title !== undefined && sameValue(sent[title], record[title]) ? 'similar' : 'other'
}

/** Whether a record shows every field that was sent, so that a second send would change nothing. */
export const shows = (sent: ContentFields, record: ContentFields): boolean =>
  Object.entries(sent).every(([name, value]) => {
    if (value === undefined) return true
    if (!(name in record)) return false
    return name === 'custom_fields'
      ? isObject(value) && isObject(record[name]) && shows(value, record[name])
      : sameValue(value, record[name])
  })

/** Whether no field that a record shows differs from the sent one. */
function equals(sent: ContentFields, record: ContentFields): boolean {
  return Object.entries(sent).every(([name, value]) => {
    if (value === undefined || !(name in record)) return true
    if (name === 'custom_fields') return sameCustomFields(value, record[name])
    // API v1 has custom fields beside the others.
    return CUSTOM_FIELD.test(name) ? sameCustomFields({ [name]: value }, record) : sameValue(value, record[name])
  })
}

function sameValue(sent: unknown, shown: unknown): boolean {
  if (isEmpty(sent) || isEmpty(shown)) return isEmpty(sent) && isEmpty(shown)
  if (Array.isArray(sent)) return sameList(sent, shown)
  if (isObject(sent)) return sameObject(sent, shown)
  // Pipedrive shows some texts and times as an object around the value.
  if (isObject(shown)) return !('value' in shown) || sameValue(sent, shown['value'])
  return normalized(sent) === normalized(shown)
}

/** Lists of numbers must be equal in any order. Of objects (people, guests) each sent one must be present. */
function sameList(sent: readonly unknown[], shown: unknown): boolean {
  if (!Array.isArray(shown)) return false
  if (!sent.some(isObject) && sent.length !== shown.length) return false
  return sent.every((one) => shown.some((other) => sameValue(one, other)))
}

/** Pipedrive adds properties to an object (a place gets coordinates): only the sent ones count. */
function sameObject(sent: ContentFields, shown: unknown): boolean {
  if (!isObject(shown)) return !('value' in sent) || sameValue(sent['value'], shown)
  return Object.entries(sent).every(([name, value]) => !(name in shown) || sameValue(value, shown[name]))
}

/** Loosely: an option may be sent by label and shown by id, so only values of one type are compared. */
function sameCustomFields(sent: unknown, shown: unknown): boolean {
  if (!isObject(sent) || !isObject(shown)) return true
  return Object.entries(sent).every(([key, value]) => {
    if (!(key in shown)) return true
    const shownValue = inner(shown[key])
    if (value === null) return isEmpty(shownValue)
    const sentValue = inner(value)
    return isEmpty(sentValue) || isEmpty(shownValue) || typeof sentValue !== typeof shownValue || sameValue(sentValue, shownValue)
  })
}

const inner = (value: unknown): unknown => (isObject(value) ? (value['value'] ?? value['id'] ?? value['label']) : value)

const CLOCK = /^(\d{1,4}):(\d{2})(?::(\d{2})(?:\.\d+)?)?$/
const MOMENT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/

/** One normal form for all notations of a value. */
function normalized(value: unknown): string {
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

/** Pipedrive sanitises texts such as notes: tags, entities and white space may come back changed. */
const withoutMarkup = (text: string): string =>
  text
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(amp|lt|gt|quot|apos|nbsp|#39);/g, (_, name: string) => ENTITIES[name]!)
    .replace(/\s+/g, ' ')
    .trim()

/** For an omitted flag or amount Pipedrive shows null, false or 0, for a date that was emptied 0000-00-00. */
const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  value === 0 ||
  (typeof value === 'string' && /^(?:0000-00-00)?$/.test(value.trim())) ||
  (Array.isArray(value) && value.length === 0)
