import type { V2DealField } from '../../pipedrive/api-types.ts'
import { isObject } from '../../kit/is-object.ts'
import { date, number, string, timeOfDay } from '../inputs.ts'

/** A WriteContext is what a value can need beside its field. */
export interface WriteContext {
  /** The currency of the user of the key. */
  defaultCurrency(): Promise<string>
  /** The id of the one user with this e-mail address or name. */
  userId(emailOrName: string): Promise<number>
}

/** A BadCustomValue is a message about one value, which completes "<field> …". */
export class BadCustomValue extends Error {}

/** A CustomFieldWriter turns what a caller sends into the value that API v2 takes. Throws BadCustomValue. */
type CustomFieldWriter = (value: unknown, field: V2DealField, context: WriteContext) => unknown

/** Through an input of the contract, so that custom fields are as lenient as the others. */
const through =
  (input: ReturnType<typeof string | typeof number | typeof date | typeof timeOfDay>): CustomFieldWriter =>
  (value) => {
    const { success, data, error } = input.safeParse(value)
    if (success) return data
    throw new BadCustomValue(error.issues[0]!.message)
  }
const text = through(string())
const decimal = through(number())
const day = through(date())
const clock = through(timeOfDay())

const shown = (value: unknown): string => JSON.stringify(value).slice(0, 60)
const labelsOf = ({ options }: V2DealField): string => (options ?? []).map(({ label }) => `"${label}"`).join(', ')

/** Of an option: its label in any case, or its id. */
function option(value: unknown, field: V2DealField): number {
  const word = String(value).trim()
  const options = field.options ?? []
  const found =
    options.find(({ label }) => label === word) ??
    options.find(({ label }) => label.toLowerCase() === word.toLowerCase()) ??
    options.find(({ id }) => String(id) === word)
  if (!found) throw new BadCustomValue(`has no option ${shown(word)}; its options: ${labelsOf(field)}`)
  return found.id
}

/** An object as API v2 takes it, or one text or number that means its `value`. */
const parts =
  (read: CustomFieldWriter, more: (value: unknown, context: WriteContext) => Promise<object> | object = () => ({})): CustomFieldWriter =>
  async (value, field, context) => {
    if (isObject(value)) {
      if (value['value'] === undefined) throw new BadCustomValue(`needs "value" in ${shown(value)}`)
      return { ...(await more(value, context)), ...value, value: read(value['value'], field, context) }
    }
    return { value: read(value, field, context), ...(await more(value, context)) }
  }

/** `{value, until}`, or "a/b". */
const range =
  (read: CustomFieldWriter): CustomFieldWriter =>
  (value, field, context) => {
    const [from, until, rest] = typeof value === 'string' ? value.split('/') : isObject(value) ? [value['value'], value['until']] : []
    if (from === undefined || until === undefined || rest !== undefined)
      throw new BadCustomValue(`takes {"value", "until"} or "from/until", not ${shown(value)}`)
    return { ...(isObject(value) ? value : {}), value: read(from, field, context), until: read(until, field, context) }
  }

const id: CustomFieldWriter = (value) => {
  if (!/^[1-9]\d{0,15}$/.test(String(value).trim())) throw new BadCustomValue(`takes an id, like 42, not ${shown(value)}`)
  return Number(value)
}

/** The 16 types of custom fields. A type that Pipedrive adds later is sent as it came. */
export const customFieldTypes: Readonly<Record<string, CustomFieldWriter>> = {
  varchar: text,
  varchar_auto: text,
  text,
  phone: text,
  double: decimal,
  monetary: parts(decimal, async (value, { defaultCurrency }) =>
    isObject(value) && value['currency'] !== undefined ? {} : { currency: await defaultCurrency() },
  ),
  date: day,
  daterange: range(day),
  time: parts(clock),
  timerange: range(clock),
  enum: option,
  set: (value, field) => {
    const labels = typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value : [value]
    return [...new Set(labels.map((label) => option(label, field)))]
  },
  address: parts(text),
  user: (value, field, context) =>
    typeof value === 'string' && !/^\s*\d+\s*$/.test(value) ? context.userId(value) : id(value, field, context),
  org: id,
  people: id,
}
