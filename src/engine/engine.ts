import type { Action, Lookup, Trigger } from '../catalog/define.ts'
import type { Call, PollOutcome } from './call.ts'

/** An Engine runs one operation for one call: limits, validation, Pipedrive, mapping. It throws DealbridgeErrors and nothing else that is expected. */
export interface Engine {
  /** `input` holds path parameters, query and body fields side by side, as the caller wrote them. The answer fits `operation.output`. */
  execute(operation: Action | Lookup, input: Record<string, unknown>, call: Call): Promise<unknown>
  /** One poll of a trigger; `state` is the `triggerstate` of the Location that the host followed, none at first. `input` as above: its filters. */
  poll(trigger: Trigger, input: Record<string, unknown>, state: string | undefined, call: Call): Promise<PollOutcome>
}

/** A RunningEngine is an Engine with work of its own, which has to end before the process does. */
export interface RunningEngine extends Engine {
  /** The process is about to end: what became of a lost write is left to be found out by the repeat of its caller. */
  drain(): void
  /** Waits a moment for what is still being written down. */
  close(): Promise<void>
}
