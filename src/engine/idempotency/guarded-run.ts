import type { KeyObject } from 'node:crypto'
import type { Clock } from '../../kit/clock.ts'
import type { Logger } from '../../kit/logger.ts'
import type { Metrics } from '../../kit/metrics.ts'
import { CALL_DEADLINE_MS } from '../../pipedrive/client.ts'
import type { UpstreamWrite, WriteGuard } from '../../pipedrive/write-guard.ts'
import { StoreUnavailable } from '../../store/errors/store-unavailable.ts'
import {
  decideWrite,
  isSearch,
  LEASE_SPARE_MS,
  startRun,
  startWrite,
  stepsOf,
  type RunState,
  type WriteAction,
  type WriteEvent,
  type WriteOutcome,
  type WriteState,
} from './decide-write.ts'
import { RunAborted } from './run-aborted.ts'
import { canonical, digest } from './idempotency-key.ts'
import type { JournalEntry, Journal, JournalStep } from './journal.ts'
import { readBack } from './read-back.ts'

type PendingAction = Exclude<WriteAction, { do: 'send-unrecorded' | 'return' | 'throw' }>

export interface GuardedRunDeps {
  entry: JournalEntry
  /** The writes that earlier runs of the same call sent; undefined for a new record. */
  before: readonly JournalStep[] | undefined
  /** The id of an expired record that releases the key. */
  expired: string | undefined
  journal: Journal
  clock: Clock
  logger: Logger
  metrics: Metrics
  settleMs: number
  salt: KeyObject
  /** How long the caller waits, if they cannot repeat the call: after that no read-back starts and nothing is sent again. */
  untilMs: number | undefined
  /** Waits while the outcome is unknown; throws RunAborted when the process is stopping. */
  pause(ms: number): Promise<void>
}

/** A GuardedRun is one run of an operation. Its guard records every write before it is sent, and determines the outcome of a write that got no answer. */
export interface GuardedRun {
  guard: WriteGuard
  state(): RunState
}

/** The effects around `decideWrite`: performs each action and reports its outcome. */
export function createGuardedRun(deps: GuardedRunDeps): GuardedRun {
  const { entry, before, expired, journal, clock, logger, metrics, settleMs, salt, untilMs, pause } = deps
  const run = { intentId: entry.id, requestId: entry.requestId }
  let runState = startRun(before)

  const pauseAsOwner = async (ms: number, thenBusyForMs: number) => {
    if (!(await journal.extend(run, clock.now() + ms + thenBusyForMs + LEASE_SPARE_MS))) throw new RunAborted('lease-lost')
    if (ms > 0) await pause(ms)
  }

  function record({ as, step, leaseUntilMs }: Extract<WriteAction, { do: 'record' }>): Promise<boolean> {
    if (as === 'moved') return journal.moveStep(run, step, leaseUntilMs)
    return runState.recorded
      ? journal.addStep(run, step, stepsOf(runState), leaseUntilMs)
      : journal.begin(entry, step, leaseUntilMs, expired)
  }

  async function perform(action: PendingAction, write: UpstreamWrite, send: () => Promise<unknown>): Promise<WriteOutcome> {
    switch (action.do) {
      case 'capture-baseline':
        return { on: 'baseline', baseline: await write.baseline(), deadlineMs: write.deadline.at }
      case 'record':
        if (action.deadlineMs !== undefined) write.deadline.at = action.deadlineMs
        return { on: (await record(action)) ? 'recorded' : 'not-ours' }
      case 'send':
        return { on: 'answered', result: await send() }
      case 'look':
        return {
          on: 'looked',
          result: await readBack({ write, step: action.step, run, journal, clock, settleMs, untilMs, pause: pauseAsOwner }),
        }
    }
  }

  function log({ write: { method, collection }, repeated, phase }: WriteState, event: WriteEvent, action: WriteAction): void {
    const fields = { requestId: entry.requestId, operation: entry.operation, method, collection }
    if (event.on === 'looked') logger.info({ ...fields, result: event.result.do, repeated }, 'write without an answer read back')
    if (event.on !== 'failed' || !(event.error instanceof StoreUnavailable)) return
    const failed = { ...fields, error: event.error.cause }
    if (action.do === 'send-unrecorded') logger.warn(failed, 'store unavailable; write sent without an idempotency record')
    else if (isSearch(phase)) logger.error(failed, 'store unavailable; write without an answer cannot be read back')
  }

  return {
    state: () => runState,
    guard: {
      async around(write, send) {
        const { target, method, id, body, sought, repeatable = false } = write
        const content = sought ? [sought.name] : [method, target.path, id ?? null, body ?? null]
        const contentHash = digest(salt, 'content', canonical(content))
        let state = startWrite({
          write,
          repeatable,
          unreadable: whyUnreadable(write),
          contentHash,
          named: entry.name !== undefined,
          untilMs: untilMs ?? Infinity,
          settleMs,
        })
        let event: WriteEvent = { on: 'begin', nowMs: clock.now() }
        let searched = false
        for (;;) {
          const { state: next, action, metric } = decideWrite({ run: runState, write: state }, event)
          log(state, event, action)
          if (metric) metrics.idempotency(metric)
          runState = next.run
          state = next.write
          searched ||= isSearch(state.phase)
          if (action.do === 'send-unrecorded') return send()
          if (action.do === 'return' || action.do === 'throw') {
            // After a read-back the rest of the operation gets a full deadline.
            if (searched) write.deadline.at = Math.max(write.deadline.at, clock.now() + CALL_DEADLINE_MS)
            if (action.do === 'throw') throw action.error
            return action.result as never
          }
          const outcome = await perform(action, write, send).catch((error: unknown): WriteOutcome => ({ on: 'failed', error }))
          event = { ...outcome, nowMs: clock.now() }
        }
      },
    },
  }
}

/** Whether Pipedrive can show afterwards what this write did. */
function whyUnreadable({ method, newest, current }: UpstreamWrite): string | undefined {
  if (method === 'POST' ? newest : current) return undefined
  return 'Pipedrive has no list or record that shows whether it was executed'
}
