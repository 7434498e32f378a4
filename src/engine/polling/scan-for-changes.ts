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

/** Upstream's limit for a page. It costs 10 tokens like a page of one. */
const LARGEST_PAGE = 500
/** Pages of one answer: 50 tokens, and the hosts' patience. */
const PAGES_PER_ANSWER = 5

/** A ChangeList reads a list of records by update time: the latest, newest first, or all that were touched since a moment, oldest first; 10 tokens a page. */
export type ChangeList<R extends TriggerRow> = (
  query: { latest: number } | { since: string; cursor?: string },
) => Promise<{ rows: R[]; nextCursor: string | null }>

/** Looks at a list once and decides what has changed in it. `now` is in Unix seconds; without a ChangeWatch the answer is one, and nothing has changed. */
export async function scanForChanges<R extends TriggerRow>(
  list: ChangeList<R>,
  before: ChangeCursor | undefined,
  reading: ChangeReader<R>,
  now: number,
  ours: (row: R) => boolean = () => true,
): Promise<ChangeDecision<R>> {
  if (!before) {
    const { rows, nextCursor } = await list({ latest: LARGEST_PAGE })
    return { items: [], watch: initChangeCursor(rows, nextCursor !== null, reading, now) }
  }
  const since = rfc3339((before.from ?? before.closed).at)
  const rows: R[] = []
  let cursor: string | null | undefined
  for (let pages = 0; cursor !== null; pages++) {
    const enough = pages >= PAGES_PER_ANSWER || rows.filter((row) => isNewChange(row, before, reading) && ours(row)).length > BATCH
    // The next poll begins at a second, so one that ends within the second at which it began would be read for ever.
    if (enough && (rows.at(-1)?.update_time ?? since) > since) break
    const page = await list({ since, ...(cursor && { cursor }) })
    rows.push(...page.rows)
    cursor = page.nextCursor
  }
  return decideChanges(before, { rows, complete: cursor === null }, reading, now, ours)
}

const rfc3339 = (seconds: number): string => new Date(seconds * 1_000).toISOString().replace(/\.\d{3}Z$/, 'Z')
