import { stepsOf, type RunState } from './decide-write.ts'

/** A Conclusion is what is recorded at the end of a run, and what its callers get. */
export type Conclusion =
  /** Another run holds the idempotency record: its result counts. */
  | 'not-ours'
  /** Nothing was recorded, so there is nothing to update. */
  | 'nothing-recorded'
  /** The process is stopping: the next repeat of the call resumes. */
  | 'leave-aborted'
  | 'finish'
  /** Nothing was written: the idempotency record is deleted. */
  | 'release'
  /** An earlier run sent a write that this run did not reach. */
  | 'leave-earlier'
  /** The next repeat of the call may have another result. */
  | 'leave-unresolved'

/** A RunEnd is how the operation of a run ended: with an answer, with an error that a repeat would get again, or with any other error. */
export type RunEnd = 'answer' | 'final-error' | 'error'

/** Pure: the first rule that matches decides. */
export function decideConclusion(run: RunState, end: RunEnd): Conclusion {
  const fellShort = run.startedWrites < run.steps.length
  if (run.aborted && run.aborted.why !== 'closing') return 'not-ours'
  if (!run.recorded) return 'nothing-recorded'
  if (run.aborted) return 'leave-aborted'
  if (end === 'answer') return 'finish'
  if (stepsOf(run).length === 0) return 'release'
  if (end === 'final-error' && fellShort) return 'leave-earlier'
  if (end === 'error' || run.unresolved || fellShort) return 'leave-unresolved'
  return 'finish'
}
