import type * as z from 'zod'
import { InvalidInput } from '../kit/errors/invalid-input.ts'
import type { Writable, WritableField } from './define.ts'
import {
  choice,
  date,
  duration,
  flag,
  id,
  idText,
  labels,
  moment,
  number,
  object,
  objects,
  place,
  text,
  timeOfDay,
  visibility,
} from './inputs.ts'

/** A row of a Writable: the input of one name, the v2 field that it goes to, and how it is written there. */
function sends<T extends z.ZodType>(input: T, to: string, write: (value: z.output<T>) => unknown = (value) => value): WritableField {
  return { input, to, write }
}

/** The mirror of `mappings/deal.ts`: what can be written on a deal, under the contract's, API v2's and API v1's names. */
export const dealWritable = {
  title: sends(text(), 'title'),
  value: sends(number(), 'value'),
  currency: sends(text(), 'currency', (code) => code.trim().toUpperCase()),
  // Where an operation takes "deleted" too, its own input says so.
  status: sends(choice(['open', 'won', 'lost']), 'status'),
  lost_reason: sends(text(), 'lost_reason'),
  pipeline_id: sends(idText(), 'pipeline_id'),
  stage_id: sends(idText(), 'stage_id'),
  person_id: sends(idText(), 'person_id'),
  org_id: sends(idText(), 'org_id'),
  expected_close_date: sends(date(), 'expected_close_date'),
  visible_to: sends(visibility(), 'visible_to'),
  user_id: sends(id(), 'owner_id'),
  owner_id: sends(id(), 'owner_id'),
  probability: sends(number(), 'probability'),
  label: sends(labels(), 'label_ids'),
  label_ids: sends(labels(), 'label_ids'),
  close_time: sends(moment(), 'close_time'),
  won_time: sends(moment(), 'won_time'),
  lost_time: sends(moment(), 'lost_time'),
  is_archived: sends(flag(), 'is_archived'),
  archive_time: sends(moment(), 'archive_time', (time) => time.replace('T', ' ').replace('Z', '')),
  custom_fields: sends(object(), 'custom_fields'),
} satisfies Writable

/** The mirror of `mappings/activity.ts`. People go into `participants`: `person_id` is read-only in API v2. */
export const activityWritable = {
  subject: sends(text(), 'subject'),
  type: sends(text(), 'type'),
  due_date: sends(date(), 'due_date'),
  due_time: sends(timeOfDay(), 'due_time'),
  duration: sends(duration(), 'duration'),
  note: sends(text(), 'note'),
  user_id: sends(id(), 'owner_id'),
  owner_id: sends(id(), 'owner_id'),
  deal_id: sends(id(), 'deal_id'),
  person_id: sends(id(), 'participants', (person_id) => [{ person_id, primary: true }]),
  participants: sends(objects(), 'participants'),
  attendees: sends(objects(), 'attendees'),
  org_id: sends(id(), 'org_id'),
  lead_id: sends(text(), 'lead_id'),
  project_id: sends(id(), 'project_id'),
  done: sends(flag(), 'done'),
  busy: sends(flag(), 'busy'),
  busy_flag: sends(flag(), 'busy'),
  public_description: sends(text(), 'public_description'),
  priority: sends(id(), 'priority'),
  location: sends(place(), 'location'),
} satisfies Writable

/** API v1 took custom fields at the top level, under their 40-character keys; `<key>_currency` is the second half of a monetary one. */
export const CUSTOM_FIELD_KEY = /^[0-9a-f]{40}(_currency)?$/

function amountOf(field: string, value: unknown): unknown {
  const { success, data, error } = number().safeParse(value)
  if (success) return data
  throw new InvalidInput(error.issues.map(({ message }) => ({ field, message })))
}

function customFields(fields: Record<string, unknown>): Record<string, unknown> | undefined {
  const keys = Object.keys(fields).filter((key) => CUSTOM_FIELD_KEY.test(key) && fields[key] !== undefined)
  if (keys.length === 0) return undefined
  const halves = keys.filter((key) => key.length > 40 && fields[key.slice(0, 40)] === undefined)
  if (halves.length > 0)
    throw new InvalidInput(halves.map((field) => ({ field, message: `needs the amount beside it, as ${field.slice(0, 40)}` })))
  const values = { ...(fields['custom_fields'] as Record<string, unknown> | undefined) }
  for (const key of keys.filter((k) => k.length === 40)) {
    const currency = fields[`${key}_currency`]
    values[key] = currency === undefined ? fields[key] : { value: amountOf(key, fields[key]), currency }
  }
  return values
}

/** The v2 body for what the caller gave, and for nothing else: API v2 is known to reset fields that are sent again. */
export function writeBody<Body>(writable: Writable, fields: Record<string, unknown>): Body {
  const body: Record<string, unknown> = {}
  const given = Object.entries(writable).filter(([name]) => fields[name] !== undefined)
  for (const [name, row] of given) {
    const value = row.write(fields[name] as never)
    // Two names of one field: which one should win is not ours to guess.
    if (row.to in body && JSON.stringify(body[row.to]) !== JSON.stringify(value))
      throw new InvalidInput([
        {
          field: name,
          message: `contradicts ${given.find(([, other]) => other.to === row.to)![0]}: both are ${row.to} in Pipedrive. Send one of them`,
        },
      ])
    body[row.to] = value
  }
  const custom = customFields(fields)
  return (custom ? { ...body, custom_fields: custom } : body) as Body
}
