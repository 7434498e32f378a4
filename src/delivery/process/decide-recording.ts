import { isChange } from './record-kinds.ts'
import type { DetectedEvent } from './detected-event.ts'
import { compareStateVersions } from './state-version.ts'

/** What of a found event decides whether it was told already. */
export type EventIdentity = Pick<DetectedEvent, 'recordId' | 'happening' | 'identity' | 'twin' | 'origin' | 'asOf' | 'toldAt'>

/** A ReconciledEvent is one that was found by comparing lists, and whose own webhook has not come yet. */
export interface ReconciledEvent {
  seq: number
  recordId: number
  happening: string
  asOf: Date
  /** Whether somebody got it. */
  heard: boolean
  base: { asOf: Date; toldAt: Date | null } | undefined
}

/** What is recorded already of the events in question. */
export interface KnownEvents {
  /** Of `identity` and `twin`. */
  names: ReadonlySet<string>
  /** Oldest first. */
  reconciled: readonly ReconciledEvent[]
}

/** A Recording is what is to be done with found events. */
export interface RecordingDecision<E> {
  news: E[]
  /** Webhooks that came later than the reconciliation that told the same, and whether somebody got to hear of that. */
  absorbed: { event: E; seq: number; heard: boolean }[]
}

/**
 * Tells news from what was told. A webhook after a reconciliation that saw its change is no news: each reconciled event absorbs one webhook, of
 * a change that lies between the two states that were compared. What repeats a webhook has its identity, or is its twin.
 */
export function decideRecording<E extends EventIdentity>(found: readonly E[], { names, reconciled }: KnownEvents): RecordingDecision<E> {
  const known = new Set(names)
  const waiting = [...reconciled]
  const recording: RecordingDecision<E> = { news: [], absorbed: [] }
  for (const event of found) {
    const { identity, twin, happening } = event
    const isKnown = known.has(identity) || (twin !== null && known.has(twin))
    // A record is added and deleted under one name, however that was found.
    if (isKnown && isChange(happening)) continue
    known.add(identity)
    if (twin !== null) known.add(twin)
    const at = waiting.findIndex((earlier) => explains(earlier, event))
    if (at >= 0) {
      const [{ seq, heard }] = waiting.splice(at, 1) as [ReconciledEvent]
      recording.absorbed.push({ event, seq, heard })
    } else if (!isKnown) recording.news.push(event)
  }
  return recording
}

function explains(earlier: ReconciledEvent, { recordId, happening, origin, asOf, toldAt }: EventIdentity): boolean {
  if (origin !== 'webhook' || earlier.recordId !== recordId || earlier.happening !== happening) return false
  if (!isChange(happening)) return true
  if (asOf === null || !toldAt || asOf > earlier.asOf) return false
  return !earlier.base || compareStateVersions({ asOf, toldAt }, earlier.base) >= 0
}
