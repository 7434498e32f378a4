import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EventType } from '../../catalog/contract/records/record-kind.ts'
import { createModel, type Model } from './model.fixture.ts'

const HAPPENINGS: readonly EventType[] = ['added', 'updated', 'moved', 'won', 'lost']

const change = fc.oneof(
  fc.record({ status: fc.constantFrom('open', 'won', 'lost') }),
  fc.record({ stage_id: fc.constantFrom(1, 2, 3) }),
  fc.record({ title: fc.constantFrom('Chairs', 'Tables') }),
  fc.record({ custom_fields: fc.record({ colour: fc.constantFrom('red', 'green') }) }),
)
/** A Step is one thing that happens; webhooks arrive by their place among those that are under way. */
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('add' as const) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('change' as const), deal: fc.nat(2), to: change }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(0, 1, 400, 1_000, 15_000, 200_000) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('arrive' as const), at: fc.nat(20), stays: fc.boolean(), renamed: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('reconcile' as const) }) },
)
type HistoryStep = typeof step extends fc.Arbitrary<infer S> ? S : never

/** A webhook that is tried again, perhaps under another name. */
const renamedBody = (body: Record<string, unknown>, times: number) => ({
  ...body,
  meta: { ...(body['meta'] as object), id: `attempt-${times}`, attempt: 2 },
})

/** Plays a history; the webhooks that have not arrived at its end, in the order in which they were made. */
function play(model: Model, steps: readonly HistoryStep[]): { waiting: Set<number>; arrived: Set<number> } {
  const waiting = new Set<number>()
  const arrived = new Set<number>()
  const ids: number[] = []
  let seen = 0
  for (const [at, one] of steps.entries()) {
    if (one.do === 'add') ids.push(model.add())
    if (one.do === 'change' && ids.length > 0) model.change(ids[one.deal % ids.length]!, one.to)
    if (one.do === 'pass') model.advance(one.ms)
    if (one.do === 'reconcile') model.reconcile()
    for (; seen < model.webhooks.length; seen++) waiting.add(seen)
    if (one.do === 'arrive') {
      const all = [...waiting, ...arrived]
      const which = all[one.at % Math.max(1, all.length)]
      if (which === undefined) continue
      model.arrive(one.renamed ? renamedBody(model.webhooks[which]!, at) : model.webhooks[which]!)
      arrived.add(which)
      if (!one.stays) waiting.delete(which)
    }
  }
  return { waiting, arrived }
}

const count = (model: Model, recordId: number, happening: EventType) =>
  model.told.filter((event) => event.recordId === recordId && event.happening === happening).length
const realCount = (model: Model, recordId: number, happening: EventType, which: (at: number) => boolean = () => true) =>
  model.real.filter((one, at) => which(at) && one.recordId === recordId && one.happenings.includes(happening)).length
const recordsOf = (model: Model) => [...new Set(model.real.map(({ recordId }) => recordId))]

const settle = (model: Model) => {
  model.advance(60_000)
  model.reconcile()
}

test('when every webhook arrives, in any order, any number of times, there is exactly one event for each change, however often lists are compared', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), fc.infiniteStream(fc.nat()), (steps, dice) => {
      const model = createModel()
      const { waiting } = play(model, steps)
      const rest = [...waiting].map((at) => [dice.next().value, at] as const).toSorted(([a], [b]) => a - b)
      for (const [, at] of rest) model.arrive(model.webhooks[at]!)
      settle(model)
      settle(model)
      for (const recordId of recordsOf(model))
        for (const happening of HAPPENINGS)
          expect([recordId, happening, count(model, recordId, happening)]).toEqual([
            recordId,
            happening,
            realCount(model, recordId, happening),
          ])
    }),
    { numRuns: 400 },
  )
})

test('when webhooks are lost, every one that arrived is told, nothing is told that was not, and no net difference stays untold', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const model = createModel()
      const { arrived } = play(model, steps)
      settle(model)
      settle(model)
      for (const recordId of recordsOf(model))
        for (const happening of HAPPENINGS) {
          const told = count(model, recordId, happening)
          expect(told).toBeLessThanOrEqual(realCount(model, recordId, happening))
          expect(told).toBeGreaterThanOrEqual(realCount(model, recordId, happening, (at) => arrived.has(at)))
        }
    }),
    { numRuns: 400 },
  )
})
