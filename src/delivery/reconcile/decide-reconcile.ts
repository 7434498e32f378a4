import type { EventType, RecordKind, TriggerRow } from '../../catalog/contract/records/record-kind.ts'
import { changeBetween } from '../process/record-change.ts'
import { snapshotOfRow, stateTime, type Digest, type RecordSnapshot } from '../process/record-snapshot.ts'
import { isChange } from '../process/record-kinds.ts'

/** A Comparison is what a row of a list tells that was not told before. */
export interface Comparison {
  happenings: EventType[]
  /** What is known of the record from now on; undefined when the row tells nothing newer. */
  fingerprint: RecordSnapshot | undefined
}

/** Pipedrive's own work on a new record stamps it up to this long after its creation. */
const CREATION_MS = 1_000

/**
 * Compares a row with what was told of its record. Without that, everything at or after `since` is new: from that moment on whatever was
 * told is known. The row must be settled: old enough that nothing more can happen in its second.
 */
export function decideReconcile(
  kind: RecordKind,
  row: TriggerRow,
  known: RecordSnapshot | undefined,
  since: Date,
  digest: Digest,
): Comparison {
  const moment = stateTime(row)
  if (known && moment < known.asOf) return { happenings: [], fingerprint: undefined }
  const fingerprint = snapshotOfRow(kind, row, digest)
  const isSame = known?.toldAt === null && known.asOf.getTime() === moment.getTime() && known.contentHash === fingerprint.contentHash
  if (isSame) return { happenings: [], fingerprint: undefined }
  const others = (Object.keys(kind.when) as EventType[]).filter((happening) => isChange(happening) && happening !== 'updated')
  const happenings: EventType[] = known
    ? [
        ...(wasUpdated(kind, row, known, fingerprint) ? (['updated'] as const) : []),
        ...others.filter((one) => hasHappened(kind, one, row, known)),
      ]
    : [...(isUpdated(row, since) ? (['updated'] as const) : []), ...others.filter((one) => isNews(kind.when[one]!(row), row, since))]
  return { happenings, fingerprint }
}

/** Of a record of which nothing is known: what lies in its creation is no change. */
const isUpdated = (row: TriggerRow, since: Date): boolean => stateTime(row) >= since && !isFresh(row)
const isNews = (when: string | null, row: TriggerRow, since: Date): boolean =>
  when !== null && new Date(when) >= since && new Date(when) > new Date(row.add_time)
const isFresh = (row: TriggerRow): boolean => stateTime(row).getTime() <= Date.parse(row.add_time) + CREATION_MS

/**
 * Content that was read is compared as a whole. A webhook may have been told with content that already showed the next change, whose webhook is
 * lost; therefore also what the webhook itself said, where the row is a later state. Pipedrive touches records without changing them.
 */
function wasUpdated(kind: RecordKind, row: TriggerRow, known: RecordSnapshot, now: RecordSnapshot): boolean {
  const isLater = stateTime(row) > known.asOf
  if (known.contentHash !== null && known.contentHash !== now.contentHash) return true
  if (!isLater) return false
  if (changeSince(kind, row, known).changed.length > 0) return true
  return known.contentHash === null && !isFresh(row)
}

/** What is different since the known state, as far as both say it in one form. */
export const changeSince = (kind: RecordKind, row: TriggerRow, known: RecordSnapshot) =>
  changeBetween(kind, stateOf(known), row, fieldsInBoth(row, known))

export const fieldsInBoth = (row: TriggerRow, { record, toldAt }: RecordSnapshot): ReadonlySet<string> =>
  new Set(Object.keys(record).filter((name) => name in row && (name !== 'custom_fields' || toldAt === null)))

export const stateOf = ({ recordId, record }: RecordSnapshot): TriggerRow => ({ id: recordId, ...record }) as unknown as TriggerRow

/** It is different now; or it happened anew, by the record's own time for it, and was undone in between. */
function hasHappened(kind: RecordKind, happening: EventType, row: TriggerRow, known: RecordSnapshot): boolean {
  const when = kind.when[happening]!
  if (when(row) === null) return false
  if (kind.transition[happening]?.(stateOf(known), row)) return true
  // Where a record has no time of its own for it, update_time stands in, which says nothing here.
  const anew = when({ ...row, update_time: null })
  if (anew === null || anew === undefined || anew === when({ ...stateOf(known), update_time: null })) return false
  return Date.parse(anew) > known.asOf.getTime() + CREATION_MS
}
