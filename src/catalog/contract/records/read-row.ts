import type { ListQuery } from '../../../pipedrive/pipedrive.ts'
import { isoMillis } from '../mappings/convert.ts'
import type { DatedRow, RecordQuery } from './record-kind.ts'

/** Upstream's largest page costs as much as the smallest. */
const LONGEST_PAGE = 500

/** The upstream query for a RecordQuery. The newest are found by id, since ids grow with creation while add_time can be back-dated. */
export function listQuery(query: RecordQuery): ListQuery {
  if ('ids' in query) return { ids: query.ids.map(Number), limit: query.ids.length }
  if ('latestChanged' in query) return { sort_by: 'update_time', sort_direction: 'desc', limit: query.latestChanged }
  if ('latestDeleted' in query) return { sort_by: 'update_time', sort_direction: 'desc', limit: query.latestDeleted }
  const cursor = query.cursor === undefined ? {} : { cursor: query.cursor }
  if ('newest' in query) return { sort_by: 'id', sort_direction: 'desc', limit: query.newest, ...cursor }
  const since = 'changedSince' in query ? query.changedSince : query.deletedSince
  return { updated_since: since, sort_by: 'update_time', sort_direction: 'asc', limit: LONGEST_PAGE, ...cursor }
}

export const isOfDeleted = (query: RecordQuery): boolean => 'deletedSince' in query || 'latestDeleted' in query

/** A number, which webhooks may write as text; any other value is null. */
export const numberOf = (value: unknown): number | null => {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : null
}

/** A flag, which API v1 may write as 1; an absent one is false, any other value null. */
export const flagOf = (value: unknown): boolean | null => {
  if (value === undefined || value === null) return false
  return typeof value === 'boolean' ? value : value === 1 ? true : value === 0 ? false : null
}

export const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** RFC 3339 in UTC with whole seconds, from any of Pipedrive's time formats; null if there is none. */
export function timeOf(value: unknown): string | null {
  const time = typeof value === 'string' ? isoMillis(value) : null
  return time === null ? null : time.replace(/\.\d{3}Z$/, 'Z')
}

/** When a record became what it is. Nothing happens to a record before it exists, even if a user dates it back: the time is its add_time then. */
export const sinceAdded = (time: string | null, { add_time: added }: DatedRow): string | null =>
  time !== null && Date.parse(time) < Date.parse(added) ? added : time

/** These fields in this order; an absent one is null, so that "absent" and "empty" are the same. */
export const contentOf = (row: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(names.map((name) => [name, row[name] ?? null]))
