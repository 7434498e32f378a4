import type { DatedRow } from '../../catalog/contract/records/record-kind.ts'
import {
  BATCH,
  coveredFrom,
  decideNew,
  isNew,
  pageSize,
  planWindows,
  initCursor,
  WINDOW,
  type PollDecision,
  type Scan,
  type Cursor,
} from './decide-new.ts'

/** A NewList reads a list of records by id: the newest, or exactly these; 10 tokens a page. */
export type NewList<R extends DatedRow> = (
  query: { newest: number } | { ids: readonly number[] },
) => Promise<{ rows: R[]; nextCursor: string | null }>

/**
 * Reads a list and decides which rows are new. Polling triggers and reconciliation both use it. `now` is in Unix seconds; a function is called
 * after the list was read, if the time is known only then. Without a cursor it returns an initial one and no items.
 */
export async function scanForNew<R extends DatedRow>(
  list: NewList<R>,
  before: Cursor | undefined,
  now: number | (() => number),
  matches: (row: R) => boolean = () => true,
): Promise<PollDecision<R>> {
  const newest = pageSize(before)
  const page = await list({ newest })
  const at = typeof now === 'number' ? now : now()
  const covered = coveredFrom(page, newest)
  if (!before) return { items: [], cursor: initCursor(page.rows, covered, at) }
  return decideNew(before, await scanWindows(list, before, page.rows, covered, at, matches), at, matches)
}

/** Reads by id what the page does not cover: late records below the watermark, then the backlog above it, until the answer is full. */
async function scanWindows<R extends DatedRow>(
  list: NewList<R>,
  before: Cursor,
  newest: readonly R[],
  covered: number,
  now: number,
  matches: (row: R) => boolean,
): Promise<Scan<R>> {
  const rows = [...newest]
  const { late, lateScanned, backlog } = planWindows(before, covered, now)
  for (const ids of late) rows.push(...(await list({ ids })).rows)

  let from = backlog.from
  const isFull = () => rows.filter((row) => row.id < from && matches(row) && isNew(row, before)).length >= BATCH
  for (let windows = 0; from <= backlog.until && windows < backlog.windows && !isFull(); windows++) {
    const ids = Array.from({ length: Math.min(WINDOW, backlog.until - from + 1) }, (_, i) => from + i)
    rows.push(...(await list({ ids })).rows)
    from += ids.length
  }
  return { rows, lateScanned, knownUpTo: from > backlog.until ? Infinity : from - 1 }
}
