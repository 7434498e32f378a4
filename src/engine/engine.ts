import type { Action, Lookup, Trigger } from '../catalog/define.ts'
import type { CallContext } from './call-context.ts'
import type { Reported } from './call-report.ts'

/** A PollOutcome is what a trigger answers: 200 with items, or 202 with none; the face makes Location out of `state`. */
export interface PollOutcome {
  items: unknown[]
  /** The opaque, signed trigger state for the next poll. */
  state: string
  retryAfterSeconds: number
}

/** An Engine runs one operation for one call: limits, validation, Pipedrive, mapping. It never rejects; expected errors are DealbridgeErrors. */
export interface Engine {
  /** `input` holds path parameters, query and body fields side by side, as the caller wrote them. The value fits `operation.output`. */
  execute(operation: Action | Lookup, input: Record<string, unknown>, context: CallContext): Promise<Reported<unknown>>
  /** One poll of a trigger; `state` is the `triggerstate` of the Location that the host followed, none at first. `input` as above: its filters. */
  poll(trigger: Trigger, input: Record<string, unknown>, state: string | undefined, context: CallContext): Promise<Reported<PollOutcome>>
}

/** A RunningEngine is an Engine with work of its own, which has to end before the process does. */
export interface RunningEngine extends Engine {
  /** The process is about to end: what became of a lost write is left to be found out by the repeat of its caller. */
  drain(): void
  /** Waits a moment for what is still being written down. */
  close(): Promise<void>
}
