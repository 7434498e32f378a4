import { expect, test } from 'vitest'
import { decideConclusion, type Conclusion, type RunEnd } from './decide-conclusion.ts'
import { startRun, type RunState } from './decide-write.ts'
import { Halt } from './halt.ts'
import type { JournalStep } from './journal.ts'

const step: JournalStep = {
  step: 0,
  method: 'POST',
  object: 'deal',
  companyId: 1,
  userId: 2,
  contentHash: 'this',
  sinceId: 40,
  sinceDateMs: undefined,
  state: 'done',
  recordId: 41,
  result: { id: 41 },
  sentAtMs: 0,
  endedAtMs: 1,
}
const wrote: Partial<RunState> = { recorded: true, steps: [step], begun: 1 }

test.each<[string, Partial<RunState>, RunEnd, Conclusion]>([
  ['nothing recorded, an answer', {}, 'answer', 'nothing-recorded'],
  ['nothing recorded, an error', {}, 'error', 'nothing-recorded'],
  ['another run has the name', { halted: new Halt('taken') }, 'error', 'not-ours'],
  ['another run has the intent, though the operation made an answer of it', { ...wrote, halted: new Halt('lost') }, 'answer', 'not-ours'],
  ['the process ends', { ...wrote, halted: new Halt('closing') }, 'error', 'leave-halted'],
  ['an answer', wrote, 'answer', 'finish'],
  ['an answer, though a write is open', { ...wrote, open: true }, 'answer', 'finish'],
  ['every write was refused', { ...wrote, refused: new Set([step]) }, 'final-error', 'release'],
  ['a final error before what an earlier run has written', { ...wrote, begun: 0 }, 'final-error', 'leave-earlier'],
  ['another error before it', { ...wrote, begun: 0 }, 'error', 'leave-open'],
  ['a final error after a write', wrote, 'final-error', 'finish'],
  ['a final error with an open write', { ...wrote, open: true }, 'final-error', 'leave-open'],
  ['an error that a repeat may not meet', wrote, 'error', 'leave-open'],
])('%s', (_, run, end, conclusion) => {
  expect(decideConclusion({ ...startRun(undefined), ...run }, end)).toBe(conclusion)
})
