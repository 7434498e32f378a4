import { expect, test } from 'vitest'
import { NotFound } from '../../pipedrive/errors/not-found.ts'
import { OutcomeUnknown } from '../../pipedrive/errors/outcome-unknown.ts'
import type { Target } from '../../pipedrive/target.ts'
import { StoreUnavailable } from '../../store/errors/store-unavailable.ts'
import {
  decideWrite,
  LEASE_SPARE_MS,
  REPEAT_ROOM_MS,
  startRun,
  startWrite,
  stepsOf,
  type WriteDecision,
  type RunState,
  type WriteOutcome,
  type WriteState,
} from './decide-write.ts'
import { WriteRunning } from './errors/write-running.ts'
import { RunAborted } from './run-aborted.ts'
import type { JournalStep } from './journal.ts'

const NOW = 1_000_000
const SETTLE_MS = 10_000
const DEADLINE = NOW + 25_000

type WriteMethod = 'POST' | 'PUT' | 'PATCH' | 'DELETE'
const targetOf = (method: WriteMethod): Target => ({ method, path: '/api/v2/deals', object: 'deal' })
const lost = new OutcomeUnknown(targetOf('POST'), NOW, 'the connection was lost')
const baseline = { companyId: 1, userId: 2, sinceId: 40, sinceDateMs: NOW - 5_000 }
const storeUnavailable = new StoreUnavailable(new Error('away'))
const refusal = new TypeError('refused')

interface Scenario {
  method?: WriteMethod
  named?: boolean
  untilMs?: number
  unreadable?: string
  repeatable?: boolean
  before?: readonly JournalStep[]
  run?: Partial<RunState>
  outcomes?: readonly WriteOutcome[]
}

/** One write from its begin through some outcomes; the last decision is what counts. */
function play({
  method = 'POST',
  named = true,
  untilMs = Infinity,
  unreadable,
  repeatable = false,
  before,
  run = {},
  outcomes = [],
}: Scenario): WriteDecision & { actions: string[] } {
  const write = startWrite({
    write: { target: targetOf(method), method, collection: '/api/v2/deals' },
    unreadable,
    repeatable,
    contentHash: 'this',
    named,
    untilMs,
    settleMs: SETTLE_MS,
  })
  let decision = decideWrite({ run: { ...startRun(before), ...run }, write }, { on: 'begin', nowMs: NOW })
  const actions = [decision.action.do as string]
  for (const outcome of outcomes) {
    decision = decideWrite(decision.state, { ...outcome, nowMs: NOW })
    actions.push(decision.action.do)
  }
  return { ...decision, actions }
}

const captured: WriteOutcome = { on: 'baseline', baseline, deadlineMs: DEADLINE }
const recorded: WriteOutcome = { on: 'recorded' }
const notOurs: WriteOutcome = { on: 'not-ours' }
const answered: WriteOutcome = { on: 'answered', result: { id: 41 } }
const failed = (error: unknown): WriteOutcome => ({ on: 'failed', error })
const looked = (what: 'found' | 'absent' | 'lost-lease'): WriteOutcome => ({
  on: 'looked',
  result: what === 'found' ? { do: what, row: { id: 41 } } : { do: what },
})
const sent = [captured, recorded]
const looking = [...sent, failed(lost), recorded]
const repeating = [...looking, looked('absent'), recorded]

const known = (state: JournalStep['state'], contentHash = 'this'): JournalStep => ({
  step: 0,
  method: 'POST',
  collection: '/api/v2/deals',
  ...baseline,
  contentHash,
  state,
  recordId: state === 'done' ? '41' : undefined,
  result: state === 'done' ? { id: 41 } : undefined,
  sentAtMs: NOW - 60_000,
  endedAtMs: NOW - 50_000,
})

test.each<[string, Scenario, string[]]>([
  ['a new write first captures its baseline', {}, ['capture-baseline']],
  ['is recorded before it is sent', { outcomes: [captured] }, ['capture-baseline', 'record']],
  ['it is sent after it is recorded', { outcomes: sent }, ['capture-baseline', 'record', 'send']],
  ['its answer is the result', { outcomes: [...sent, answered] }, ['capture-baseline', 'record', 'send', 'return']],
  ['a refusal is thrown', { outcomes: [...sent, failed(refusal)] }, ['capture-baseline', 'record', 'send', 'throw']],
  [
    'a write without an answer is recorded as such, then read back',
    { outcomes: looking },
    ['capture-baseline', 'record', 'send', 'record', 'look'],
  ],
  [
    'the record that is found is the result',
    { outcomes: [...looking, looked('found')] },
    ['capture-baseline', 'record', 'send', 'record', 'look', 'return'],
  ],
  [
    'a missing write is recorded again, then sent again',
    { outcomes: repeating },
    ['capture-baseline', 'record', 'send', 'record', 'look', 'record', 'send'],
  ],
  ['the result of an earlier run is returned', { before: [known('done')] }, ['return']],
  ['a write of an earlier run is read back', { before: [known('sent')], outcomes: [recorded] }, ['record', 'look']],
  ['content that differs from the earlier run is an error', { before: [known('done', 'other')] }, ['throw']],
  [
    'one that does nothing twice is sent again instead',
    { repeatable: true, before: [known('sent')], outcomes: [recorded] },
    ['record', 'send'],
  ],
  ['an aborted run sends nothing', { run: { aborted: new RunAborted('lease-lost') } }, ['throw']],
  ['a run without a store records nothing', { run: { withoutStore: true } }, ['send-unrecorded']],
  [
    'without a key the first write is sent although the store is unavailable',
    { named: false, outcomes: [captured, failed(storeUnavailable)] },
    ['capture-baseline', 'record', 'send-unrecorded'],
  ],
  ['with a key it is not sent', { outcomes: [captured, failed(storeUnavailable)] }, ['capture-baseline', 'record', 'throw']],
  [
    'nor is a later one',
    { named: false, run: { recorded: true }, outcomes: [captured, failed(storeUnavailable)] },
    ['capture-baseline', 'record', 'throw'],
  ],
])('%s', (_, scenario, actions) => {
  expect(play(scenario).actions).toEqual(actions)
})

interface End {
  thrown?: RegExp | object
  open?: boolean
  halted?: RunAborted['why']
  steps?: JournalStep['state'][]
  metric?: WriteDecision['metric']
}

test.each<[string, Scenario, End]>([
  ['a refused write changed nothing', { outcomes: [...sent, failed(refusal)] }, { thrown: refusal, steps: [] }],
  [
    'a key that another run has taken aborts the run',
    { outcomes: [captured, notOurs] },
    { thrown: RunAborted, halted: 'key-taken', steps: [] },
  ],
  [
    'a record that another run has taken over aborts the run',
    { outcomes: [...sent, failed(lost), notOurs] },
    { thrown: RunAborted, halted: 'lease-lost', steps: ['unknown'] },
  ],
  [
    'a lease lost during the read-back aborts the run',
    { outcomes: [...looking, looked('lost-lease')] },
    { thrown: RunAborted, halted: 'lease-lost', steps: ['unknown'] },
  ],
  ['a write that was found is done', { outcomes: [...looking, looked('found')] }, { steps: ['done'], metric: 'found' }],
  ['a write that is sent again is in flight', { outcomes: repeating.slice(0, -1) }, { steps: ['sent'], metric: 'repeated' }],
  [
    'a create without a baseline cannot be read back',
    {
      outcomes: [{ ...captured, baseline: { ...baseline, sinceId: undefined, sinceDateMs: undefined } }, recorded, failed(lost)],
    },
    { thrown: /the connection was lost; no earlier id or time is known/, steps: ['unknown'] },
  ],
  [
    'a write that Pipedrive cannot show afterwards is neither looked for nor sent again',
    { unreadable: 'Pipedrive has no list', outcomes: [...sent, failed(lost)] },
    { thrown: /the connection was lost; Pipedrive has no list/, steps: ['unknown'] },
  ],
  [
    'even by a repeat of the call',
    { unreadable: 'Pipedrive has no list', before: [known('sent')] },
    { thrown: /Pipedrive has no list.*not sent again/, steps: ['unknown'] },
  ],
  [
    'one that does nothing twice is left to the next repeat of the call',
    { repeatable: true, outcomes: [...sent, failed(lost)] },
    { thrown: lost, open: true, steps: ['unknown'] },
  ],
  [
    'and if another call is doing it',
    { repeatable: true, outcomes: [...sent, failed(new WriteRunning())] },
    { thrown: WriteRunning, open: true, steps: ['unknown'] },
  ],
  [
    'and if it was only refused, changed nothing',
    { repeatable: true, outcomes: [...sent, failed(refusal)] },
    { thrown: refusal, steps: [] },
  ],
  [
    'candidates end the read-back',
    { outcomes: [...looking, { on: 'looked', result: { do: 'ambiguous', candidates: [41, 42] } }] },
    { thrown: /deal 41, 42, added by the same user/, steps: ['unknown'], metric: 'ambiguous' },
  ],
  [
    'no decision leaves it unresolved',
    { outcomes: [...looking, { on: 'looked', result: { do: 'undecided', why: 'looking failed' } }] },
    { thrown: /lost; looking failed/, open: true, steps: ['unknown'] },
  ],
  [
    'it is not sent a third time',
    { outcomes: [...repeating, failed(lost), recorded, looked('absent')] },
    { thrown: /second send got no answer either.*a third time/, steps: ['unknown'], metric: 'ambiguous' },
  ],
  [
    'nothing is sent again for a caller that cannot wait',
    { untilMs: NOW + REPEAT_ROOM_MS - 1, outcomes: [...looking, looked('absent')] },
    { thrown: /the caller cannot wait/, open: true, steps: ['unknown'] },
  ],
  [
    'a repeat that fails otherwise leaves it open',
    { outcomes: [...repeating, failed(refusal)] },
    { thrown: refusal, open: true, steps: ['unknown'] },
  ],
  [
    'a deletion whose repeat finds nothing was the first one',
    { method: 'DELETE', outcomes: [...repeating, failed(new NotFound('deal', 41))] },
    { steps: ['done'] },
  ],
  [
    'while the store is away nothing can be looked for',
    { outcomes: [...looking, failed(storeUnavailable)] },
    { thrown: /database does not answer/, open: true, steps: ['unknown'] },
  ],
  [
    'the end of the process halts a search that can be repeated',
    { outcomes: [...looking, failed(new RunAborted('closing'))] },
    { thrown: RunAborted, halted: 'closing', steps: ['unknown'] },
  ],
  [
    'a nameless one has to be told',
    { named: false, outcomes: [...looking, failed(new RunAborted('closing'))] },
    { thrown: /the server was stopped/, open: true, steps: ['unknown'] },
  ],
])('%s', (_, scenario, { thrown, open = false, halted, steps = [], metric }) => {
  const { state, action, metric: counted } = play(scenario)
  if (thrown === undefined) expect(action.do).not.toBe('throw')
  else {
    const error = action.do === 'throw' ? action.error : undefined
    if (thrown instanceof RegExp) expect((error as Error).message).toMatch(thrown)
    else if (typeof thrown === 'function') expect(error).toBeInstanceOf(thrown)
    else expect(error).toBe(thrown)
  }
  expect(state.run.unresolved).toBe(open)
  expect(state.run.aborted?.why).toBe(halted)
  expect(stepsOf(state.run).map((step) => step.state)).toEqual(steps)
  expect(counted).toBe(metric)
})

test('leases cover what is about to happen', () => {
  const leaseOf = (outcomes: readonly WriteOutcome[], untilMs = Infinity) => {
    const { action } = play({ untilMs, outcomes })
    return action.do === 'record' ? { as: action.as, leaseUntilMs: action.leaseUntilMs, deadlineMs: action.deadlineMs } : undefined
  }
  expect(leaseOf([captured])).toEqual({ as: 'new', leaseUntilMs: DEADLINE + LEASE_SPARE_MS })
  expect(leaseOf([...sent, failed(lost)])).toEqual({ as: 'moved', leaseUntilMs: NOW + LEASE_SPARE_MS + SETTLE_MS })
  const deadlineMs = NOW + 12_000
  expect(leaseOf([...looking, looked('absent')], deadlineMs)).toEqual({
    as: 'moved',
    leaseUntilMs: deadlineMs + LEASE_SPARE_MS,
    deadlineMs,
  })
})

test('a decision changes nothing that it was given', () => {
  const steps = Object.freeze([Object.freeze(known('sent'))])
  const write: WriteState = Object.freeze(
    startWrite({
      write: { target: targetOf('POST'), method: 'POST', collection: '/api/v2/deals' },
      unreadable: undefined,
      repeatable: false,
      contentHash: 'this',
      named: true,
      untilMs: Infinity,
      settleMs: SETTLE_MS,
    }),
  )
  const run = Object.freeze(startRun(steps))
  const { state } = decideWrite(Object.freeze({ run, write }), { on: 'begin', nowMs: NOW })
  expect([run.steps[0]!.state, state.run.steps[0]!.state]).toEqual(['sent', 'unknown'])
})
