import { createHash } from 'node:crypto'
import type { EventType, RecordKind, TriggerRow } from '../../catalog/contract/records/record-kind.ts'
import { BATCH } from './decide-new.ts'

/** What changed can be read late, as what is new can: it is looked for again for this long. */
const LATE_SECONDS = 10 * 60
/** Moments are Pipedrive's own. Ours only says that what is older is history, and may be wrong by less than this. */
const SKEW_SECONDS = 24 * 3_600
/** A record can change once more within the second in which it was seen: for this long the state remembers what it looked like. */
const PRINT_SECONDS = 60
/** Prints are 1 to this: two bytes of the state. */
const LARGEST_PRINT = 2 ** 14 - 1
/** Pipedrive stamps what was only just added as updated, up to this long after. */
const ADDED_SECONDS = 1

/** A Moment is a place in the order of changes: Unix seconds, and within one second by id. */
export interface ChangePosition {
  at: number
  id: number
}

/** A Seen is what is remembered of a record: when it last happened to it, and for a minute a print of what it looked like. */
export interface SeenChange {
  at: number
  print?: number | undefined
}

/**
 * A ChangeWatch is what one trigger instance has seen of changes. Up to `closed` everything is over for ever; after it a change is new unless
 * `seen` holds it. A look that is too large for one answer goes on at `from`; when it has come to its end, `closing` becomes `closed`.
 */
export interface ChangeCursor {
  closed: ChangePosition
  closing: ChangePosition
  from: ChangePosition | undefined
  /** By record, whoever's it is and whatever the filters say: what is re-assigned or re-filed later has not happened then. */
  seen: ReadonlyMap<number, SeenChange>
}

/** A ChangeSight is what one poll has read: rows by update time from where the watch says, and whether they were all. */
export interface ChangeScan<R extends TriggerRow> {
  rows: readonly R[]
  complete: boolean
}

/** A Reading tells from a row when something happened to it, in Unix seconds, and what it looked like then. */
export interface ChangeReader<R extends TriggerRow> {
  at(row: R): number | undefined
  print?: ((row: R) => number) | undefined
}

export interface ChangeDecision<R extends TriggerRow> {
  /** The new ones, oldest change first. */
  items: R[]
  watch: ChangeCursor
}

/** How rows of this kind tell that this happened. */
export function changeReaderOf<R extends TriggerRow>(about: RecordKind<R>, happening: EventType): ChangeReader<R> {
  const when = about.when[happening]
  if (!when) throw new RangeError(`it cannot be read from a ${about.name} that it was ${happening}`)
  const look = about.snapshotOf[happening]
  return {
    at(row) {
      const at = seconds(when(row))
      return happening === 'updated' && at !== undefined && at - seconds(row.add_time)! <= ADDED_SECONDS ? undefined : at
    },
    print:
      look &&
      ((row) =>
        1 +
        (createHash('sha256')
          .update(JSON.stringify(look(row)))
          .digest()
          .readUInt32BE() %
          LARGEST_PRINT)),
  }
}

/**
 * The first poll answers no history. It sees the latest changes, newest first; what lies before a full page is closed. The moment to begin with
 * is the newest that Pipedrive has written, for our clock may be another.
 */
export function initChangeCursor<R extends TriggerRow>(
  rows: readonly R[],
  full: boolean,
  reading: ChangeReader<R>,
  now: number,
): ChangeCursor {
  const oldest = Math.min(...rows.map(touchedAt))
  const closed = full ? { at: oldest, id: Number.MAX_SAFE_INTEGER } : { at: 0, id: 0 }
  const nothing: ChangeCursor = { closed, closing: closed, from: undefined, seen: new Map() }
  return decideChanges(nothing, { rows, complete: true }, reading, now, () => false).watch
}

/** Which of the records in sight have changed since the state was made, and what the watch is after they were answered. */
export function decideChanges<R extends TriggerRow>(
  before: ChangeCursor,
  { rows, complete }: ChangeScan<R>,
  reading: ChangeReader<R>,
  now: number,
  ours: (row: R) => boolean,
): ChangeDecision<R> {
  const { from } = before
  // A row that changes while pages are read comes twice; the later one counts.
  const known = [...new Map(rows.map((row) => [row.id, row])).values()]
    .filter((row) => !from || !isBefore(placeOf(row), from))
    .toSorted((a, b) => (isBefore(placeOf(a), placeOf(b)) ? -1 : 1))
  const fresh = known.filter((row) => isNewChange(row, before, reading) && ours(row))
  const end = complete ? undefined : behindLast(rows)
  const cut = earlier(fresh[BATCH] && placeOf(fresh[BATCH]), end)
  const decided = cut ? known.filter((row) => isBefore(placeOf(row), cut)) : known
  const items = fresh
    .filter((row) => !cut || isBefore(placeOf(row), cut))
    .toSorted((a, b) => reading.at(a)! - reading.at(b)! || a.id - b.id)

  const newest = Math.max(before.closed.at, ...known.map(touchedAt))
  const closing = from ? before.closing : later(before.closed, { at: Math.max(newest, now - SKEW_SECONDS) - LATE_SECONDS, id: 0 })
  const closed = cut ? before.closed : closing
  const seen = new Map(before.seen)
  for (const row of decided) {
    const at = reading.at(row)
    if (at !== undefined) seen.set(row.id, { at, print: reading.print?.(row) })
  }
  for (const [id, { at, print }] of seen) {
    if (!isBefore(closed, { at, id })) seen.delete(id)
    else if (print !== undefined && at < newest - PRINT_SECONDS) seen.set(id, { at })
  }
  return { items, watch: { closed, closing, from: cut, seen } }
}

/** Whether the state does not know this change yet. */
export function isNewChange<R extends TriggerRow>(row: R, { closed, seen }: ChangeCursor, { at: readAt, print }: ChangeReader<R>): boolean {
  const at = readAt(row)
  if (at === undefined || !isBefore(closed, { at, id: row.id })) return false
  const known = seen.get(row.id)
  return known?.at !== at || (known.print !== undefined && known.print !== print?.(row))
}

/** A look that is not over is one behind which more is waiting, or may be. */
export const hasMoreChanges = (watch: ChangeCursor): boolean => watch.from !== undefined

export const isBefore = (a: ChangePosition, b: ChangePosition): boolean => a.at < b.at || (a.at === b.at && a.id < b.id)
export const later = (a: ChangePosition, b: ChangePosition): ChangePosition => (isBefore(a, b) ? b : a)
const earlier = (a: ChangePosition | undefined, b: ChangePosition | undefined): ChangePosition | undefined =>
  a && b ? (isBefore(a, b) ? a : b) : (a ?? b)

/** A record that was never updated was touched when it was added. */
const touchedAt = (row: TriggerRow): number => seconds(row.update_time ?? row.add_time) ?? 0
const placeOf = (row: TriggerRow): ChangePosition => ({ at: touchedAt(row), id: row.id })
/** Right behind the last row that was read; those without an update time come out of turn. */
function behindLast(rows: readonly TriggerRow[]): ChangePosition | undefined {
  const last = rows.findLast((row) => row.update_time !== null)
  return last && { at: touchedAt(last), id: last.id + 1 }
}

const seconds = (time: string | null): number | undefined => {
  const ms = time === null ? NaN : Date.parse(time)
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1_000)
}
