import { expect, test } from 'vitest'
import { decideConclusion, type Conclusion, type RunEnd } from './decide-conclusion.ts'
import { startRun, type RunState } from './decide-write.ts'
import { RunAborted } from './run-aborted.ts'
import type { JournalStep } from './journal.ts'

const step: JournalStep = {
  step: 0,
  method: 'POST',
  collection: '/api/v2/deals',
  companyId: 1,
  userId: 2,
  contentHash: 'this',
  sinceId: 40,
  sinceDateMs: undefined,
  state: 'done',
  recordId: '41',
  result: { id: 41 },
  sentAtMs: 0,
  endedAtMs: 1,
}
const wrote: Partial<RunState> = { recorded: true, steps: [step], startedWrites: 1 }

test.each<[string, Partial<RunState>, RunEnd, Conclusion]>([
  ['nothing recorded, an answer', {}, 'answer', 'nothing-recorded'],
  ['nothing recorded, an error', {}, 'error', 'nothing-recorded'],
  ['another run has the name', { aborted: new RunAborted('key-taken') }, 'error', 'not-ours'],
  [
    'another run has the intent, though the operation made an answer of it',
    { ...wrote, aborted: new RunAborted('lease-lost') },
    'answer',
    'not-ours',
  ],
  ['the process ends', { ...wrote, aborted: new RunAborted('closing') }, 'error', 'leave-aborted'],
  ['an answer', wrote, 'answer', 'finish'],
  ['an answer, though a write is open', { ...wrote, unresolved: true }, 'answer', 'finish'],
  ['every write was refused', { ...wrote, refused: new Set([step]) }, 'final-error', 'release'],
  ['a final error before what an earlier run has written', { ...wrote, startedWrites: 0 }, 'final-error', 'leave-earlier'],
  ['another error before it', { ...wrote, startedWrites: 0 }, 'error', 'leave-unresolved'],
  ['a final error after a write', wrote, 'final-error', 'finish'],
  ['a final error with an open write', { ...wrote, unresolved: true }, 'final-error', 'leave-unresolved'],
  ['an error that a repeat may not meet', wrote, 'error', 'leave-unresolved'],
])('%s', (_, run, end, conclusion) => {
  expect(decideConclusion({ ...startRun(undefined), ...run }, end)).toBe(conclusion)
})
