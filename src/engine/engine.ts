import type { Action, Lookup, Trigger } from '../catalog/define.ts'
import type { CallContext } from './call-context.ts'
import type { ReportedResult } from './call-report.ts'

/** A PollOutcome is what a poll returns: 200 with items, or 202 without; the adapter builds Location from `state`. */
export interface PollOutcome {
  items: unknown[]
  /** The opaque, signed trigger state for the next poll. */
  state: string
  retryAfterSeconds: number
}

/** An Engine runs one operation for one call: limits, validation, Pipedrive, mapping. It never rejects; expected errors are DealbridgeErrors. */
export interface Engine {
  /** `input` holds path parameters, query and body fields side by side, as the caller sent them. The value fits `operation.output`. */
  execute(operation: Action | Lookup, input: Record<string, unknown>, context: CallContext): Promise<ReportedResult<unknown>>
  /** One poll of a trigger; `state` is the `triggerstate` of the Location that the host followed, undefined on the first poll. `input` as above: its filters. */
  poll(
    trigger: Trigger,
    input: Record<string, unknown>,
    state: string | undefined,
    context: CallContext,
  ): Promise<ReportedResult<PollOutcome>>
}

/** A RunningEngine is an Engine with background work that has to end before the process does. */
export interface RunningEngine extends Engine {
  /** The process is stopping: the repeat of a call determines the outcome of a lost write. */
  drain(): void
  /** Waits briefly for outcomes that are being stored. */
  close(): Promise<void>
}
