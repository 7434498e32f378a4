import { isDeepStrictEqual } from 'node:util'
import type { RecordKind, RecordRow } from '../../catalog/records/record-kind.ts'
import { compareMoments, type Moment } from './moment.ts'
import type { WebhookEvent } from './read-webhook.ts'

/** A Fingerprint is a record as it was told last: by a webhook, or by a list that was compared. */
export interface Fingerprint extends Moment {
  recordId: number
  /** In the form of API v2. What a webhook does not say is missing. */
  record: Readonly<Record<string, unknown>>
  /** Of the content as API v2 told it in this state; null when it was not read. */
  contentHash: string | null
}

/** Makes a digest of anything that can be JSON, the same for the same content. */
export type Digest = (...parts: readonly unknown[]) => string

/** A list was read: its row is the newest state there is. In a second that is not over for long, webhooks may still tell of later ones. */
export const fingerprintOf = (kind: RecordKind, row: RecordRow, digest: Digest, { settled = true } = {}): Fingerprint => ({
  recordId: row.id,
  asOf: stateMoment(row),
  toldAt: settled ? null : stateMoment(row),
  record: { ...kind.content(row), add_time: row.add_time, update_time: row.update_time },
  contentHash: contentHash(kind, row, digest),
})

/** The moment of a row's state; a record that was never changed has no update_time. */
export const stateMoment = (row: RecordRow): Date => new Date(row.update_time ?? row.add_time)

export const contentHash = (kind: RecordKind, row: RecordRow, digest: Digest): string => digest('content', kind.content(row))

/** What a webhook says, without the nulls that only mean that it does not say it. */
export const saidBy = (state: RecordRow, data: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(state).filter(([name, value]) => value !== null || name in data))

/**
 * The fingerprint after a webhook with a state: the later state stays. `readHash` is of the content that was read for it, if it was. Of two
 * webhooks that were made in the same millisecond the later one is that which begins where the other ends.
 */
export function fingerprintAfter(
  known: Fingerprint | undefined,
  event: WebhookEvent,
  { after, before }: { after: RecordRow; before: RecordRow | undefined },
  readHash: string | null,
): Fingerprint {
  const { recordId, asOf, toldAt, data } = event
  const told: Fingerprint = { recordId, asOf, toldAt, record: saidBy(after, data ?? {}), contentHash: readHash }
  const order = known ? compareMoments(event, known) : 1
  if (!known || order > 0) return told
  if (order < 0) return known
  const names = Object.keys(event.previous ?? {}).filter((name) => name !== 'update_time' && name in known.record)
  return before && names.every((name) => isDeepStrictEqual(fieldOf(before, name), known.record[name] ?? null)) ? told : known
}

const fieldOf = (row: RecordRow, name: string): unknown => (row as unknown as Record<string, unknown>)[name] ?? null
