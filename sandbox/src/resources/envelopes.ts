import * as z from 'zod'
import { type Answer, notFound, one, type Refusal } from '../http/answer.ts'
import { query, validate } from '../http/validation.ts'
import type { Call } from './route.ts'
import { readV1, v1Answer, v1Prefixes, v1Refusal } from './v1.ts'

/** An Envelope is what the operations of one API version have in common: path prefixes, validation, and the form of answers. */
export interface Envelope {
  prefixes: readonly string[]
  /** Validates a query or a body, or refuses it. */
  read<S extends z.ZodType>(schema: S, value: unknown, call: Call): z.output<S>
  /** The id that a path names. */
  readId(kind: 'number' | 'uuid', name: string, call: Call): number | string
  one(data: unknown, status?: number): Answer
  missing(error: string, info?: string): Refusal
}

const v2Ids = {
  number: query.whole(),
  uuid: z.guid({ error: "The value is not a valid 'uuid'" }),
}

const v2: Envelope = {
  prefixes: ['/api/v2'],
  read: (schema, value, { behaviour }) => validate(schema, value, behaviour),
  readId: (kind, name, { params, behaviour }) => validate(z.object({ [name]: v2Ids[kind] }), params, behaviour)[name]!,
  one,
  missing: (error) => notFound(error.replace(/ not found$/, '')),
}

const v1: Envelope = {
  prefixes: v1Prefixes,
  read: readV1,
  readId: (kind, name, { params }) => (kind === 'number' ? Number(params[name]) : (params[name] ?? '')),
  one: (data, status) => v1Answer(data, {}, status),
  missing: (error, info) => v1Refusal(404, error, info),
}

export const envelopes = { v1, v2 }
