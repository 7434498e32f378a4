import { isChange } from './baselines.ts'
import type { DetectedEvent } from './detected-event.ts'
import { compareStateVersions, type StateVersion } from './record-snapshot.ts'
import type { RecordId } from '../../kit/record-id.ts'

/** An EventIdentity is the part of a detected event that decides whether it is recorded already. */
export type EventIdentity = Pick<DetectedEvent, 'recordId' | 'eventType' | 'dedupKey' | 'contentKey' | 'origin' | 'stateAt' | 'webhookAt'>

/** A ReconciledEvent is a recorded event that was found by comparing lists and whose webhook has not arrived. */
export interface ReconciledEvent {
  seq: number
  recordId: RecordId
  eventType: string
  stateAt: Date
  /** Whether it has deliveries. */
  hasDeliveries: boolean
  /** The state that the list was compared with. */
  base: StateVersion | undefined
}

/** KnownEvents are the recorded events that matter for the detected ones. */
export interface KnownEvents {
  /** Their `dedupKey` and `contentKey`. */
  keys: ReadonlySet<string>
  /** Oldest first. */
  reconciled: readonly ReconciledEvent[]
}

/** A RecordingDecision says which detected events are recorded, and which belong to an event that is recorded already. */
export interface RecordingDecision<E> {
  newEvents: E[]
  /** Webhooks that arrived after reconciliation recorded their event. */
  absorbed: { event: E; seq: number; hasDeliveries: boolean }[]
}

/**
 * Deduplicates. A webhook that arrives after a reconciliation saw its change is not new: each reconciled event absorbs one webhook, of a change
 * between the two compared states. A repeated webhook has the same dedupKey or the same contentKey.
 */
export function decideRecording<E extends EventIdentity>(detected: readonly E[], { keys, reconciled }: KnownEvents): RecordingDecision<E> {
  const known = new Set(keys)
  const unabsorbed = [...reconciled]
  const decision: RecordingDecision<E> = { newEvents: [], absorbed: [] }
  for (const event of detected) {
    const { dedupKey, contentKey, eventType } = event
    const isKnown = known.has(dedupKey) || (contentKey !== null && known.has(contentKey))
    // A record is added and deleted under one key, however that was detected, so a known one may still absorb its webhook.
    if (isKnown && isChange(eventType)) continue
    known.add(dedupKey)
    if (contentKey !== null) known.add(contentKey)
    const at = unabsorbed.findIndex((earlier) => isWebhookOf(event, earlier))
    if (at >= 0) {
      const [{ seq, hasDeliveries }] = unabsorbed.splice(at, 1) as [ReconciledEvent]
      decision.absorbed.push({ event, seq, hasDeliveries })
    } else if (!isKnown) decision.newEvents.push(event)
  }
  return decision
}

/** Whether the reconciled event already covers the change that this webhook reports. */
function isWebhookOf({ recordId, eventType, origin, stateAt, webhookAt }: EventIdentity, earlier: ReconciledEvent): boolean {
  if (origin !== 'webhook' || earlier.recordId !== recordId || earlier.eventType !== eventType) return false
  if (!isChange(eventType)) return true
  if (stateAt === null || !webhookAt || stateAt > earlier.stateAt) return false
  return !earlier.base || compareStateVersions({ stateAt, webhookAt }, earlier.base) >= 0
}
