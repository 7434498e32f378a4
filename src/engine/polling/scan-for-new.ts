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
 * Looks at a list once and decides what is new in it. Polling triggers and reconciliation both go this way. `now` is in Unix seconds, asked
 * for when the list was read where it is known only then; without a Watch the answer is one, and nothing is new.
 */
export async function scanForNew<R extends DatedRow>(
  list: NewList<R>,
  before: Cursor | undefined,
  now: number | (() => number),
  ours: (row: R) => boolean = () => true,
): Promise<PollDecision<R>> {
  const newest = pageSize(before)
  const page = await list({ newest })
  const at = typeof now === 'number' ? now : now()
  const covered = coveredFrom(page, newest)
  if (!before) return { items: [], watch: initCursor(page.rows, covered, at) }
  return decideNew(before, await lookFurther(list, before, page.rows, covered, at, ours), at, ours)
}

/** Asks by id for what the page does not cover: late ones below the watermark, then the backlog above it, until the answer is full. */
async function lookFurther<R extends DatedRow>(
  list: NewList<R>,
  before: Cursor,
  newest: readonly R[],
  covered: number,
  now: number,
  ours: (row: R) => boolean,
): Promise<Scan<R>> {
  const rows = [...newest]
  const { late, lateLookedFor, backlog } = planWindows(before, covered, now)
  for (const ids of late) rows.push(...(await list({ ids })).rows)

  let from = backlog.from
  const isFull = () => rows.filter((row) => row.id < from && ours(row) && isNew(row, before)).length >= BATCH
  for (let asked = 0; from <= backlog.until && asked < backlog.windows && !isFull(); asked++) {
    const ids = Array.from({ length: Math.min(WINDOW, backlog.until - from + 1) }, (_, i) => from + i)
    rows.push(...(await list({ ids })).rows)
    from += ids.length
  }
  return { rows, lateLookedFor, knownUpTo: from > backlog.until ? Infinity : from - 1 }
}
