import * as z from 'zod'
import { isObject } from '../../kit/is-object.ts'
import type { LinkedKind } from '../../pipedrive/pipedrive.ts'
import { dateOnly, hoursMinutes, isoMillis } from '../contract/mappings/convert.ts'
import * as shown from '../contract/shapes/kinds.ts'
import * as inputs from '../inputs.ts'
import type { ObjectField } from './object-field.ts'

/** The words that tables of objects are written in. */

const ifText = (value: unknown): unknown => (typeof value === 'string' ? value : null)
const ifInt = (value: unknown): unknown => (Number.isSafeInteger(value) ? value : null)
const ifNumber = (value: unknown): unknown => (Number.isFinite(value) ? value : null)
/** API v1 writes flags as 1 and 0. */
const ifFlag = (value: unknown): unknown => (value === 1 ? true : value === 0 ? false : typeof value === 'boolean' ? value : null)
const ifTime = (value: unknown): unknown => (typeof value === 'string' ? isoMillis(value) : null)
const ifDate = (value: unknown): unknown => (typeof value === 'string' ? dateOnly(value) : null)
const ifClock = (value: unknown): unknown => (typeof value === 'string' || isObject(value) ? hoursMinutes(value) : null)
const ifObject = (value: unknown): unknown => (isObject(value) ? value : null)
const listOf =
  (one: (value: unknown) => unknown) =>
  (value: unknown): unknown =>
    Array.isArray(value) ? value.map(one).filter((item) => item !== null) : []

export const string = (): ObjectField => ({ output: shown.nullableString(), show: ifText, input: inputs.string(), clear: null })
/** A text that Pipedrive empties by an empty text, not by null. */
export const text = (): ObjectField => ({ ...string(), clear: '' })
export const number = (): ObjectField => ({
  output: z.number().nullable().meta({ format: 'double' }),
  show: ifNumber,
  input: inputs.number(),
  clear: null,
})
export const integer = (): ObjectField => ({ output: shown.nullableInt(), show: ifInt, input: inputs.integer(), clear: null })
export const boolean = (): ObjectField => ({ output: z.boolean().nullable(), show: ifFlag, input: inputs.boolean() })
export const date = (): ObjectField => ({ output: shown.nullableString(), show: ifDate, input: inputs.date(), clear: '' })
export const timeOfDay = (): ObjectField => ({ output: shown.nullableString(), show: ifClock, input: inputs.timeOfDay(), clear: null })
export const duration = (): ObjectField => ({ output: shown.nullableString(), show: ifClock, input: inputs.duration(), clear: null })
/** A moment that Pipedrive sets. */
export const time = (): ObjectField => ({ output: shown.nullableDateTime(), show: ifTime })
/** A moment that callers may set. */
export const dateTime = (): ObjectField => ({ ...time(), input: inputs.dateTime() })
export const choice = (values: readonly string[]): ObjectField => ({
  output: shown.nullableString(),
  show: ifText,
  input: inputs.choice(values),
})

/** A part of an amount that API v1 has as `{amount, currency}`. */
export const amountIn = (field: string): ObjectField => ({
  ...number(),
  from: field,
  show: (value) => (isObject(value) ? ifNumber(value['amount']) : null),
})
export const currencyIn = (field: string): ObjectField => ({
  output: shown.nullableString(),
  from: field,
  show: (value) => (isObject(value) ? ifText(value['currency']) : null),
  input: inputs.string({ choices: 'ListCurrencies' }),
})
/** A currency code. */
export const currency = (): ObjectField => ({
  output: shown.nullableString(),
  show: ifText,
  input: inputs.currency({ choices: 'ListCurrencies' }),
})
/** The key of an activity type. */
export const activityType = (): ObjectField => ({
  output: shown.nullableString(),
  show: ifText,
  input: inputs.string({ choices: 'ListActivityTypes' }),
})
/** An option id that Pipedrive shows as text. */
export const category = (): ObjectField => ({
  output: shown.nullableInt(),
  show: (value) => ifInt(typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value),
  input: inputs.id(),
})
/** A count or an id that Pipedrive returns only on request. */
export const included = (created: 0 | null = 0): ObjectField => ({ output: shown.nullableInt(), show: ifInt, included: { created } })
export const includedTime = (): ObjectField => ({ ...time(), included: { created: null } })

const CHOICES: Readonly<Record<LinkedKind, string | undefined>> = {
  user: 'ListUsers',
  person: 'ListPersons',
  organization: 'ListOrganizations',
  deal: 'ListDeals',
  stage: 'ListStages',
  activity: undefined,
}
/** The id of another record; answers have its name beside it. A user can be given by e-mail address. */
export const link = (kind: LinkedKind): ObjectField => {
  const choices = CHOICES[kind]
  const meta = choices === undefined ? {} : { choices }
  return {
    output: shown.nullableInt(),
    show: ifInt,
    link: kind,
    input: kind === 'user' ? inputs.userId(meta) : inputs.id(meta),
    ...(kind !== 'user' && { clear: null }),
    filter: true,
  }
}
/** The id of a record whose name answers do not show. */
export const reference = (choices?: string): ObjectField => ({
  output: shown.nullableInt(),
  show: ifInt,
  input: inputs.id(choices === undefined ? {} : { choices }),
  clear: null,
})
/** The pipeline: the contract's look-up of stages takes it as text. */
export const pipelineReference = (): ObjectField => ({ ...reference(), input: inputs.idText({ choices: 'ListPipelines' }), filter: true })
/** The person of a participant, whom API v1 shows as a record. */
export const participantPerson = (): ObjectField => ({
  ...reference('ListPersons'),
  show: (value) => ifInt(isObject(value) ? value['value'] : value),
})
export const labels = (): ObjectField => ({
  output: z.array(shown.id()),
  show: listOf(ifInt),
  input: inputs.labels(),
  clear: [],
  advanced: true,
})
/** API v1 has its number as text. */
const ifLevel = (value: unknown): unknown => (typeof value === 'string' && /^[1357]$/.test(value) ? Number(value) : ifInt(value))
export const visibility = (): ObjectField => ({ output: shown.nullableInt(), show: ifLevel, input: inputs.visibility(), advanced: true })

/** A list of e-mail addresses, telephone numbers or messengers: all of them. */
export const contacts = (): ObjectField => ({
  output: z.array(z.object({ value: z.string().nullable(), label: z.string().nullable(), primary: z.boolean().nullable() })),
  show: listOf((one) =>
    isObject(one) ? { value: ifText(one['value']), label: ifText(one['label']), primary: ifFlag(one['primary']) } : null,
  ),
  input: inputs.contacts(),
  clear: [],
  advanced: true,
  parts: ['value', 'label', 'primary'],
})
/** The primary one of such a list, flat, as forms have it. */
export const primaryOf = (list: string): ObjectField => ({
  output: shown.nullableString(),
  show: ifText,
  primaryOf: list,
  input: inputs.string(),
})
/** An address: taken as text or as Pipedrive's object, shown as that. How it is emptied is not documented. */
export const place = (): ObjectField => ({
  output: z.looseObject({}).nullable(),
  show: ifObject,
  input: inputs.location(),
  advanced: true,
})
/** The ids of labels that are UUIDs. */
export const uuidLabels = (): ObjectField => ({
  output: z.array(z.string()),
  show: listOf(ifText),
  input: inputs.uuids(),
  clear: [],
  advanced: true,
})
/** The id of a lead. */
export const leadReference = (): ObjectField => ({ output: shown.nullableString(), show: ifText, input: inputs.uuid(), filter: true })
export const structures = (): ObjectField => ({
  output: z.array(z.looseObject({})),
  show: listOf(ifObject),
  input: inputs.objects(),
  clear: [],
  advanced: true,
})

/** A create needs it, and no update empties it. */
export const required = ({ clear: _, ...field }: ObjectField): ObjectField => ({ ...field, required: true })
export const readOnly = ({ input: _, clear: __, filter: ___, ...field }: ObjectField): ObjectField => field
export const updateOnly = (field: ObjectField): ObjectField => ({ ...field, updateOnly: true })
export const advanced = (field: ObjectField): ObjectField => ({ ...field, advanced: true })
/** Lists cannot be narrowed by it. */
export const noFilter = ({ filter: _, ...field }: ObjectField): ObjectField => field
export const filter = (field: ObjectField): ObjectField => ({ ...field, filter: true })
export const fixed = ({ clear: _, ...field }: ObjectField): ObjectField => field
