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
import { Halt } from './halt.ts'
import { canonical, digest } from './idempotency-key.ts'
import type { JournalEntry, Journal, JournalStep } from './journal.ts'
import { readBack } from './read-back.ts'

type PendingAction = Exclude<WriteAction, { do: 'send-unrecorded' | 'return' | 'throw' }>

export interface GuardedRunDeps {
  entry: JournalEntry
  /** What earlier runs of the intent have sent; none for a new one. */
  before: readonly JournalStep[] | undefined
  /** An intent whose time is over and which gives the name away. */
  expired: string | undefined
  journal: Journal
  clock: Clock
  logger: Logger
  metrics: Metrics
  settleMs: number
  salt: KeyObject
  /** Until when its caller waits, where he cannot come back: nothing is looked for or sent once more after it. */
  untilMs: number | undefined
  /** Waits for as long as nothing is known; throws Halt when the process is about to end. */
  pause(ms: number): Promise<void>
}

/** A GuardedRun is one run of an intent: its guard records every write before it is sent, and finds out what became of one that got no answer. */
export interface GuardedRun {
  guard: WriteGuard
  state(): RunState
}

/** The input and output around `decideWrite`: it does one action after the other, and reports what came of each. */
export function createGuardedRun(deps: GuardedRunDeps): GuardedRun {
  const { entry, before, expired, journal, clock, logger, metrics, settleMs, salt, untilMs, pause } = deps
  const run = { intentId: entry.id, requestId: entry.requestId }
  let runState = startRun(before)

  const pauseAsOwner = async (ms: number, thenBusyForMs: number) => {
    if (!(await journal.extend(run, clock.now() + ms + thenBusyForMs + LEASE_SPARE_MS))) throw new Halt('lost')
    if (ms > 0) await pause(ms)
  }

  function record({ as, step, leaseUntilMs }: Extract<WriteAction, { do: 'record' }>): Promise<boolean> {
    if (as === 'moved') return journal.moveStep(run, step, leaseUntilMs)
    return runState.recorded
      ? journal.addStep(run, step, stepsOf(runState), leaseUntilMs)
      : journal.begin(entry, step, leaseUntilMs, expired)
  }

  async function perform(action: PendingAction, write: UpstreamWrite, attempt: () => Promise<unknown>): Promise<WriteOutcome> {
    switch (action.do) {
      case 'capture-baseline':
        return { on: 'baseline', baseline: await write.standpoint(), deadlineMs: write.deadline.at }
      case 'record':
        if (action.deadlineMs !== undefined) write.deadline.at = action.deadlineMs
        return { on: (await record(action)) ? 'recorded' : 'not-ours' }
      case 'send':
        return { on: 'answered', result: await attempt() }
      case 'look':
        return {
          on: 'looked',
          seen: await readBack({ write, step: action.step, run, journal, clock, settleMs, untilMs, pause: pauseAsOwner }),
        }
    }
  }

  function log({ write: { method, object }, repeated, phase }: WriteState, event: WriteEvent, action: WriteAction): void {
    const fields = { requestId: entry.requestId, operation: entry.operation, method, object }
    if (event.on === 'looked') logger.info({ ...fields, seen: event.seen.do, repeated }, 'a write without an answer was looked for')
    if (event.on !== 'failed' || !(event.error instanceof StoreUnavailable)) return
    const failed = { ...fields, error: event.error.cause }
    if (action.do === 'send-unrecorded') logger.warn(failed, 'the store does not answer; a write is sent without a record')
    else if (isSearch(phase)) logger.error(failed, 'the store does not answer; a write without an answer cannot be looked for')
  }

  return {
    state: () => runState,
    guard: {
      async around(write, attempt) {
        const { method, object, id, body } = write
        const contentHash = digest(salt, 'content', canonical([method, object, id ?? null, body ?? null]))
        let state = startWrite({ write, contentHash, named: entry.name !== undefined, untilMs: untilMs ?? Infinity, settleMs })
        let event: WriteEvent = { on: 'begin', nowMs: clock.now() }
        let searched = false
        for (;;) {
          const { state: next, action, metric } = decideWrite({ run: runState, write: state }, event)
          log(state, event, action)
          if (metric) metrics.intent(metric)
          runState = next.run
          state = next.write
          searched ||= isSearch(state.phase)
          if (action.do === 'send-unrecorded') return attempt()
          if (action.do === 'return' || action.do === 'throw') {
            // What is left to do for the answer begins now.
            if (searched) write.deadline.at = Math.max(write.deadline.at, clock.now() + CALL_DEADLINE_MS)
            if (action.do === 'throw') throw action.error
            return action.result as never
          }
          const came = await perform(action, write, attempt).catch((error: unknown): WriteOutcome => ({ on: 'failed', error }))
          event = { ...came, nowMs: clock.now() }
        }
      },
    },
  }
}
