import fc from 'fast-check'
import type { Behaviour } from '../../sandbox/src/behaviour.ts'
import type { Row } from '../contract/world.ts'

const BRIGHTWATER_STAGES = [1, 2, 3]
const status = fc.constantFrom('open', 'won', 'lost')
/** Seconds from now of a won_time or lost_time that a user sets; mostly none is set. */
const byHand = fc.option(fc.constantFrom(-86_400, -90, 86_400), { freq: 12 })
const dealChange: fc.Arbitrary<Row> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ title: fc.constantFrom('Chairs', 'Tables') }) },
  { weight: 2, arbitrary: fc.record({ stage_id: fc.constantFrom(...BRIGHTWATER_STAGES) }) },
  { weight: 4, arbitrary: fc.record({ status }) },
  { weight: 1, arbitrary: fc.record({ status, stage_id: fc.constantFrom(...BRIGHTWATER_STAGES) }) },
  { weight: 1, arbitrary: fc.record({ is_archived: fc.boolean() }) },
)
const activityChange: fc.Arbitrary<Row> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ subject: fc.constantFrom('Call', 'Visit') }) },
  { weight: 4, arbitrary: fc.record({ done: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('call', 'meeting') }) },
)
const changeOfDeal = fc.record({
  do: fc.constant('change deal' as const),
  pick: fc.nat(30),
  fields: dealChange,
  byHand,
})
const changeOfActivity = fc.record({
  do: fc.constant('change activity' as const),
  pick: fc.nat(30),
  fields: activityChange,
})
const newDeal = fc.record({
  do: fc.constant('create deal' as const),
  fields: fc.record({ status, is_archived: fc.constantFrom(false, false, false, true) }),
  byHand,
})
const newActivity = fc.record({
  do: fc.constant('create activity' as const),
  fields: fc.record({ done: fc.boolean(), type: fc.constantFrom('call', 'meeting') }),
})
const removal = fc.record({
  do: fc.constantFrom('delete deal' as const, 'delete activity' as const, 'restore deal' as const, 'restore deal' as const),
  pick: fc.nat(30),
})
const wait = fc.record({ do: fc.constant('wait' as const), seconds: fc.constantFrom(1, 2, 30, 300) })
const comparison = fc.record({ do: fc.constant('compare' as const) })
const step = fc.oneof(
  { weight: 3, arbitrary: newDeal },
  { weight: 2, arbitrary: newActivity },
  { weight: 9, arbitrary: changeOfDeal },
  { weight: 5, arbitrary: changeOfActivity },
  { weight: 3, arbitrary: removal },
  { weight: 4, arbitrary: wait },
  { weight: 5, arbitrary: comparison },
)
/** A FormStep is one thing that happens in a history. */
export type FormStep = typeof step extends fc.Arbitrary<infer S> ? S : never

const behaviours: Partial<Behaviour>[] = [
  {},
  { newUpdateTime: 'a second later' },
  { newUpdateTime: 'null' },
  { deletedDealStatus: 'kept' },
  { webhookOrder: 'shuffled', webhookCopies: 2 },
]
const many = fc.array(step, { minLength: 4, maxLength: 40, size: 'max' })
/** One deal with much happening to it. */
const one = fc
  .array(
    fc.oneof(
      { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('delete deal' as const, 'restore deal' as const), pick: fc.constant(0) }) },
      { weight: 1, arbitrary: changeOfDeal },
      { weight: 2, arbitrary: comparison },
    ),
    { minLength: 6, maxLength: 16, size: 'max' },
  )
  .map((steps): FormStep[] => [{ do: 'create deal', fields: { status: 'open', is_archived: false }, byHand: null }, ...steps])

/** Random histories, with the behaviour of the sandbox and the filters of all triggers that take them. */
export const formHistories = fc.record({
  steps: fc.oneof({ weight: 4, arbitrary: many }, { weight: 1, arbitrary: one }),
  behaviour: fc.constantFrom(...behaviours),
  filters: fc.constantFrom<Row>({}, {}, { stage_id: '2' }, { pipeline_id: '1' }, { type: 'call' }),
})
