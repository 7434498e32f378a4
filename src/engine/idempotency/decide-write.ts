import { isObject } from '../../kit/is-object.ts'
import { isRecordId, type RecordId } from '../../kit/record-id.ts'
import { CALL_DEADLINE_MS } from '../../pipedrive/client.ts'
import { NotFound } from '../../pipedrive/errors/not-found.ts'
import { OutcomeUnknown } from '../../pipedrive/errors/outcome-unknown.ts'
import type { WriteBaseline, UpstreamWrite } from '../../pipedrive/write-guard.ts'
import { StoreUnavailable } from '../../store/errors/store-unavailable.ts'
import { EarlierAttemptUnknown } from './errors/earlier-attempt-unknown.ts'
import { WriteRunning } from './errors/write-running.ts'
import { WriteUndecided } from './errors/write-undecided.ts'
import { RunAborted } from './run-aborted.ts'
import type { JournalStep } from './journal.ts'
import type { ReadBackResult } from './read-back.ts'

/** The time beyond its deadline that a process may need to record the outcome of a write. */
export const LEASE_SPARE_MS = 5_000
/** With less time than this, a second send would probably get no answer either. */
export const REPEAT_ROOM_MS = 10_000

/** A RunState is what one run of an operation has done so far. */
export interface RunState {
  /** The recorded writes, including those of earlier runs. */
  readonly steps: readonly JournalStep[]
  /** The writes that Pipedrive refused: they changed nothing. */
  readonly refused: ReadonlySet<JournalStep>
  /** How many writes this run has started. */
  readonly startedWrites: number
  /** The idempotency record is stored. */
  readonly recorded: boolean
  /** The store did not answer before the first write, so the run continues without it. */
  readonly withoutStore: boolean
  /** The outcome of a write is unknown; the next repeat of the call may determine it. */
  readonly unresolved: boolean
  readonly aborted: RunAborted | undefined
}

/** A WriteState is the progress of one write of a run. */
export interface WriteState {
  /** The current action. Each `record` phase stores an entry in the journal before the action that it names. */
  readonly phase: 'begin' | 'baseline' | 'record-send' | 'send' | 'record-look' | 'look' | 'record-repeat' | 'repeat' | 'end'
  readonly write: Pick<UpstreamWrite, 'target' | 'method' | 'collection'>
  /** Why Pipedrive cannot show afterwards whether it was executed; undefined if it can. */
  readonly unreadable: string | undefined
  /** It does nothing twice: it is sent again instead of looked for. */
  readonly repeatable: boolean
  readonly contentHash: string
  /** Whether the call has an idempotency key, so that its caller can repeat it. */
  readonly named: boolean
  /** After this time no read-back starts and nothing is sent again. */
  readonly untilMs: number
  readonly settleMs: number
  readonly index: number
  readonly step: JournalStep | undefined
  /** Why the first send got no answer. */
  readonly firstLoss: OutcomeUnknown | undefined
  /** It was sent a second time. */
  readonly repeated: boolean
}

export interface GuardedRunState {
  readonly run: RunState
  readonly write: WriteState
}

/** A WriteOutcome is the result of the last action. */
export type WriteOutcome =
  | { readonly on: 'baseline'; readonly baseline: WriteBaseline; readonly deadlineMs: number }
  | { readonly on: 'recorded' }
  /** The journal refused the entry: another run holds the key or the record. */
  | { readonly on: 'not-ours' }
  | { readonly on: 'answered'; readonly result: unknown }
  | { readonly on: 'looked'; readonly result: ReadBackResult }
  | { readonly on: 'failed'; readonly error: unknown }

/** A WriteEvent is the start of a write or the outcome of an action, with its time. */
export type WriteEvent = { readonly nowMs: number } & ({ readonly on: 'begin' } | WriteOutcome)

/** A WriteAction is the next thing that the guard does. */
export type WriteAction =
  | { readonly do: 'capture-baseline' }
  | {
      readonly do: 'record'
      readonly as: 'new' | 'moved'
      readonly step: JournalStep
      readonly leaseUntilMs: number
      readonly deadlineMs?: number
    }
  | { readonly do: 'send' }
  /** The guard returns the result of the send unchanged. */
  | { readonly do: 'send-unrecorded' }
  | { readonly do: 'look'; readonly step: JournalStep }
  | { readonly do: 'return'; readonly result: unknown }
  | { readonly do: 'throw'; readonly error: unknown }

export interface WriteDecision {
  readonly state: GuardedRunState
  readonly action: WriteAction
  readonly metric?: 'found' | 'repeated' | 'ambiguous'
}

export const startRun = (before: readonly JournalStep[] | undefined): RunState => ({
  steps: before ?? [],
  refused: new Set(),
  startedWrites: 0,
  recorded: before !== undefined,
  withoutStore: false,
  unresolved: false,
  aborted: undefined,
})

export const startWrite = (options: Omit<WriteState, 'phase' | 'index' | 'step' | 'firstLoss' | 'repeated'>): WriteState => ({
  ...options,
  phase: 'begin',
  index: 0,
  step: undefined,
  firstLoss: undefined,
  repeated: false,
})

/** Whether the guard is determining the outcome of a write. */
export const isSearch = (phase: WriteState['phase']): boolean => phase === 'record-look' || phase === 'look' || phase === 'record-repeat'

/** The steps that changed something, or may have changed something. */
export const stepsOf = ({ steps, refused }: RunState): JournalStep[] => steps.filter((step) => !refused.has(step))

/** The state machine of one write: it is recorded before it is sent, read back if no answer comes, and sent again if Pipedrive does not have it. Pure; `guarded-run.ts` performs the actions. */
export function decideWrite(state: GuardedRunState, event: WriteEvent): WriteDecision {
  switch (event.on) {
    case 'begin':
      return begin(state, event.nowMs)
    case 'baseline':
      return recordNew(state, event.baseline, event.deadlineMs, event.nowMs)
    case 'recorded':
      return afterRecord(state)
    case 'not-ours':
      return abort(state, new RunAborted(state.run.recorded ? 'lease-lost' : 'key-taken'))
    case 'answered':
      return done(state, event.result, event.nowMs)
    case 'looked':
      return afterLook(state, event.result, event.nowMs)
    case 'failed':
      return afterFailure(state, event.error, event.nowMs)
  }
}

function begin({ run, write }: GuardedRunState, nowMs: number): WriteDecision {
  if (run.aborted) return end({ run, write }, { do: 'throw', error: run.aborted })
  if (run.withoutStore) return end({ run, write }, { do: 'send-unrecorded' })
  const step = run.steps[run.startedWrites]
  const begun: GuardedRunState = {
    run: { ...run, startedWrites: run.startedWrites + 1 },
    write: { ...write, index: run.startedWrites, step },
  }
  if (!step) return to(begun, 'baseline', { do: 'capture-baseline' })
  if (step.contentHash !== write.contentHash)
    return stillOpen(
      begun,
      new OutcomeUnknown(write.write.target, step.sentAtMs, 'an earlier attempt sent something else for the same call'),
    )
  if (step.state === 'done') return end(begun, { do: 'return', result: step.result })
  if (write.repeatable) return recordRepeat(begun, nowMs, nowMs + CALL_DEADLINE_MS)
  return recordLoss(begun, nowMs)
}

function recordNew(state: GuardedRunState, baseline: WriteBaseline, deadlineMs: number, nowMs: number): WriteDecision {
  const { index, contentHash, write } = state.write
  const { companyId, userId, sinceId, sinceDateMs } = baseline
  const step: JournalStep = {
    step: index,
    method: write.method,
    collection: write.collection,
    companyId,
    userId,
    contentHash,
    sinceId,
    sinceDateMs,
    state: 'sent',
    recordId: undefined,
    result: undefined,
    sentAtMs: nowMs,
    endedAtMs: undefined,
  }
  const action: WriteAction = { do: 'record', as: 'new', step, leaseUntilMs: deadlineMs + LEASE_SPARE_MS }
  return to({ ...state, write: { ...state.write, step } }, 'record-send', action)
}

function afterRecord(state: GuardedRunState): WriteDecision {
  const { run, write } = state
  const step = stepOf(write)
  if (write.phase === 'record-send')
    return to({ run: { ...run, recorded: true, steps: [...run.steps, step] }, write }, 'send', { do: 'send' })
  if (write.phase === 'record-repeat') return to(state, 'repeat', { do: 'send' })
  return to(state, 'look', { do: 'look', step })
}

function done(state: GuardedRunState, result: unknown, nowMs: number): WriteDecision {
  const id = isObject(result) ? result['id'] : undefined
  const recordId = stepOf(state.write).method === 'POST' && isRecordId(id) ? String(id) : undefined
  return end(withStep(state, { state: 'done', recordId, result, endedAtMs: nowMs }), { do: 'return', result })
}

/** The send got no answer. */
function recordLoss(before: GuardedRunState, nowMs: number): WriteDecision {
  const { endedAtMs = nowMs, method, sinceId, sinceDateMs } = stepOf(before.write)
  const state = withStep(before, { state: 'unknown', endedAtMs })
  const { unreadable } = state.write
  if (unreadable !== undefined) return end(state, { do: 'throw', error: unknown(state.write, unreadable) })
  if (sinceId === undefined && sinceDateMs === undefined && method === 'POST')
    return end(state, { do: 'throw', error: unknown(state.write, 'no earlier id or time is known, so newer records cannot be identified') })
  const leaseUntilMs = nowMs + LEASE_SPARE_MS + state.write.settleMs
  return to(state, 'record-look', { do: 'record', as: 'moved', step: stepOf(state.write), leaseUntilMs })
}

function afterLook(state: GuardedRunState, result: ReadBackResult, nowMs: number): WriteDecision {
  const { write } = state
  const { repeated, untilMs } = write
  const giveUp = (why: string, candidates: readonly RecordId[]): WriteDecision => ({
    ...end(state, { do: 'throw', error: unknown(write, why, { candidates, repeated }) }),
    metric: 'ambiguous',
  })
  switch (result.do) {
    case 'lost-lease':
      return abort(state, new RunAborted('lease-lost'))
    case 'found':
      return { ...done(state, result.row, nowMs), metric: 'found' }
    case 'undecided':
      return stillOpen(state, unknown(write, result.why, { repeated }))
    case 'ambiguous':
      return giveUp('the records in Pipedrive do not show which one it is', result.candidates)
    case 'absent': {
      if (repeated) return giveUp('it was sent again, and the second send got no answer either', [])
      const leftMs = untilMs - nowMs
      if (leftMs < REPEAT_ROOM_MS)
        return stillOpen(state, unknown(write, 'Pipedrive does not show it, and the caller cannot wait for a second send'))
      return { ...recordRepeat(state, nowMs, nowMs + Math.min(CALL_DEADLINE_MS, leftMs)), metric: 'repeated' }
    }
  }
}

function recordRepeat(before: GuardedRunState, nowMs: number, deadlineMs: number): WriteDecision {
  const state = withStep(before, { state: 'sent', sentAtMs: nowMs, endedAtMs: undefined })
  const leaseUntilMs = deadlineMs + LEASE_SPARE_MS
  const action: WriteAction = { do: 'record', as: 'moved', step: stepOf(state.write), leaseUntilMs, deadlineMs }
  return to({ ...state, write: { ...state.write, repeated: true } }, 'record-repeat', action)
}

function afterFailure(state: GuardedRunState, error: unknown, nowMs: number): WriteDecision {
  const { run, write } = state
  const rethrow: WriteAction = { do: 'throw', error }
  switch (write.phase) {
    case 'record-send':
      // No caller can repeat a call without a key, so its write need not be recorded. A run that was recorded before must stay recorded.
      if (error instanceof StoreUnavailable && !run.recorded && !write.named)
        return end({ run: { ...run, withoutStore: true }, write }, { do: 'send-unrecorded' })
      break
    case 'send':
      if (write.repeatable && isOpen(error)) return stillOpen(withStep(state, { state: 'unknown', endedAtMs: nowMs }), error)
      if (error instanceof OutcomeUnknown) return recordLoss({ run, write: { ...write, firstLoss: error } }, nowMs)
      return end({ run: { ...run, refused: new Set([...run.refused, stepOf(write)]) }, write }, rethrow)
    case 'repeat':
      if (error instanceof OutcomeUnknown && !write.repeatable) return recordLoss(state, nowMs)
      // The record is already gone: the first send deleted it.
      if (error instanceof NotFound && stepOf(write).method === 'DELETE') return done(state, undefined, nowMs)
      return stillOpen(withStep(state, { state: 'unknown', endedAtMs: nowMs }), error)
    default:
      if (!isSearch(write.phase)) break
      if (error instanceof StoreUnavailable)
        return stillOpen(state, unknown(write, "the connector's database does not answer, so its outcome cannot be determined"))
      // No caller can repeat a call without a key to get its outcome.
      if (error instanceof RunAborted && error.why === 'closing' && !write.named)
        return stillOpen(state, unknown(write, 'the server was stopped before its outcome was determined'))
  }
  return error instanceof RunAborted ? abort(state, error) : end(state, rethrow)
}

const to = (state: GuardedRunState, phase: WriteState['phase'], action: WriteAction): WriteDecision => ({
  state: { ...state, write: { ...state.write, phase } },
  action,
})
const end = (state: GuardedRunState, action: WriteAction): WriteDecision => to(state, 'end', action)
const stillOpen = ({ run, write }: GuardedRunState, error: unknown): WriteDecision =>
  end({ run: { ...run, unresolved: true }, write }, { do: 'throw', error })

/** Whether a write may have been executed, or may still be. */
const isOpen = (error: unknown): boolean =>
  error instanceof OutcomeUnknown ||
  error instanceof EarlierAttemptUnknown ||
  error instanceof WriteRunning ||
  error instanceof WriteUndecided

/** The first RunAborted counts. */
function abort({ run, write }: GuardedRunState, error: RunAborted): WriteDecision {
  const aborted = run.aborted ?? error
  return end({ run: { ...run, aborted }, write }, { do: 'throw', error: aborted })
}

function withStep({ run, write }: GuardedRunState, changes: Partial<JournalStep>): GuardedRunState {
  const step = { ...stepOf(write), ...changes }
  return { run: { ...run, steps: run.steps.map((one) => (one === write.step ? step : one)) }, write: { ...write, step } }
}

function stepOf({ step, phase }: WriteState): JournalStep {
  if (!step) throw new RangeError(`a write has no step in the phase ${phase}`)
  return step
}

function unknown(write: WriteState, why: string, options: { candidates?: readonly RecordId[]; repeated?: boolean } = {}): OutcomeUnknown {
  const { firstLoss } = write
  return new OutcomeUnknown(write.write.target, stepOf(write).sentAtMs, firstLoss ? `${firstLoss.reason}; ${why}` : why, {
    ...options,
    cause: firstLoss,
  })
}
