import { type Problem, wording } from '../http/answer.ts'
import { isAmount } from '../http/validation.ts'
import type { Caller } from '../state/caller.ts'
import { type CustomType, type FieldEntity, fieldOf, type FieldOption, type FieldRow, liveOptions } from '../state/fields.ts'
import { type Address, addressParts, type CustomValues } from '../state/records.ts'
import { type Zone, zoneNamed, zoneNumbered } from '../state/time-zones.ts'
import { isDate, readClockTime } from '../time.ts'
import { referenceProblem } from './references.ts'
import type { Body, Reference } from './resource.ts'

/** A ReadResult is a value in its stored form, or the reason for its refusal. */
type ReadResult = { value: unknown } | { refused: string }
interface ValueContext {
  entity: FieldEntity
  field: FieldRow
  caller: Caller
}
type ValueReader = (input: unknown, context: ValueContext) => ReadResult

const LONGEST_TEXT = 255
/** "Up to 65k characters" in the documentation: assumed to be a 16-bit length. */
const LONGEST_LARGE_TEXT = 65_535

const isObject = (input: unknown): input is Record<string, unknown> => typeof input === 'object' && input !== null && !Array.isArray(input)
const bad = (reason: string, { field, caller }: ValueContext): ReadResult => ({
  refused: wording(caller.behaviour, 'badCustomValue', `'${field.code}': ${reason}`),
})
const wrongType = (type: string, { entity, field }: ValueContext): ReadResult => ({
  refused: `Expected '${type}' as value for ${entity} custom field '${field.code}'`,
})
/** The refusal of an object or list in place of a plain value. */
const collection: ReadResult = { refused: 'Invalid collection' }

const text =
  (longest: number, isRight: (input: string) => boolean = () => true, reason = ''): ValueReader =>
  (input, context) => {
    if (typeof input === 'object') return collection
    if (typeof input !== 'string') return wrongType('string', context)
    if (input.length > longest) return bad(`longer than ${longest} characters`, context)
    return isRight(input) ? { value: input } : bad(reason, context)
  }

const number: ValueReader = (input, context) => {
  if (typeof input === 'object') return collection
  return isAmount(input) ? { value: input } : wrongType('number', context)
}

const reference =
  (kind: Reference): ValueReader =>
  (input, context) => {
    const read = number(input, context)
    const [problem] = 'value' in read ? referenceProblem('', kind, input, context.caller) : []
    return problem ? { refused: problem.text } : read
  }

const hasOption = (field: FieldRow, id: unknown): boolean => liveOptions(field).some((option) => option.id === id)
const option: ValueReader = (input, context) => {
  const read = number(input, context)
  return 'refused' in read || hasOption(context.field, input) ? read : bad('no such option', context)
}

const options: ValueReader = (input, context) => {
  if (isObject(input)) return collection
  if (!Array.isArray(input) || input.some((id) => typeof id !== 'number')) return wrongType('array', context)
  if (input.length === 0) return bad('an empty list clears nothing, null does', context)
  return input.every((id) => hasOption(context.field, id)) ? { value: [...new Set(input)] } : bad('no such option', context)
}

/** Types whose value is an object; `named` begins the refusal of any other value. */
const object =
  (
    optionLabel: string,
    keys: readonly string[],
    read: (input: Record<string, unknown>, context: ValueContext) => ReadResult,
  ): ValueReader =>
  (input, context) => {
    if (!isObject(input)) return { refused: `${optionLabel} custom field value expected 'object'` }
    const unknown = Object.keys(input).find((key) => !keys.includes(key))
    return unknown === undefined ? read(input, context) : bad(`it has no '${unknown}'`, context)
  }

const monetary = object('Monetary', ['value', 'currency'], ({ value, currency }, context) => {
  const { company } = context.caller
  if (!isAmount(value)) return bad('value is not a number', context)
  const isActive = company.currencies.some(({ code, active_flag }) => active_flag && code === currency)
  return isActive ? { value: { value, currency } } : bad('currency is not found or not active', context)
})

/** The time zone of a value, by name or number; by default that of the user. */
function zoneOf({ timezone_name, timezone_id }: Record<string, unknown>, { user }: Caller): Zone | undefined {
  if (typeof timezone_name === 'string') return zoneNamed(timezone_name)
  if (typeof timezone_id === 'number') return zoneNumbered(timezone_id)
  return zoneNamed(user.timezone_name)
}

const clockTime = (input: unknown): string | undefined => (typeof input === 'string' ? readClockTime(input) : undefined)
const calendarDate = (input: unknown): string | undefined => (typeof input === 'string' && isDate(input) ? input : undefined)

const time = object('Time', ['value', 'timezone_id', 'timezone_name'], (input, context) => {
  const value = clockTime(input['value'])
  const zone = zoneOf(input, context.caller)
  if (value === undefined) return bad('value is not a time', context)
  return zone ? { value: { value, ...zone } } : bad('the time zone is not known', context)
})

function range(
  read: (input: unknown) => string | undefined,
  kind: string,
  input: Record<string, unknown>,
  context: ValueContext,
): ReadResult {
  const [value, until] = [read(input['value']), read(input['until'])]
  if (value === undefined) return bad(`value is not a ${kind}`, context)
  if (until === undefined) return bad(`until is not a ${kind}`, context)
  if (until < value) return bad('until lies before value', context)
  return { value: { value, until } }
}

const timerange = object('Time range', ['value', 'until', 'timezone_id', 'timezone_name'], (input, context) => {
  const read = range(clockTime, 'time', input, context)
  const zone = zoneOf(input, context.caller)
  if ('refused' in read) return read
  return zone ? { value: { ...(read.value as object), ...zone } } : bad('the time zone is not known', context)
})

/** An address with missing parts as null; undefined if its text is missing or a part is not a text. */
export function readAddress(input: Record<string, unknown>): Address | undefined {
  const { value } = input
  const parts = addressParts.map((part) => [part, input[part] ?? null] as const)
  if (typeof value !== 'string' || parts.some(([, part]) => part !== null && typeof part !== 'string')) return undefined
  return { value, ...(Object.fromEntries(parts) as Partial<Address>) }
}

const address = object('Address', ['value', ...addressParts], (input, context) => {
  const value = readAddress(input)
  return value ? { value } : bad('value or a part of it is not a text', context)
})

const readers: Readonly<Record<CustomType, ValueReader>> = {
  varchar: text(LONGEST_TEXT),
  varchar_auto: text(LONGEST_TEXT),
  text: text(LONGEST_LARGE_TEXT),
  phone: text(LONGEST_TEXT),
  date: text(LONGEST_TEXT, isDate, 'not a date'),
  double: number,
  enum: option,
  set: options,
  user: reference('User'),
  org: reference('Organization'),
  people: reference('Person'),
  monetary,
  time,
  timerange,
  daterange: object('Date range', ['value', 'until'], (input, context) => range(calendarDate, 'date', input, context)),
  address,
}

/** Reads the custom fields of a body, by code and in the exact form of their type; null clears a value. */
export function readCustomValues(entity: FieldEntity, input: Body, caller: Caller): { values: CustomValues; problems: Problem[] } {
  const values: CustomValues = {}
  const problems: Problem[] = []
  const refuse = (refused: string) => problems.push({ field: 'custom_fields', text: refused })
  for (const [code, value] of Object.entries(input)) {
    const field = fieldOf(caller.company, entity, code)
    if (!field?.is_custom) {
      refuse(`Unknown key '${code}'`)
      continue
    }
    const read: ReadResult = value === null ? { value } : readers[field.type as CustomType](value, { entity, field, caller })
    if ('refused' in read) refuse(read.refused)
    else values[code] = read.value
  }
  return { values, problems }
}

const optionLabel = (id: unknown, { options: known }: FieldRow): Pick<FieldOption, 'id'> & { label: string | null } => ({
  id: id as number,
  label: known?.find((one) => one.id === id)?.label ?? null,
})

/** The custom fields with `{ id, label }` in place of option ids. */
export const withOptionLabels = (entity: FieldEntity, shown: CustomValues, { company }: Caller): CustomValues =>
  Object.fromEntries(
    Object.entries(shown).map(([code, value]) => {
      const field = value === null ? undefined : fieldOf(company, entity, code)
      if (!field?.options) return [code, value]
      return [code, Array.isArray(value) ? value.map((id) => optionLabel(id, field)) : optionLabel(value, field)]
    }),
  )
