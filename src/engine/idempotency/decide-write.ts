import { CALL_DEADLINE_MS } from '../../pipedrive/client.ts'
import { NotFound } from '../../pipedrive/errors/not-found.ts'
import { OutcomeUnknown } from '../../pipedrive/errors/outcome-unknown.ts'
import type { WriteBaseline, UpstreamWrite } from '../../pipedrive/write-guard.ts'
import { StoreUnavailable } from '../../store/errors/store-unavailable.ts'
import { Halt } from './halt.ts'
import type { JournalStep } from './journal.ts'
import type { ReadBackCandidates } from './read-back.ts'

/** What a process may need beyond its own deadline to record how its write ended. */
export const LEASE_SPARE_MS = 5_000
/** With less time than this, a repeat is only another write in doubt. */
export const REPEAT_ROOM_MS = 10_000

/** A RunState is what one run of an intent has done so far. */
export interface RunState {
  /** Writes that were recorded, those of earlier runs included. */
  readonly steps: readonly JournalStep[]
  /** Those of them that Pipedrive refused: they changed nothing. */
  readonly refused: ReadonlySet<JournalStep>
  /** How many writes this run has begun. */
  readonly begun: number
  /** The intent is in the journal. */
  readonly recorded: boolean
  /** The store did not answer before the first write, and the run goes on without it. */
  readonly withoutStore: boolean
  /** The outcome of a write is unknown, and the next repeat may find it out. */
  readonly open: boolean
  readonly halted: Halt | undefined
}

/** A WriteState is how far one write of a run is. */
export interface WriteState {
  /** What is under way; the three `record` phases are entries in the journal, each before what it names. */
  readonly phase: 'begin' | 'baseline' | 'record-send' | 'send' | 'record-look' | 'look' | 'record-repeat' | 'repeat' | 'end'
  readonly write: Pick<UpstreamWrite, 'target' | 'method' | 'object'>
  readonly contentHash: string
  /** Whether the intent has a name, by which its caller can ask again. */
  readonly named: boolean
  /** Nothing is looked for or sent once more after this time. */
  readonly untilMs: number
  readonly settleMs: number
  readonly index: number
  readonly step: JournalStep | undefined
  /** Why no answer came to the first request. */
  readonly lost: OutcomeUnknown | undefined
  /** It was sent once more. */
  readonly repeated: boolean
}

export interface State {
  readonly run: RunState
  readonly write: WriteState
}

/** A WriteOutcome is what came of the last action. */
export type WriteOutcome =
  | { readonly on: 'baseline'; readonly baseline: WriteBaseline; readonly deadlineMs: number }
  | { readonly on: 'recorded' }
  /** The journal refused the entry: the name or the intent is another run's. */
  | { readonly on: 'not-ours' }
  | { readonly on: 'answered'; readonly result: unknown }
  | { readonly on: 'looked'; readonly seen: ReadBackCandidates }
  | { readonly on: 'failed'; readonly error: unknown }

/** A WriteEvent is the begin of a write or the outcome of an action, with its time. */
export type WriteEvent = { readonly nowMs: number } & ({ readonly on: 'begin' } | WriteOutcome)

/** A WriteAction is what happens next. */
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
  /** The result is the write's own, whatever it is. */
  | { readonly do: 'send-unrecorded' }
  | { readonly do: 'look'; readonly step: JournalStep }
  | { readonly do: 'return'; readonly result: unknown }
  | { readonly do: 'throw'; readonly error: unknown }

export interface Decision {
  readonly state: State
  readonly action: WriteAction
  readonly metric?: 'found' | 'repeated' | 'ambiguous'
}

export const startRun = (before: readonly JournalStep[] | undefined): RunState => ({
  steps: before ?? [],
  refused: new Set(),
  begun: 0,
  recorded: before !== undefined,
  withoutStore: false,
  open: false,
  halted: undefined,
})

export const startWrite = (given: Omit<WriteState, 'phase' | 'index' | 'step' | 'lost' | 'repeated'>): WriteState => ({
  ...given,
  phase: 'begin',
  index: 0,
  step: undefined,
  lost: undefined,
  repeated: false,
})

/** Whether an outcome is being found out. */
export const isSearch = (phase: WriteState['phase']): boolean => phase === 'record-look' || phase === 'look' || phase === 'record-repeat'

/** The steps that changed something, or may have. */
export const stepsOf = ({ steps, refused }: RunState): JournalStep[] => steps.filter((step) => !refused.has(step))

/** The life of one write: recorded before it is sent, looked for if no answer came, sent once more if it is not there. Pure; `guarded-run.ts` does what it says. */
export function decideWrite(state: State, event: WriteEvent): Decision {
  switch (event.on) {
    case 'begin':
      return begin(state, event.nowMs)
    case 'baseline':
      return recordNew(state, event.baseline, event.deadlineMs, event.nowMs)
    case 'recorded':
      return afterRecord(state)
    case 'not-ours':
      return halt(state, new Halt(state.run.recorded ? 'lost' : 'taken'))
    case 'answered':
      return done(state, event.result, event.nowMs)
    case 'looked':
      return afterLook(state, event.seen, event.nowMs)
    case 'failed':
      return afterFailure(state, event.error, event.nowMs)
  }
}

function begin({ run, write }: State, nowMs: number): Decision {
  if (run.halted) return end({ run, write }, { do: 'throw', error: run.halted })
  if (run.withoutStore) return end({ run, write }, { do: 'send-unrecorded' })
  const step = run.steps[run.begun]
  const begun: State = { run: { ...run, begun: run.begun + 1 }, write: { ...write, index: run.begun, step } }
  if (!step) return to(begun, 'baseline', { do: 'capture-baseline' })
  if (step.contentHash !== write.contentHash)
    return stillOpen(
      begun,
      new OutcomeUnknown(write.write.target, step.sentAtMs, 'an earlier attempt sent something else for the same call'),
    )
  if (step.state === 'done') return end(begun, { do: 'return', result: step.result })
  return recordLoss(begun, nowMs)
}

function recordNew(state: State, baseline: WriteBaseline, deadlineMs: number, nowMs: number): Decision {
  const { index, contentHash, write } = state.write
  const { companyId, userId, sinceId, sinceDateMs } = baseline
  const step: JournalStep = {
    step: index,
    method: write.method,
    object: write.object,
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

function afterRecord(state: State): Decision {
  const { run, write } = state
  const step = stepOf(write)
  if (write.phase === 'record-send')
    return to({ run: { ...run, recorded: true, steps: [...run.steps, step] }, write }, 'send', { do: 'send' })
  if (write.phase === 'record-repeat') return to(state, 'repeat', { do: 'send' })
  return to(state, 'look', { do: 'look', step })
}

function done(state: State, result: unknown, nowMs: number): Decision {
  const { id } = (result ?? {}) as { id?: number }
  const recordId = stepOf(state.write).method === 'POST' ? id : undefined
  return end(withStep(state, { state: 'done', recordId, result, endedAtMs: nowMs }), { do: 'return', result })
}

/** No answer came. */
function recordLoss(before: State, nowMs: number): Decision {
  const { endedAtMs = nowMs, method, sinceId, sinceDateMs } = stepOf(before.write)
  const state = withStep(before, { state: 'unknown', endedAtMs })
  if (sinceId === undefined && sinceDateMs === undefined && method === 'POST')
    return end(state, { do: 'throw', error: unknown(state.write, 'nothing tells which records are newer than it') })
  const leaseUntilMs = nowMs + LEASE_SPARE_MS + state.write.settleMs
  return to(state, 'record-look', { do: 'record', as: 'moved', step: stepOf(state.write), leaseUntilMs })
}

function afterLook(state: State, seen: ReadBackCandidates, nowMs: number): Decision {
  const { write } = state
  const { repeated, untilMs } = write
  const giveUp = (why: string, candidates: readonly number[]): Decision => ({
    ...end(state, { do: 'throw', error: unknown(write, why, { candidates, repeated }) }),
    metric: 'ambiguous',
  })
  switch (seen.do) {
    case 'lost-lease':
      return halt(state, new Halt('lost'))
    case 'found':
      return { ...done(state, seen.row, nowMs), metric: 'found' }
    case 'undecided':
      return stillOpen(state, unknown(write, seen.why, { repeated }))
    case 'ambiguous':
      return giveUp('what is there now does not tell', seen.candidates)
    case 'absent': {
      if (repeated) return giveUp('it was sent once more, and that was lost too', [])
      const leftMs = untilMs - nowMs
      if (leftMs < REPEAT_ROOM_MS)
        return stillOpen(state, unknown(write, 'nothing of it was there, and its caller cannot wait until it is sent once more'))
      const deadlineMs = nowMs + Math.min(CALL_DEADLINE_MS, leftMs)
      const next = withStep(state, { state: 'sent', sentAtMs: nowMs, endedAtMs: undefined })
      const action: WriteAction = {
        do: 'record',
        as: 'moved',
        step: stepOf(next.write),
        leaseUntilMs: deadlineMs + LEASE_SPARE_MS,
        deadlineMs,
      }
      return { ...to({ ...next, write: { ...next.write, repeated: true } }, 'record-repeat', action), metric: 'repeated' }
    }
  }
}

function afterFailure(state: State, error: unknown, nowMs: number): Decision {
  const { run, write } = state
  const rethrow: WriteAction = { do: 'throw', error }
  switch (write.phase) {
    case 'record-send':
      // Nobody can come back for what has no name: it need not be recorded, but what was recorded before must be.
      if (error instanceof StoreUnavailable && !run.recorded && !write.named)
        return end({ run: { ...run, withoutStore: true }, write }, { do: 'send-unrecorded' })
      break
    case 'send':
      if (error instanceof OutcomeUnknown) return recordLoss({ run, write: { ...write, lost: error } }, nowMs)
      return end({ run: { ...run, refused: new Set([...run.refused, stepOf(write)]) }, write }, rethrow)
    case 'repeat':
      if (error instanceof OutcomeUnknown) return recordLoss(state, nowMs)
      // Gone already: then it was the first one.
      if (error instanceof NotFound && stepOf(write).method === 'DELETE') return done(state, undefined, nowMs)
      return stillOpen(withStep(state, { state: 'unknown', endedAtMs: nowMs }), error)
    default:
      if (!isSearch(write.phase)) break
      if (error instanceof StoreUnavailable)
        return stillOpen(state, unknown(write, "the connector's database does not answer, so it cannot be looked for"))
      // Nobody can come back for the outcome of what has no name.
      if (error instanceof Halt && error.why === 'closing' && !write.named)
        return stillOpen(state, unknown(write, 'the server was stopped before it could be looked for'))
  }
  return error instanceof Halt ? halt(state, error) : end(state, rethrow)
}

const to = (state: State, phase: WriteState['phase'], action: WriteAction): Decision => ({
  state: { ...state, write: { ...state.write, phase } },
  action,
})
const end = (state: State, action: WriteAction): Decision => to(state, 'end', action)
const stillOpen = ({ run, write }: State, error: unknown): Decision => end({ run: { ...run, open: true }, write }, { do: 'throw', error })

/** The first Halt is the one that counts. */
function halt({ run, write }: State, error: Halt): Decision {
  const halted = run.halted ?? error
  return end({ run: { ...run, halted }, write }, { do: 'throw', error: halted })
}

function withStep({ run, write }: State, changes: Partial<JournalStep>): State {
  const step = { ...stepOf(write), ...changes }
  return { run: { ...run, steps: run.steps.map((one) => (one === write.step ? step : one)) }, write: { ...write, step } }
}

function stepOf({ step, phase }: WriteState): JournalStep {
  if (!step) throw new RangeError(`a write has no step in the phase ${phase}`)
  return step
}

function unknown(write: WriteState, why: string, options: { candidates?: readonly number[]; repeated?: boolean } = {}): OutcomeUnknown {
  const { lost } = write
  return new OutcomeUnknown(write.write.target, stepOf(write).sentAtMs, lost ? `${lost.reason}; ${why}` : why, { ...options, cause: lost })
}
