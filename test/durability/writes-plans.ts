import fc from 'fast-check'
import type { FaultRule } from '../../sandbox/src/index.ts'
import { KILL_POINTS, type KillPoint } from './writes-process.ts'

export const FAULTS = [
  'none',
  'before commit',
  'after commit',
  'answer too late',
  '502 after commit',
  '429',
  'process killed',
  'commit before settle',
  'commit after settle',
] as const
export type FaultName = (typeof FAULTS)[number]

export const CALLERS = ['gives up', 'repeats', 'Idempotency-Key', 'concurrent duplicates', 'loop of five', 'two processes'] as const
export type Caller = (typeof CALLERS)[number]

export const OPERATIONS = ['AddDealV2', 'AddActivity', 'UpdateDealStatus', 'UpdateDealStageV2', 'AddDeal'] as const
export type Operation = (typeof OPERATIONS)[number]

export const SETTLE_SECONDS = 10

/** A ManualRecord is an equal or another record that a user creates in Pipedrive, this many seconds after the first call. */
export interface ManualRecord {
  who: 'alice' | 'bob'
  seconds: number
  equal: boolean
}

/** A Plan is one history: the operation, its caller, the fault, and the manual writes of others. */
export interface Plan {
  operation: Operation
  caller: Caller
  fault: FaultName
  /** The fault as sandbox rules, used in turn; empty if there is no fault, or if the process is killed. */
  rules: FaultRule[]
  killPoint: KillPoint
  /** How often the fault occurs. */
  times: number
  /** If the operation writes twice, the fault hits the second write. */
  second: boolean
  manualRecords: ManualRecord[]
  /** Between the attempts of one caller. */
  waits: number[]
  /** Whether the response to an attempt is lost, so that the caller repeats a completed call. */
  lost: boolean[]
  /** Between concurrent duplicates, and between the five runs of a loop. */
  apartMs: number
  /** How far Pipedrive's clock is from ours. */
  skewSeconds: number
  dateHeader: 'sent' | 'missing'
  /** Whether the process has read records before. */
  warm: boolean
  /** With the embedded store, one process owns the database, and a restart ends its running work. */
  store: 'embedded' | 'postgres'
}

const rulesOf = (fault: FaultName, seconds: number, shape: number): FaultRule[] => {
  switch (fault) {
    case 'before commit':
      // A second fault is slow: its record exists before any response, and does not belong to the first attempt.
      return [
        [{ kind: 'reset' }, { kind: 'silent', when: 'before' }, { kind: 'status', status: 503 }][shape % 3] as FaultRule,
        { kind: 'latency', delay: 15 },
      ]
    case 'after commit':
      return [[{ kind: 'reset', when: 'after' }, { kind: 'truncated' }, { kind: 'malformed' }][shape % 3] as FaultRule]
    case 'answer too late':
      return [
        [{ kind: 'latency', delay: 27 + seconds }, { kind: 'silent' }, { kind: 'latency', delay: 26 + (seconds % 8), when: 'before' }][
          shape % 3
        ] as FaultRule,
      ]
    case '502 after commit':
      return [{ kind: 'status', status: 502, body: (['json', 'empty', 'html'] as const)[shape % 3]!, when: 'after' }]
    case '429':
      return [{ kind: 'rate-limit' }]
    case 'commit before settle':
      return [{ kind: 'reset', when: 'later', seconds: 1 + (seconds % (SETTLE_SECONDS - 1)) }]
    case 'commit after settle':
      return [{ kind: 'reset', when: 'later', seconds: SETTLE_SECONDS + 2 + seconds }]
    default:
      return []
  }
}

const manualRecords = fc.record<ManualRecord>({
  who: fc.constantFrom('alice', 'bob'),
  equal: fc.constantFrom(true, true, false),
  seconds: fc.oneof(
    fc.integer({ min: -90, max: -7 }),
    fc.integer({ min: -6, max: -1 }),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 13, max: 60 }),
  ),
})

export const plans: fc.Arbitrary<Plan> = fc
  .record({
    operation: fc.constantFrom(...OPERATIONS),
    caller: fc.constantFrom(...CALLERS),
    fault: fc.constantFrom(...FAULTS),
    killPoint: fc.constantFrom(...KILL_POINTS),
    many: fc.constantFrom(false, false, false, true),
    second: fc.boolean(),
    manualRecords: fc.oneof(
      { weight: 3, arbitrary: fc.constant<ManualRecord[]>([]) },
      { weight: 2, arbitrary: fc.array(manualRecords, { minLength: 1, maxLength: 3 }) },
    ),
    waits: fc.array(fc.integer({ min: 75, max: 450 }), { minLength: 4, maxLength: 4 }).map((tenths) => tenths.map((tenth) => tenth / 10)),
    lost: fc.array(fc.constantFrom(false, false, true), { minLength: 5, maxLength: 5 }),
    apartMs: fc.constantFrom(0, 0, 1, 300, 3_000, 9_000),
    skewSeconds: fc.constantFrom(0, 0, -120, -7, 7, 3_600),
    dateHeader: fc.constantFrom<'sent' | 'missing'>('sent', 'sent', 'sent', 'sent', 'missing'),
    warm: fc.boolean(),
    store: fc.constantFrom<'embedded' | 'postgres'>('embedded', 'postgres'),
    seconds: fc.nat(40),
    shape: fc.nat(2),
  })
  .map(({ many, seconds, shape, ...plan }) => ({
    ...plan,
    // Two processes cannot share an embedded store.
    store: plan.caller === 'two processes' ? 'postgres' : plan.store,
    rules: rulesOf(plan.fault, seconds, shape),
    // The client retries a 429 three times: only more of them reach the caller.
    times: !many ? 1 : plan.fault === '429' ? 6 : 2,
  }))
