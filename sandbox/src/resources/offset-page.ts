import * as z from 'zod'
import { type Answer, page, validationFailed, wording } from '../http/answer.ts'
import { query, validate } from '../http/validation.ts'
import type { Call } from './route.ts'

const STANDARD_LIMIT = 100

/** The paging parameters. */
export const paging = { limit: query.limit().optional(), cursor: query.text().optional() }
const onlyPaging = z.strictObject(paging)

interface Paging {
  limit?: number | undefined
  cursor?: string | undefined
}

/** One page of a list whose items have no id: the cursor is an encoded offset. */
export function slice<T>(items: readonly T[], { limit = STANDARD_LIMIT, cursor }: Paging, { behaviour }: Call) {
  const start = cursor === undefined ? 0 : Number(Buffer.from(cursor, 'base64url').toString() || Number.NaN)
  if (!Number.isInteger(start) || start < 0) throw validationFailed([{ field: 'cursor', text: wording(behaviour, 'badCursor') }])
  const end = start + limit
  return { items: items.slice(start, end), nextCursor: end < items.length ? Buffer.from(String(end)).toString('base64url') : null }
}

export const readPaging = (call: Call): Paging => validate(onlyPaging, call.query, call.behaviour)

export function shortPage<T>(items: readonly T[], call: Call, paging: Paging = readPaging(call)): Answer {
  const { items: shown, nextCursor } = slice(items, paging, call)
  return page(shown, nextCursor)
}
