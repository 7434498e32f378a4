import * as z from 'zod'
import { type Answer, json, Refusal } from '../http/answer.ts'
import { readJson, validate } from '../http/validation.ts'
import { readRfc3339 } from '../time.ts'
import type { Call, Route } from './route.ts'

/** The two path prefixes of API v1. */
export const v1Prefixes: readonly string[] = ['/v1', '/api/v1']

/** The routes of an operation of API v1: one for each prefix. */
export const v1 = (method: Route['method'], path: string, tokens: number, handle: Route['handle']): Route[] =>
  v1Prefixes.map((prefix) => ({ method, path: prefix + path, tokens, handle }))

const WHERE_TO_LOOK = 'Please check developers.pipedrive.com for more information about Pipedrive API.'
export const v1Refusal = (status: number, error: string, error_info = WHERE_TO_LOOK): Refusal =>
  new Refusal(json(status, { success: false, error, error_info, data: null, additional_data: null }))

export const v1Answer = (data: unknown, more: Record<string, unknown> = {}, status = 200): Answer =>
  json(status, { success: true, data, ...more })

/** An integer, also in quotes. */
const whole = () => z.union([z.int(), z.string().regex(/^\d+$/).transform(Number)], { error: "The value is not a valid 'integer'" })
/** A boolean in all forms that v1 accepts. */
const flag = () =>
  z
    .union([z.boolean(), z.literal([0, 1, '0', '1', 'true', 'false'])], { error: "The value is not a valid 'boolean'" })
    .transform((value) => value === true || value === 1 || value === '1' || value === 'true')
/** `2019-12-09 13:59:21` in UTC, or RFC 3339. */
const moment = () =>
  z.string().transform((text, context) => {
    const time = readRfc3339(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text) ? `${text.replace(' ', 'T')}Z` : text.replace(/\.\d+/, ''))
    if (time === undefined) context.issues.push({ code: 'custom', input: text, message: 'notADatetime' })
    return time ?? text
  })
export const v1Type = { whole, flag, moment }

/** Validates the input of a v1 operation; ignores unknown fields. */
export function readV1<S extends z.ZodType>(schema: S, value: unknown, { behaviour }: Call): z.output<S> {
  try {
    return validate(schema, value, behaviour)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    throw v1Refusal(error.answer.status, (JSON.parse(error.answer.body) as { error: string }).error)
  }
}
export const readV1Body = <S extends z.ZodType>(schema: S, call: Call): z.output<S> =>
  readV1(schema, readJson(call.body, call.behaviour), call)

const pageQuery = z.object({ start: whole().optional(), limit: whole().optional() })
const STANDARD_LIMIT = 100
const MOST = 500

/** One page by `start` and `limit`; a higher limit counts as the maximum. */
export function v1Page<T>(items: readonly T[], call: Call) {
  const { start = 0, limit: parameters = STANDARD_LIMIT } = readV1(pageQuery, call.query, call)
  const limit = Math.min(Math.max(parameters, 1), MOST)
  const more = start + limit < items.length
  return {
    items: items.slice(start, start + limit),
    pagination: { start, limit, more_items_in_collection: more, ...(more && { next_start: start + limit }) },
  }
}

type Sortable = Readonly<Record<string, unknown>>
const compare = (a: unknown, b: unknown): number =>
  a === b ? 0 : a === null || a === undefined ? -1 : b === null || b === undefined ? 1 : (a as string) < (b as string) ? -1 : 1

/** Sorts by `sort=field ASC, other DESC`, stable; refuses an unknown field. */
export function v1Sorted<R extends object>(rows: readonly R[], sort: string | undefined, fields: readonly string[]): R[] {
  if (sort === undefined || sort.trim() === '') return [...rows]
  const keys = sort.split(',').map((part) => {
    const [field = '', direction = 'ASC'] = part.trim().split(/\s+/)
    if (!fields.includes(field) || !/^(asc|desc)$/i.test(direction)) throw v1Refusal(400, `Sorting by '${part.trim()}' is not supported.`)
    return { field, sign: direction.toLowerCase() === 'desc' ? -1 : 1 }
  })
  return [...rows].sort((a, b) => {
    for (const { field, sign } of keys) {
      const order = sign * compare((a as Sortable)[field], (b as Sortable)[field])
      if (order !== 0) return order
    }
    return 0
  })
}
