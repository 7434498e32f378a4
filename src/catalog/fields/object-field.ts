import type * as z from 'zod'
import type { LinkedKind } from '../../pipedrive/pipedrive.ts'

/** An ObjectField is one field of an object: how answers show it, where its value comes from, and how it is written. */
export interface ObjectField {
  /** Its type in answers; absent if it is only written. */
  output?: z.ZodType
  /** Pipedrive's field, if it has another name there. */
  from?: string
  /** From Pipedrive's value; what is not of the documented type is null. */
  show: (value: unknown) => unknown
  /** Pipedrive returns it only when include_fields names it. A record that was just created has this value. */
  included?: { created: unknown }
  /** The kind of record that it points at: answers have the name beside it. */
  link?: LinkedKind
  /** It is the primary one of this list of contacts. */
  primaryOf?: string
  /** What callers may send; absent if it is only read. */
  input?: z.ZodType
  /** What Pipedrive takes to empty it; undefined if it cannot be emptied. */
  clear?: null | '' | readonly [] | undefined
  required?: true
  /** No create takes it. */
  updateOnly?: true
  /** The field with the time of day of this date. A date-time fills both. */
  timeField?: string
  /** Lists take it as a filter. */
  filter?: true
  /** Designers show it only on demand. */
  advanced?: true
  /** Lists of contacts and prices: the fields inside, for the labels. */
  parts?: readonly string[]
}

/** ObjectFields are the fields of an object, by Pipedrive's names. */
export type ObjectFields = Readonly<Record<string, ObjectField>>
