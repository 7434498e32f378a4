import type { EventType, RecordKind, TriggerRow } from '../../catalog/contract/records/record-kind.ts'
import { isChange } from '../process/baselines.ts'
import type { Digest } from '../process/digest.ts'
import { changeBetween } from '../process/record-change.ts'
import { snapshotOfRow, stateTime, type RecordSnapshot } from '../process/record-snapshot.ts'

/** A ReconcileDecision is what a row of a list shows that is not recorded yet. */
export interface ReconcileDecision {
  eventTypes: EventType[]
  /** The record's snapshot from now on; undefined if the row is no newer than the known one. */
  snapshot: RecordSnapshot | undefined
}

/** Pipedrive's own processing stamps a new record up to this long after its creation. */
const CREATION_MS = 1_000

/**
 * Compares a row with the snapshot of its record. Without a snapshot everything at or after `since` is new: from then on every reported state has
 * one. The row must be settled: so old that nothing more can happen in its second.
 */
export function decideReconcile(
  kind: RecordKind,
  row: TriggerRow,
  known: RecordSnapshot | undefined,
  since: Date,
  digest: Digest,
): ReconcileDecision {
  const rowAt = stateTime(row)
  if (known && rowAt < known.stateAt) return { eventTypes: [], snapshot: undefined }
  const snapshot = snapshotOfRow(kind, row, digest)
  const isSame = known?.webhookAt === null && known.stateAt.getTime() === rowAt.getTime() && known.contentHash === snapshot.contentHash
  if (isSame) return { eventTypes: [], snapshot: undefined }
  const others = (Object.keys(kind.when) as EventType[]).filter((eventType) => isChange(eventType) && eventType !== 'updated')
  const eventTypes: EventType[] = known
    ? [
        ...(wasUpdated(kind, row, known, snapshot) ? (['updated'] as const) : []),
        ...others.filter((eventType) => hasHappened(kind, eventType, row, known)),
      ]
    : [
        ...(isUpdatedSince(row, since) ? (['updated'] as const) : []),
        ...others.filter((eventType) => isNew(kind.when[eventType]!(row), since)),
      ]
  return { eventTypes, snapshot }
}

/** Without a snapshot: what belongs to the record's creation is not an update. But a record can be created won, lost or done. */
const isUpdatedSince = (row: TriggerRow, since: Date): boolean => stateTime(row) >= since && !isFresh(row)
const isNew = (when: string | null, since: Date): boolean => when !== null && new Date(when) >= since
const isFresh = (row: TriggerRow): boolean => stateTime(row).getTime() <= Date.parse(row.add_time) + CREATION_MS

/**
 * Content that was read is compared as a whole. The content read for a webhook may already show the next change, whose webhook is lost; if the row
 * is a later state, the fields of the webhook itself are therefore compared too. Pipedrive touches records without changing them.
 */
function wasUpdated(kind: RecordKind, row: TriggerRow, known: RecordSnapshot, listed: RecordSnapshot): boolean {
  const isLater = stateTime(row) > known.stateAt
  if (known.contentHash !== null && known.contentHash !== listed.contentHash) return true
  if (!isLater) return false
  if (changeSince(kind, row, known).changed.length > 0) return true
  return known.contentHash === null && !isFresh(row)
}

/** The difference from the known state, in the fields that both contain in one form. */
export const changeSince = (kind: RecordKind, row: TriggerRow, known: RecordSnapshot) =>
  changeBetween(kind, stateOf(known), row, fieldsInBoth(row, known))

export const fieldsInBoth = (row: TriggerRow, { record, webhookAt }: RecordSnapshot): ReadonlySet<string> =>
  new Set(Object.keys(record).filter((name) => name in row && (name !== 'custom_fields' || webhookAt === null)))

export const stateOf = ({ recordId, record }: RecordSnapshot): TriggerRow => ({ id: recordId, ...record }) as unknown as TriggerRow

/** The state differs now; or it happened again, by the record's own time for it, and was undone in between. */
function hasHappened(kind: RecordKind, eventType: EventType, row: TriggerRow, known: RecordSnapshot): boolean {
  const when = kind.when[eventType]!
  if (when(row) === null) return false
  if (kind.transition[eventType]?.(stateOf(known), row)) return true
  // For an event type without a time field `when` uses update_time, which proves nothing here.
  const repeatedAt = when({ ...row, update_time: null })
  if (repeatedAt === null || repeatedAt === undefined || repeatedAt === when({ ...stateOf(known), update_time: null })) return false
  return Date.parse(repeatedAt) > known.stateAt.getTime() + CREATION_MS
}
