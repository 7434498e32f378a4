import type { DatedRow } from '../../catalog/contract/records/record-kind.ts'

/** What one answer holds at most. */
export const BATCH = 100
/** Upstream's limit for `ids=`. */
export const WINDOW = 100
/** Upstream's limit for a page. It costs 10 tokens like a page of one, but its rows have to be carried and read. */
const LARGEST_PAGE = 500
const SMALLEST_PAGE = 100
/** Rows that a page holds beyond those that it must reach: new ones. */
const PAGE_RESERVE = 50
/** How many ids below the watermark are told apart: one bit each in the state. */
export const WINDOW_IDS = 2_000
/** Ids are handed out before they can be read; a record that appears later than this after its creation was hidden, not late. */
const LATE_SECONDS = 10 * 60
/** One poll per 120 s and trigger instance, less 5 s for clocks that differ. */
export const POLL_EVERY_SECONDS = 115
/** `ids=` windows of one answer: with the page 60 tokens, and the hosts' patience. */
const WINDOWS_PER_ANSWER = 5

/**
 * A Watch is what one trigger instance has seen. Three regions of ids: up to `floor` everything is closed for ever; from there to
 * `watermark` an id that is not in `seen` may still belong to a late record; above `watermark` everything is new.
 */
export interface Cursor {
  watermark: number
  floor: number
  /** Ids of (watermark - WINDOW_IDS, watermark] that were visible, whoever's they were: re-assigned or restored they are not new. */
  seen: ReadonlySet<number>
  /**
   * Unix seconds: late is what was created at or after this. Ten minutes before the last complete look below the watermark, not before
   * now: so neither a lost answer nor a host that was away for an hour costs a record that was late when the state was made.
   */
  lookbackFrom: number
  /** More is waiting, or may be: the last answer did not look at everything. */
  hasMore: boolean
}

/** A Sight is what one poll has seen of a feed. */
export interface Scan<R extends DatedRow> {
  rows: readonly R[]
  /** Every visible record up to this id is in `rows`; Infinity: every one there is. */
  knownUpTo: number
  /** Whether everything below the watermark that could be late was looked for. */
  lateLookedFor: boolean
}

export interface PollDecision<R extends DatedRow> {
  /** The new ones, oldest id first. */
  items: R[]
  watch: Cursor
}

interface FirstPage<R extends DatedRow> {
  rows: readonly R[]
  nextCursor: string | null
}

/**
 * How many of the newest to ask for: enough to reach the floor even if every id above it can be read by now, for what the page covers
 * needs no windows. That keeps an idle poll at one call.
 */
export function pageSize(watch: Cursor | undefined): number {
  if (!watch || watch.hasMore) return LARGEST_PAGE
  const open = watch.watermark - openFrom(watch) + 1
  return Math.min(LARGEST_PAGE, Math.max(SMALLEST_PAGE, open + PAGE_RESERVE))
}

/** From this id on, the page holds every visible record. */
export const coveredFrom = <R extends DatedRow>({ rows, nextCursor }: FirstPage<R>, asked: number): number =>
  nextCursor === null && rows.length < asked ? 0 : rows.reduce((lowest, { id }) => Math.min(lowest, id), Infinity)

/** A Plan is which ids a poll asks for beyond its page. */
export interface WindowPlan {
  /** Ids that may belong to late records, oldest first: they run out of time first, so that each is asked for once more before it does. */
  late: number[][]
  lateLookedFor: boolean
  /** Windows of consecutive ids upward from the watermark; `until` is the last id below the page. */
  backlog: { from: number; until: number; windows: number }
}

export function planWindows(watch: Cursor, covered: number, now: number): WindowPlan {
  const until = covered - 1
  const backlog = Number.isFinite(until) && until > watch.watermark
  const gaps: number[] = []
  for (let id = openFrom(watch); id <= Math.min(watch.watermark, until); id++) if (!watch.seen.has(id)) gaps.push(id)
  // While a backlog is worked off at one answer a second there is no use in asking for the same gaps each time.
  const due = !backlog || now - LATE_SECONDS - watch.lookbackFrom >= POLL_EVERY_SECONDS
  const late = due ? chunks(gaps, WINDOW).slice(0, backlog ? WINDOWS_PER_ANSWER - 1 : WINDOWS_PER_ANSWER) : []
  return {
    late,
    lateLookedFor: due || gaps.length === 0,
    backlog: { from: watch.watermark + 1, until: backlog ? until : watch.watermark, windows: WINDOWS_PER_ANSWER - late.length },
  }
}

/** The first poll answers no history: what is there is seen, and what lies below a full page is closed. Ids missing on the page may still come late. */
export function initCursor<R extends DatedRow>(rows: readonly R[], covered: number, now: number): Cursor {
  const floor = Number.isFinite(covered) ? Math.max(0, covered - 1) : 0
  const nothing: Cursor = { watermark: 0, floor, seen: new Set(), lookbackFrom: 0, hasMore: false }
  const { watch } = decideNew(nothing, { rows, knownUpTo: Infinity, lateLookedFor: true }, now, () => false)
  return watch
}

/** Which of the records in sight are new, and what the watch is after they were answered. `ours` says whether a record is answered at all. */
export function decideNew<R extends DatedRow>(
  before: Cursor,
  { rows, knownUpTo, lateLookedFor }: Scan<R>,
  now: number,
  ours: (row: R) => boolean,
): PollDecision<R> {
  const known = [...new Map(rows.map((row) => [row.id, row])).values()].toSorted((a, b) => a.id - b.id)
  const fresh = known.filter((row) => isNew(row, before) && row.id <= Math.max(knownUpTo, before.watermark) && ours(row))
  const items = fresh.slice(0, BATCH)
  const waiting = fresh.slice(BATCH)

  const top = Number.isFinite(knownUpTo) ? knownUpTo : (known.at(-1)?.id ?? 0)
  const watermark = Math.max(before.watermark, waiting.length > 0 ? items.at(-1)!.id : top)
  const waitingLate = new Set(waiting.map(({ id }) => id).filter((id) => id <= watermark))
  // Late ones that have to wait for the next answer must not grow too old for it.
  const lateSince = lateLookedFor && waitingLate.size === 0 ? now - LATE_SECONDS : before.lookbackFrom
  const floor = Math.min(watermark, Math.max(before.floor, closedUpTo(known, lateSince)))

  const lowest = openFrom({ watermark, floor })
  const seen = new Set([...before.seen].filter((id) => id >= lowest))
  for (const { id } of known) if (id >= lowest && id <= watermark && !waitingLate.has(id)) seen.add(id)
  const behind = waiting.length > 0 || Number.isFinite(knownUpTo) || !lateLookedFor
  return { items, watch: { watermark, floor, seen, lookbackFrom: lateSince, hasMore: behind } }
}

/** Whether the state knows this record not yet. Without a readable add_time only the id can tell. */
export const isNew = (row: DatedRow, watch: Cursor): boolean =>
  row.id > watch.watermark || (row.id >= openFrom(watch) && !watch.seen.has(row.id) && addedAt(row) >= watch.lookbackFrom)

/**
 * The highest id that no late record can have any more: ids are handed out with the add_time, so below a record from before `lateSince`
 * there is nothing younger. Records above one that is young prove nothing: their add_time may have been set back by an import.
 */
function closedUpTo(known: readonly DatedRow[], lateSince: number): number {
  let closed = 0
  for (const row of known) {
    if (addedAt(row) >= lateSince) break
    closed = row.id
  }
  return closed
}

/** The lowest id that can still be told apart. */
const openFrom = ({ watermark, floor }: Pick<Cursor, 'watermark' | 'floor'>): number => Math.max(floor, watermark - WINDOW_IDS) + 1

/** Unix seconds; NaN, which is never late, when it cannot be read. */
const addedAt = (row: DatedRow): number => Date.parse(row.add_time) / 1_000

export const chunks = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size))
