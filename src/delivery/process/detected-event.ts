import type { EventType } from '../../catalog/contract/records/record-kind.ts'
import { isChange } from './baselines.ts'
import type { Digest } from './digest.ts'
import type { WebhookEvent } from './parse-webhook.ts'
import type { StateVersion } from './record-snapshot.ts'
import type { RecordId } from '../../kit/record-id.ts'

/** A DetectedEvent is an event found in a webhook or in a list, before deduplication. `tables.ts` has other names for some of its columns. */
export interface DetectedEvent {
  recordId: RecordId
  /** The column `happening`. */
  eventType: EventType
  /** Equal for the same event, however it was detected; see `dedupKeyOf`. The column `identity`. */
  dedupKey: string
  /** Digest of the webhook's content without what differs between its attempts, in case Pipedrive repeats a webhook under another meta.id. The column `twin`. */
  contentKey: string | null
  origin: 'webhook' | 'reconciled' | 'test'
  /** Pipedrive's time of the state in which it was detected. */
  stateAt: Date | null
  /** When its webhook was made; null if there was none. */
  webhookAt?: Date | null
  /** Of a reconciled change: the state that it was compared with, if any. */
  base?: StateVersion | undefined
  /** The fields that filters compare, by the filters' names, as they were when it happened. */
  filterFields: Readonly<Record<string, unknown>>
  /** What subscribers receive: the contract's shape; of a change with `changed` and `previous`. */
  payload: Record<string, unknown>
}

/** A record is added once and deleted once; `version` distinguishes its changes. */
export const dedupKeyOf = (sourceId: string, recordId: RecordId, eventType: EventType, version: string): string =>
  isChange(eventType) ? `${sourceId}:${recordId}:${eventType}:${version}` : `${sourceId}:${recordId}:${eventType}`

/** A digest of everything in a webhook that its attempts have in common. */
export function contentKeyOf(sourceId: string, eventType: EventType, event: WebhookEvent, digest: Digest): string | null {
  if (!isChange(eventType)) return null
  const { recordId, action, webhookAt, data, previous } = event
  // 'twin' is part of the keys that are stored already.
  return digest('twin', sourceId, eventType, recordId, action, webhookAt.getTime(), data, previous)
}
