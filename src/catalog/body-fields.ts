import type * as z from 'zod'
import { InvalidInput } from '../kit/errors/invalid-input.ts'
import type { BodyFields, BodyField } from './define.ts'
import {
  choice,
  date,
  duration,
  boolean,
  id,
  idText,
  labels,
  dateTime,
  number,
  object,
  objects,
  location,
  string,
  timeOfDay,
  visibility,
} from './inputs.ts'

/** A row of a BodyFields table: the input with that name, the v2 field that receives its value, and how the value is written. */
function bodyField<T extends z.ZodType>(input: T, to: string, write: (value: z.output<T>) => unknown = (value) => value): BodyField {
  return { input, to, write }
}

/** A row whose field an update can empty. */
const clearable = <F extends BodyField>(field: F, clear: null | '' | readonly [] = null) => ({ ...field, clear })

/** The reverse of `mappings/deal.ts`: the writable fields of a deal, under the contract's, API v2's and API v1's names. */
export const dealBodyFields = {
  title: bodyField(string(), 'title'),
  value: bodyField(number(), 'value'),
  currency: bodyField(string(), 'currency', (code) => code.trim().toUpperCase()),
  // Operations that also accept "deleted" have their own input for it.
  status: bodyField(choice(['open', 'won', 'lost']), 'status'),
  lost_reason: clearable(bodyField(string(), 'lost_reason')),
  pipeline_id: bodyField(idText(), 'pipeline_id'),
  stage_id: bodyField(idText(), 'stage_id'),
  person_id: clearable(bodyField(idText(), 'person_id')),
  org_id: clearable(bodyField(idText(), 'org_id')),
  // Pipedrive was observed to refuse null here, and to store an empty text as no date.
  expected_close_date: clearable(bodyField(date(), 'expected_close_date'), ''),
  visible_to: bodyField(visibility(), 'visible_to'),
  user_id: bodyField(id(), 'owner_id'),
  owner_id: bodyField(id(), 'owner_id'),
  probability: clearable(bodyField(number(), 'probability')),
  label: clearable(bodyField(labels(), 'label_ids'), []),
  label_ids: clearable(bodyField(labels(), 'label_ids'), []),
  close_time: bodyField(dateTime(), 'close_time'),
  won_time: bodyField(dateTime(), 'won_time'),
  lost_time: bodyField(dateTime(), 'lost_time'),
  is_archived: bodyField(boolean(), 'is_archived'),
  archive_time: bodyField(dateTime(), 'archive_time', (time) => time.replace('T', ' ').replace('Z', '')),
  custom_fields: bodyField(object(), 'custom_fields'),
} satisfies BodyFields

/** The mirror of `mappings/activity.ts`. People go into `participants`: `person_id` is read-only in API v2. */
export const activityBodyFields = {
  subject: bodyField(string(), 'subject'),
  type: bodyField(string(), 'type'),
  due_date: { ...bodyField(date(), 'due_date'), timeField: 'due_time' },
  due_time: bodyField(timeOfDay(), 'due_time'),
  duration: bodyField(duration(), 'duration'),
  note: bodyField(string(), 'note'),
  user_id: bodyField(id(), 'owner_id'),
  owner_id: bodyField(id(), 'owner_id'),
  deal_id: bodyField(id(), 'deal_id'),
  person_id: bodyField(id(), 'participants', (person_id) => [{ person_id, primary: true }]),
  participants: bodyField(objects(), 'participants'),
  attendees: bodyField(objects(), 'attendees'),
  org_id: bodyField(id(), 'org_id'),
  lead_id: bodyField(string(), 'lead_id'),
  project_id: bodyField(id(), 'project_id'),
  done: bodyField(boolean(), 'done'),
  busy: bodyField(boolean(), 'busy'),
  busy_flag: bodyField(boolean(), 'busy'),
  public_description: bodyField(string(), 'public_description'),
  priority: bodyField(id(), 'priority'),
  location: bodyField(location(), 'location'),
} satisfies BodyFields

/** On every update: the names of the fields that it empties, in a list or in one text. Hosts leave out empty values, so null cannot say it. */
export const CLEAR_FIELDS = 'clear_fields'

/** API v1 took custom fields at the top level, under their 40-character keys; `<key>_currency` is the second half of a monetary one. */
export const CUSTOM_FIELD_KEY = /^[0-9a-f]{40}(_currency)?$/

function amountOf(field: string, value: unknown): unknown {
  const { success, data, error } = number().safeParse(value)
  if (success) return data
  throw new InvalidInput(error.issues.map(({ message }) => ({ field, message })))
}

function customFields(fields: Record<string, unknown>): Record<string, unknown> | undefined {
  const keys = Object.keys(fields).filter((key) => CUSTOM_FIELD_KEY.test(key) && fields[key] !== undefined)
  const cleared = clearedFields(fields).filter((name) => CUSTOM_FIELD_KEY.test(name))
  if (keys.length + cleared.length === 0) return undefined
  const halves = keys.filter((key) => key.length > 40 && fields[key.slice(0, 40)] === undefined)
  if (halves.length > 0)
    throw new InvalidInput(halves.map((field) => ({ field, message: `needs the amount beside it, as ${field.slice(0, 40)}` })))
  const values: Record<string, unknown> = { ...(fields['custom_fields'] as Record<string, unknown> | undefined) }
  const put = (key: string, value: unknown) => {
    if (key in values && JSON.stringify(values[key]) !== JSON.stringify(value))
      throw new InvalidInput([{ field: key, message: `contradicts custom_fields, which has another value for it. Send one of them` }])
    values[key] = value
  }
  for (const key of keys.filter((k) => k.length === 40)) {
    const currency = fields[`${key}_currency`]
    put(key, currency === undefined || fields[key] === null ? fields[key] : { value: amountOf(key, fields[key]), currency })
  }
  for (const key of cleared) put(key, null)
  return values
}

/** The names in `clear_fields`, which validate.ts has checked. */
const clearedFields = (fields: Record<string, unknown>): readonly string[] => (fields[CLEAR_FIELDS] as readonly string[] | undefined) ?? []

/** The v2 body for the values that the caller sent, and for nothing else: API v2 is known to reset fields that are sent again. */
export function writeBody<Body>(writable: BodyFields, fields: Record<string, unknown>): Body {
  const body: Record<string, unknown> = {}
  const given = Object.entries(writable).filter(([name]) => fields[name] !== undefined)
  for (const [name, row] of given) {
    const value = row.write(fields[name] as never)
    // Two names of one field with different values: guessing which one is meant would be wrong.
    if (row.to in body && JSON.stringify(body[row.to]) !== JSON.stringify(value))
      throw new InvalidInput([
        {
          field: name,
          message: `contradicts ${given.find(([, other]) => other.to === row.to)![0]}: both are ${row.to} in Pipedrive. Send one of them`,
        },
      ])
    body[row.to] = value
  }
  for (const name of clearedFields(fields)) {
    const row = writable[name]
    if (row) body[row.to] = row.clear
  }
  const custom = customFields(fields)
  return (custom ? { ...body, custom_fields: custom } : body) as Body
}
