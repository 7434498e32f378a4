import { stepsOf, type RunState } from './decide-write.ts'

/** A Conclusion is what is recorded at the end of a run, and what its callers get. */
export type Conclusion =
  /** Another run has the intent: its end is what counts. */
  | 'not-ours'
  /** Nothing was recorded, so nothing has to be. */
  | 'nothing-recorded'
  /** The process is about to end: the next repeat goes on. */
  | 'leave-halted'
  | 'finish'
  /** Nothing was written, and the intent is forgotten. */
  | 'release'
  /** An earlier run wrote something that this one did not get to. */
  | 'leave-earlier'
  /** The next repeat may come to something else. */
  | 'leave-open'

/** A RunEnd is how the operation of a run ended: with an answer, with an error that its repeat would meet again, or with another one. */
export type RunEnd = 'answer' | 'final-error' | 'error'

/** The first row that fits. Pure. */
export function decideConclusion(run: RunState, end: RunEnd): Conclusion {
  const fellShort = run.begun < run.steps.length
  if (run.halted && run.halted.why !== 'closing') return 'not-ours'
  if (!run.recorded) return 'nothing-recorded'
  if (run.halted) return 'leave-halted'
  if (end === 'answer') return 'finish'
  if (stepsOf(run).length === 0) return 'release'
  if (end === 'final-error' && fellShort) return 'leave-earlier'
  if (end === 'error' || run.open || fellShort) return 'leave-open'
  return 'finish'
}
