import type { EventType } from '../../catalog/contract/records/record-kind.ts'
import type { Digest } from './record-snapshot.ts'
import { isChange } from './record-kinds.ts'
import type { StateVersion } from './state-version.ts'
import type { WebhookEvent } from './parse-webhook.ts'

/** A FoundEvent is something that happened to a record, before it is known whether it was told already. */
export interface DetectedEvent {
  recordId: number
  happening: EventType
  /** The same for the same event, however it was found; see `identityOf`. */
  identity: string
  /** Digest of the webhook's content without what differs between its attempts: should Pipedrive give a repeated webhook another meta.id. */
  twin: string | null
  origin: 'webhook' | 'reconciled' | 'test'
  /** Pipedrive's moment of the state in which it was seen. */
  asOf: Date | null
  /** When its webhook was made; null when none told it. */
  toldAt?: Date | null
  /** Of a reconciled change: the state that it was compared with, if any. */
  base?: StateVersion | undefined
  /** The record as filters see it, by their names: as it was when it happened. */
  filtered: Readonly<Record<string, unknown>>
  /** What subscribers get: the contract's shape, `changed` and `previous` where it is a change. */
  payload: Record<string, unknown>
}

/** A record is added and deleted once. */
export const dedupKeyOf = (sourceId: string, recordId: number, happening: EventType, which: string): string =>
  isChange(happening) ? `${sourceId}:${recordId}:${happening}:${which}` : `${sourceId}:${recordId}:${happening}`

/** Everything that a webhook says but what its attempts may differ in. */
export function contentKeyOf(sourceId: string, happening: EventType, event: WebhookEvent, digest: Digest): string | null {
  if (!isChange(happening)) return null
  const { recordId, action, toldAt, data, previous } = event
  return digest('twin', sourceId, happening, recordId, action, toldAt.getTime(), data, previous)
}
