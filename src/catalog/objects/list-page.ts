import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import { InvalidInput } from '../../kit/errors/invalid-input.ts'
import type { RecordListQuery, ResultPage, UpstreamRow } from '../../pipedrive/pipedrive.ts'
import type { OperationContext } from '../define.ts'

/** Pipedrive's longest page, at the price of any other. */
const LONGEST_PAGE = 500
export const LIMIT_MAX = 2_000
export const LIMIT_DEFAULT = 100
/** Shortages that end a list early rather than failing it: a 429, or no time left. */
const SHORTAGES: readonly number[] = [429, 503, 504]

const encode = (list: string, cursor: string): string => Buffer.from(JSON.stringify([list, cursor])).toString('base64url')

function decode(list: string, text: string): string {
  const wrong = (message: string) => new InvalidInput([{ field: 'cursor', message }])
  let read: unknown
  try {
    read = JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch {
    read = undefined
  }
  if (!Array.isArray(read) || read.length !== 2 || !read.every((part) => typeof part === 'string'))
    throw wrong('is no cursor; use next_cursor of the page before, unchanged')
  const [from, cursor] = read as [string, string]
  if (from !== list) throw wrong(`belongs to ${from}, not to ${list}; use next_cursor of the page before`)
  return cursor
}

/** A RecordsPage is what a list returns: rows, and the way on. */
export interface RecordsPage {
  rows: UpstreamRow[]
  next_cursor: string | null
  has_more: boolean
}

/**
 * Up to `limit` records, in as many requests as it takes. A shortage after the first page ends the list early, with a cursor for the rest: a
 * caller that cannot page has what could be read, and a warning. `list` is its name for the cursor.
 */
export async function readPages(
  list: string,
  read: (query: RecordListQuery) => Promise<ResultPage<UpstreamRow>>,
  { limit = LIMIT_DEFAULT, cursor: given, query }: { limit?: number | undefined; cursor?: string | undefined; query: RecordListQuery },
  { warn }: Pick<OperationContext, 'warn'>,
): Promise<RecordsPage> {
  const rows: UpstreamRow[] = []
  let cursor = given === undefined ? undefined : decode(list, given)
  while (rows.length < limit) {
    try {
      const page = await read({ ...query, limit: Math.min(LONGEST_PAGE, limit - rows.length), cursor })
      rows.push(...page.rows)
      if (page.nextCursor === null) return { rows, next_cursor: null, has_more: false }
      cursor = page.nextCursor
    } catch (error) {
      if (rows.length === 0 || !(error instanceof DealbridgeError) || !SHORTAGES.includes(error.status)) throw error
      warn(`the list ends early, after ${rows.length} records: ${error.message} next_cursor continues it`)
      break
    }
  }
  return { rows, next_cursor: cursor === undefined ? null : encode(list, cursor), has_more: cursor !== undefined }
}
