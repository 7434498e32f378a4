import type { DatedRow } from '../../catalog/contract/records/record-kind.ts'

/** The maximum number of items in one answer. */
export const BATCH = 100
/** Upstream's limit for `ids=`. */
export const WINDOW = 100
/** Upstream's limit for a page. It costs 10 tokens like a page of one row, but more rows have to be transferred and parsed. */
const LARGEST_PAGE = 500
const SMALLEST_PAGE = 100
/** Room on a page for new rows, beyond those that it must cover. */
const PAGE_RESERVE = 50
/** How many ids below the watermark are tracked: one bit each in the state. */
export const WINDOW_IDS = 2_000
/** Pipedrive assigns ids before records become readable. A record that appears later than this after its creation was hidden, not late. */
const LATE_SECONDS = 10 * 60
/** One poll per 120 s and trigger instance, minus 5 s for differing clocks. */
export const POLL_EVERY_SECONDS = 115
/** `ids=` windows of one answer: with the page 60 tokens, and within the hosts' time limit. */
const WINDOWS_PER_ANSWER = 5

/**
 * A Cursor is what one trigger instance has read. It has three regions of ids: up to `floor` no record is returned any more; from there to
 * `watermark` an id that is not in `seen` may still belong to a late record; above `watermark` every record is new.
 */
export interface Cursor {
  watermark: number
  floor: number
  /** Ids of (watermark - WINDOW_IDS, watermark] that were visible, regardless of owner: re-assigned or restored records are not new. */
  seen: ReadonlySet<number>
  /**
   * Unix seconds: a record is late if it was created at or after this. It is ten minutes before the last complete scan below the watermark,
   * not before now, so neither a lost answer nor a host that paused for an hour loses a record that was late when the state was made.
   */
  lookbackFrom: number
  /** More records may be available: the last scan was not complete. */
  hasMore: boolean
}

/** A Scan is what one poll has read of a feed. */
export interface Scan<R extends DatedRow> {
  rows: readonly R[]
  /** Every visible record up to this id is in `rows`; Infinity: every one there is. */
  knownUpTo: number
  /** Whether every id below the watermark that could be late was read. */
  lateScanned: boolean
}

export interface PollDecision<R extends DatedRow> {
  /** The new ones, oldest id first. */
  items: R[]
  cursor: Cursor
}

interface FirstPage<R extends DatedRow> {
  rows: readonly R[]
  nextCursor: string | null
}

/**
 * How many of the newest records to read: enough to reach the floor even if every id above it is readable by now, because ids that the page
 * covers need no windows. That keeps an idle poll at one request.
 */
export function pageSize(cursor: Cursor | undefined): number {
  if (!cursor || cursor.hasMore) return LARGEST_PAGE
  const open = cursor.watermark - openFrom(cursor) + 1
  return Math.min(LARGEST_PAGE, Math.max(SMALLEST_PAGE, open + PAGE_RESERVE))
}

/** From this id on, the page holds every visible record. */
export const coveredFrom = <R extends DatedRow>({ rows, nextCursor }: FirstPage<R>, limit: number): number =>
  nextCursor === null && rows.length < limit ? 0 : rows.reduce((lowest, { id }) => Math.min(lowest, id), Infinity)

/** A WindowPlan is which ids a poll reads beyond its page. */
export interface WindowPlan {
  /** Ids that may belong to late records, oldest first: the oldest expire first, and each is read again before it expires. */
  late: number[][]
  lateScanned: boolean
  /** Windows of consecutive ids upward from the watermark; `until` is the last id below the page. */
  backlog: { from: number; until: number; windows: number }
}

export function planWindows(cursor: Cursor, covered: number, now: number): WindowPlan {
  const until = covered - 1
  const backlog = Number.isFinite(until) && until > cursor.watermark
  const gaps: number[] = []
  for (let id = openFrom(cursor); id <= Math.min(cursor.watermark, until); id++) if (!cursor.seen.has(id)) gaps.push(id)
  // While a backlog is returned at one answer a second, the same gaps need not be read each time.
  const due = !backlog || now - LATE_SECONDS - cursor.lookbackFrom >= POLL_EVERY_SECONDS
  const late = due ? chunks(gaps, WINDOW).slice(0, backlog ? WINDOWS_PER_ANSWER - 1 : WINDOWS_PER_ANSWER) : []
  return {
    late,
    lateScanned: due || gaps.length === 0,
    backlog: { from: cursor.watermark + 1, until: backlog ? until : cursor.watermark, windows: WINDOWS_PER_ANSWER - late.length },
  }
}

/** The first poll returns no history: existing records are seen, and everything below a full page is closed. Ids missing on the page may still appear late. */
export function initCursor<R extends DatedRow>(rows: readonly R[], covered: number, now: number): Cursor {
  const floor = Number.isFinite(covered) ? Math.max(0, covered - 1) : 0
  const empty: Cursor = { watermark: 0, floor, seen: new Set(), lookbackFrom: 0, hasMore: false }
  const { cursor } = decideNew(empty, { rows, knownUpTo: Infinity, lateScanned: true }, now, () => false)
  return cursor
}

/** Which of the scanned records are new, and the cursor after they are returned. `matches` decides whether a record is returned at all. */
export function decideNew<R extends DatedRow>(
  before: Cursor,
  { rows, knownUpTo, lateScanned }: Scan<R>,
  now: number,
  matches: (row: R) => boolean,
): PollDecision<R> {
  const known = [...new Map(rows.map((row) => [row.id, row])).values()].toSorted((a, b) => a.id - b.id)
  const fresh = known.filter((row) => isNew(row, before) && row.id <= Math.max(knownUpTo, before.watermark) && matches(row))
  const items = fresh.slice(0, BATCH)
  const waiting = fresh.slice(BATCH)

  const top = Number.isFinite(knownUpTo) ? knownUpTo : (known.at(-1)?.id ?? 0)
  const watermark = Math.max(before.watermark, waiting.length > 0 ? items.at(-1)!.id : top)
  const waitingLate = new Set(waiting.map(({ id }) => id).filter((id) => id <= watermark))
  // Late records that wait for the next answer must not expire before it.
  const lookbackFrom = lateScanned && waitingLate.size === 0 ? now - LATE_SECONDS : before.lookbackFrom
  const floor = Math.min(watermark, Math.max(before.floor, closedUpTo(known, lookbackFrom)))

  const lowest = openFrom({ watermark, floor })
  const seen = new Set([...before.seen].filter((id) => id >= lowest))
  for (const { id } of known) if (id >= lowest && id <= watermark && !waitingLate.has(id)) seen.add(id)
  const hasMore = waiting.length > 0 || Number.isFinite(knownUpTo) || !lateScanned
  return { items, cursor: { watermark, floor, seen, lookbackFrom, hasMore } }
}

/** Whether the cursor does not hold this record yet. Without a readable add_time only the id decides. */
export const isNew = (row: DatedRow, cursor: Cursor): boolean =>
  row.id > cursor.watermark || (row.id >= openFrom(cursor) && !cursor.seen.has(row.id) && addedAt(row) >= cursor.lookbackFrom)

/**
 * The highest id that no late record can have any more. Ids increase with the add_time, so every record below one from before `lookbackFrom`
 * is older. Records above a young one prove nothing: an import may have back-dated their add_time.
 */
function closedUpTo(known: readonly DatedRow[], lookbackFrom: number): number {
  let closed = 0
  for (const row of known) {
    if (addedAt(row) >= lookbackFrom) break
    closed = row.id
  }
  return closed
}

/** The lowest id that is still tracked. */
const openFrom = ({ watermark, floor }: Pick<Cursor, 'watermark' | 'floor'>): number => Math.max(floor, watermark - WINDOW_IDS) + 1

/** Unix seconds; NaN, which is never late, if it is unreadable. */
const addedAt = (row: DatedRow): number => Date.parse(row.add_time) / 1_000

export const chunks = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size))
