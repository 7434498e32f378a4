import { isDeepStrictEqual } from 'node:util'
import type { RecordKind, TriggerRow } from '../../catalog/contract/records/record-kind.ts'
import type { Digest } from './digest.ts'
import type { WebhookEvent } from './parse-webhook.ts'
import type { RecordId } from '../../kit/record-id.ts'

/**
 * A StateVersion orders the states of one record. Pipedrive writes whole seconds into records; within one second the timestamps of the webhooks
 * decide. A state read from a list has no webhook: it is read later, so it includes everything that happened in its second.
 */
export interface StateVersion {
  /** Pipedrive's time of the state, in whole seconds; the column `as_of`. */
  stateAt: Date
  /** When the webhook that reported it was made; null if a list did. The column `told_at`. */
  webhookAt: Date | null
}

/** A RecordSnapshot is the latest known state of a record: from a webhook, or from a compared list. */
export interface RecordSnapshot extends StateVersion {
  recordId: RecordId
  /** In the form of API v2. Fields that webhooks do not contain are missing. */
  record: Readonly<Record<string, unknown>>
  /** Of the content that API v2 returned for this state; null if it was not read. */
  contentHash: string | null
}

/** Whether a webhook reports a change after a state (1), before it (-1), or in the same millisecond (0). */
export function compareStateVersions({ stateAt, webhookAt }: { stateAt: Date; webhookAt: Date }, state: StateVersion): number {
  const difference = stateAt.getTime() - state.stateAt.getTime()
  if (difference !== 0) return Math.sign(difference)
  return state.webhookAt === null ? -1 : Math.sign(webhookAt.getTime() - state.webhookAt.getTime())
}

/** The snapshot of a row of a list, which is the newest state there is. If its second is not yet settled, webhooks may still report later states of it. */
export const snapshotOfRow = (kind: RecordKind, row: TriggerRow, digest: Digest, { settled = true } = {}): RecordSnapshot => ({
  recordId: row.id,
  stateAt: stateTime(row),
  webhookAt: settled ? null : stateTime(row),
  record: { ...kind.fingerprintFields(row), add_time: row.add_time, update_time: row.update_time },
  contentHash: contentHash(kind, row, digest),
})

/** The time of a row's state; a record that was never changed has no update_time. */
export const stateTime = (row: TriggerRow): Date => new Date(row.update_time ?? row.add_time)

export const contentHash = (kind: RecordKind, row: TriggerRow, digest: Digest): string => digest('content', kind.fingerprintFields(row))

/** The fields that a webhook contains, without the nulls that only mean that it does not contain them. */
export const statedFields = (state: TriggerRow, data: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(state).filter(([name, value]) => value !== null || name in data))

/**
 * The snapshot after a webhook: the later state wins. `readHash` is the hash of the content that was read for it, if it was read. Of two webhooks
 * made in the same millisecond, the later is the one whose `previous` matches the other's state.
 */
export function snapshotAfter(
  known: RecordSnapshot | undefined,
  event: WebhookEvent,
  { after, before }: { after: TriggerRow; before: TriggerRow | undefined },
  readHash: string | null,
): RecordSnapshot {
  const { recordId, stateAt, webhookAt, data } = event
  const reported: RecordSnapshot = { recordId, stateAt, webhookAt, record: statedFields(after, data ?? {}), contentHash: readHash }
  const order = known ? compareStateVersions(event, known) : 1
  if (!known || order > 0) return reported
  if (order < 0) return known
  const names = Object.keys(event.previous ?? {}).filter((name) => name !== 'update_time' && name in known.record)
  return before && names.every((name) => isDeepStrictEqual(fieldOf(before, name), known.record[name] ?? null)) ? reported : known
}

const fieldOf = (row: TriggerRow, name: string): unknown => (row as unknown as Record<string, unknown>)[name] ?? null
