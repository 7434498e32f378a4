import { createHash } from 'node:crypto'
import type { EventType, RecordKind, TriggerRow } from '../../catalog/contract/records/record-kind.ts'
import { afterId, isLowerId, type RecordId } from '../../kit/record-id.ts'
import { BATCH } from './decide-new.ts'

/** A change can become readable late, like a new record: the scan looks back this far. */
const LATE_SECONDS = 10 * 60
/** Times come from Pipedrive. Our clock only decides what is too old to look for, and may be wrong by less than this. */
const SKEW_SECONDS = 24 * 3_600
/** A record can change again within the second in which it was read: the state keeps its fingerprint for this long. */
const FINGERPRINT_SECONDS = 60
/** Fingerprints are 1 to this: two bytes of the state. */
const LARGEST_FINGERPRINT = 2 ** 14 - 1
/** Pipedrive sets the update time of a new record up to this long after its add time. */
const ADDED_SECONDS = 1

/** A ChangePosition is a place in the order of changes: Unix seconds, and within one second by id. */
export interface ChangePosition {
  at: number
  id: RecordId
}

/** A SeenChange is what the cursor stores of a record: when it last changed, and for a minute a fingerprint of its content. */
export interface SeenChange {
  at: number
  fingerprint?: number | undefined
}

/**
 * A ChangeCursor is what one trigger instance has read of changes. Up to `closed` no change is returned any more; after it a change is new
 * unless `seen` holds it. A scan that is too large for one answer continues at `from`; when it is complete, `closing` becomes `closed`.
 */
export interface ChangeCursor {
  closed: ChangePosition
  closing: ChangePosition
  from: ChangePosition | undefined
  /** By record id, regardless of owner and filters: a record that matches later only by a new owner has not changed then. */
  seen: ReadonlyMap<RecordId, SeenChange>
}

/** A ChangeScan is what one poll has read: rows by update time from the cursor's position, and whether that was all of them. */
export interface ChangeScan<R extends TriggerRow<RecordId>> {
  rows: readonly R[]
  complete: boolean
}

/** A ChangeReader reads from a row when its event happened, in Unix seconds, and a fingerprint of its content. */
export interface ChangeReader<R extends TriggerRow<RecordId>> {
  at(row: R): number | undefined
  fingerprint?: ((row: R) => number) | undefined
}

export interface ChangeDecision<R extends TriggerRow<RecordId>> {
  /** The new ones, oldest change first. */
  items: R[]
  cursor: ChangeCursor
}

/** The reader of this event type for rows of this kind. */
export function changeReaderOf<R extends TriggerRow>(kind: RecordKind<R>, eventType: EventType): ChangeReader<R> {
  const when = kind.when[eventType]
  if (!when) throw new RangeError(`a ${kind.name} does not show when it was ${eventType}`)
  const snapshotOf = kind.snapshotOf[eventType]
  return {
    at(row) {
      const at = seconds(when(row))
      return eventType === 'updated' && at !== undefined && at - seconds(row.add_time)! <= ADDED_SECONDS ? undefined : at
    },
    fingerprint:
      snapshotOf &&
      ((row) =>
        1 +
        (createHash('sha256')
          .update(JSON.stringify(snapshotOf(row)))
          .digest()
          .readUInt32BE() %
          LARGEST_FINGERPRINT)),
  }
}

/**
 * The first poll returns no history. It reads the latest changes, newest first; everything before a full page is closed. It starts at the
 * newest time that Pipedrive has written, because our clock may differ.
 */
export function initChangeCursor<R extends TriggerRow<RecordId>>(
  rows: readonly R[],
  full: boolean,
  reader: ChangeReader<R>,
  now: number,
): ChangeCursor {
  const oldest = Math.min(...rows.map(touchedAt))
  const closed = full ? { at: oldest + 1, id: 0 } : { at: 0, id: 0 }
  const empty: ChangeCursor = { closed, closing: closed, from: undefined, seen: new Map() }
  return decideChanges(empty, { rows, complete: true }, reader, now, () => false).cursor
}

/** Which of the scanned records have changed since the cursor, and the cursor after they are returned. */
export function decideChanges<R extends TriggerRow<RecordId>>(
  before: ChangeCursor,
  { rows, complete }: ChangeScan<R>,
  reader: ChangeReader<R>,
  now: number,
  matches: (row: R) => boolean,
): ChangeDecision<R> {
  const { from } = before
  // A row that changes while pages are read appears twice; the later one counts.
  const known = [...new Map(rows.map((row) => [row.id, row])).values()]
    .filter((row) => !from || !isBefore(positionOf(row), from))
    .toSorted((a, b) => (isBefore(positionOf(a), positionOf(b)) ? -1 : 1))
  const fresh = known.filter((row) => isNewChange(row, before, reader) && matches(row))
  const end = complete ? undefined : afterLast(rows)
  const cut = earlier(fresh[BATCH] && positionOf(fresh[BATCH]), end)
  const decided = cut ? known.filter((row) => isBefore(positionOf(row), cut)) : known
  const items = fresh
    .filter((row) => !cut || isBefore(positionOf(row), cut))
    .toSorted((a, b) => reader.at(a)! - reader.at(b)! || (isLowerId(a.id, b.id) ? -1 : 1))

  const newest = Math.max(before.closed.at, ...known.map(touchedAt))
  const closing = from ? before.closing : later(before.closed, { at: Math.max(newest, now - SKEW_SECONDS) - LATE_SECONDS, id: 0 })
  const closed = cut ? before.closed : closing
  const seen = new Map(before.seen)
  for (const row of decided) {
    const at = reader.at(row)
    if (at !== undefined) seen.set(row.id, { at, fingerprint: reader.fingerprint?.(row) })
  }
  // A scan in several parts does not read the records of its earlier parts again: their fingerprints stay for the next whole scan.
  const isWhole = !from && !cut
  for (const [id, { at, fingerprint }] of seen) {
    if (!isBefore(closed, { at, id })) seen.delete(id)
    else if (isWhole && fingerprint !== undefined && at < newest - FINGERPRINT_SECONDS) seen.set(id, { at })
  }
  return { items, cursor: { closed, closing, from: cut, seen } }
}

/** Whether the cursor does not hold this change yet. */
export function isNewChange<R extends TriggerRow<RecordId>>(
  row: R,
  { closed, seen }: ChangeCursor,
  { at: readAt, fingerprint }: ChangeReader<R>,
): boolean {
  const at = readAt(row)
  if (at === undefined || !isBefore(closed, { at, id: row.id })) return false
  const known = seen.get(row.id)
  return known?.at !== at || (known.fingerprint !== undefined && known.fingerprint !== fingerprint?.(row))
}

/** A scan that is not complete may have more changes. */
export const hasMoreChanges = (cursor: ChangeCursor): boolean => cursor.from !== undefined

export const isBefore = (a: ChangePosition, b: ChangePosition): boolean => a.at < b.at || (a.at === b.at && isLowerId(a.id, b.id))
export const later = (a: ChangePosition, b: ChangePosition): ChangePosition => (isBefore(a, b) ? b : a)
const earlier = (a: ChangePosition | undefined, b: ChangePosition | undefined): ChangePosition | undefined =>
  a && b ? (isBefore(a, b) ? a : b) : (a ?? b)

/** A record without an update time was last touched when it was added. */
const touchedAt = (row: TriggerRow<RecordId>): number => seconds(row.update_time ?? row.add_time) ?? 0
const positionOf = (row: TriggerRow<RecordId>): ChangePosition => ({ at: touchedAt(row), id: row.id })
/** The position after the last row that was read; rows without an update time are not in order. */
function afterLast(rows: readonly TriggerRow<RecordId>[]): ChangePosition | undefined {
  const last = rows.findLast((row) => row.update_time !== null)
  return last && { at: touchedAt(last), id: afterId(last.id) }
}

const seconds = (time: string | null): number | undefined => {
  const ms = time === null ? NaN : Date.parse(time)
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1_000)
}
