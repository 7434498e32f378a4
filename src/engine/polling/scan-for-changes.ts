import type { TriggerRow } from '../../catalog/contract/records/record-kind.ts'
import { BATCH } from './decide-new.ts'
import {
  decideChanges,
  isNewChange,
  initChangeCursor,
  type ChangeDecision,
  type ChangeCursor,
  type ChangeReader,
} from './decide-changes.ts'
import type { RecordId } from '../../kit/record-id.ts'

/** Upstream's limit for a page. It costs 10 tokens like a page of one. */
const LARGEST_PAGE = 500
/** Pages of one answer: 50 tokens, and within the hosts' time limit. */
const PAGES_PER_ANSWER = 5

/** A ChangeList reads a list of records by update time: the latest, newest first, or all that were touched since a time, oldest first; 10 tokens a page. */
export type ChangeList<R extends TriggerRow<RecordId>> = (
  query: { latest: number } | { since: string; cursor?: string },
) => Promise<{ rows: R[]; nextCursor: string | null }>

/** Reads a list and decides which rows have changed. `now` is in Unix seconds. Without a cursor it returns an initial one and no items. */
export async function scanForChanges<R extends TriggerRow<RecordId>>(
  list: ChangeList<R>,
  before: ChangeCursor | undefined,
  reader: ChangeReader<R>,
  now: number,
  matches: (row: R) => boolean = () => true,
): Promise<ChangeDecision<R>> {
  if (!before) {
    const { rows, nextCursor } = await list({ latest: LARGEST_PAGE })
    return { items: [], cursor: initChangeCursor(rows, nextCursor !== null, reader, now) }
  }
  const since = rfc3339((before.from ?? before.closed).at)
  const rows: R[] = []
  let nextPage: string | null | undefined
  for (let pages = 0; nextPage !== null; pages++) {
    const isFull = pages >= PAGES_PER_ANSWER || rows.filter((row) => isNewChange(row, before, reader) && matches(row)).length > BATCH
    // The next poll starts at a whole second. A scan that ended within its first second would read the same rows every time.
    if (isFull && (rows.at(-1)?.update_time ?? since) > since) break
    const page = await list({ since, ...(nextPage && { cursor: nextPage }) })
    rows.push(...page.rows)
    nextPage = page.nextCursor
  }
  return decideChanges(before, { rows, complete: nextPage === null }, reader, now, matches)
}

const rfc3339 = (seconds: number): string => new Date(seconds * 1_000).toISOString().replace(/\.\d{3}Z$/, 'Z')
