import { isDeepStrictEqual } from 'node:util'
import type { RecordKind, TriggerRow } from '../../catalog/contract/records/record-kind.ts'
import { compareStateVersions, type StateVersion } from './state-version.ts'
import type { WebhookEvent } from './parse-webhook.ts'

/** A Fingerprint is a record as it was told last: by a webhook, or by a list that was compared. */
export interface RecordSnapshot extends StateVersion {
  recordId: number
  /** In the form of API v2. What a webhook does not say is missing. */
  record: Readonly<Record<string, unknown>>
  /** Of the content as API v2 told it in this state; null when it was not read. */
  contentHash: string | null
}

/** Makes a digest of anything that can be JSON, the same for the same content. */
export type Digest = (...parts: readonly unknown[]) => string

/** A list was read: its row is the newest state there is. In a second that is not over for long, webhooks may still tell of later ones. */
export const snapshotOfRow = (kind: RecordKind, row: TriggerRow, digest: Digest, { settled = true } = {}): RecordSnapshot => ({
  recordId: row.id,
  asOf: stateTime(row),
  toldAt: settled ? null : stateTime(row),
  record: { ...kind.fingerprintFields(row), add_time: row.add_time, update_time: row.update_time },
  contentHash: contentHash(kind, row, digest),
})

/** The moment of a row's state; a record that was never changed has no update_time. */
export const stateTime = (row: TriggerRow): Date => new Date(row.update_time ?? row.add_time)

export const contentHash = (kind: RecordKind, row: TriggerRow, digest: Digest): string => digest('content', kind.fingerprintFields(row))

/** What a webhook says, without the nulls that only mean that it does not say it. */
export const statedFields = (state: TriggerRow, data: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(state).filter(([name, value]) => value !== null || name in data))

/**
 * The fingerprint after a webhook with a state: the later state stays. `readHash` is of the content that was read for it, if it was. Of two
 * webhooks that were made in the same millisecond the later one is that which begins where the other ends.
 */
export function snapshotAfter(
  known: RecordSnapshot | undefined,
  event: WebhookEvent,
  { after, before }: { after: TriggerRow; before: TriggerRow | undefined },
  readHash: string | null,
): RecordSnapshot {
  const { recordId, asOf, toldAt, data } = event
  const told: RecordSnapshot = { recordId, asOf, toldAt, record: statedFields(after, data ?? {}), contentHash: readHash }
  const order = known ? compareStateVersions(event, known) : 1
  if (!known || order > 0) return told
  if (order < 0) return known
  const names = Object.keys(event.previous ?? {}).filter((name) => name !== 'update_time' && name in known.record)
  return before && names.every((name) => isDeepStrictEqual(fieldOf(before, name), known.record[name] ?? null)) ? told : known
}

const fieldOf = (row: TriggerRow, name: string): unknown => (row as unknown as Record<string, unknown>)[name] ?? null
