import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EventType } from '../../catalog/contract/records/record-kind.ts'
import { createModel, type Model } from './model.fixture.ts'
import type { RecordId } from '../../kit/record-id.ts'

const EVENT_TYPES: readonly EventType[] = ['added', 'updated', 'moved', 'won', 'lost']

const change = fc.oneof(
  fc.record({ status: fc.constantFrom('open', 'won', 'lost') }),
  fc.record({ stage_id: fc.constantFrom(1, 2, 3) }),
  fc.record({ title: fc.constantFrom('Chairs', 'Tables') }),
  fc.record({ custom_fields: fc.record({ colour: fc.constantFrom('red', 'green') }) }),
)
/** A step is one thing that happens; webhooks arrive by their place among those that are pending. */
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('add' as const), as: fc.constantFrom('open', 'open', 'won', 'lost') }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('change' as const), deal: fc.nat(2), to: change }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(0, 1, 400, 1_000, 15_000, 200_000) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('arrive' as const), at: fc.nat(20), stays: fc.boolean(), renamed: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('reconcile' as const) }) },
)
type HistoryStep = typeof step extends fc.Arbitrary<infer S> ? S : never

/** A webhook that is sent again under another id. */
const renamedBody = (body: Record<string, unknown>, times: number) => ({
  ...body,
  meta: { ...(body['meta'] as object), id: `attempt-${times}`, attempt: 2 },
})

/** Plays a history. Returns the webhooks that have not arrived, and those that have, by their place. */
function play(model: Model, steps: readonly HistoryStep[]): { waiting: Set<number>; arrived: Set<number> } {
  const waiting = new Set<number>()
  const arrived = new Set<number>()
  const ids: number[] = []
  let created = 0
  for (const [at, one] of steps.entries()) {
    if (one.do === 'add') ids.push(model.add(one.as))
    if (one.do === 'change' && ids.length > 0) model.change(ids[one.deal % ids.length]!, one.to)
    if (one.do === 'pass') model.advance(one.ms)
    if (one.do === 'reconcile') model.reconcile()
    for (; created < model.webhooks.length; created++) waiting.add(created)
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

const count = (model: Model, recordId: RecordId, eventType: EventType) =>
  model.recorded.filter((event) => event.recordId === recordId && event.eventType === eventType).length
const realCount = (model: Model, recordId: RecordId, eventType: EventType, which: (at: number) => boolean = () => true) =>
  model.changes.filter((one, at) => which(at) && one.recordId === recordId && one.eventTypes.includes(eventType)).length
const recordsOf = (model: Model) => [...new Set(model.changes.map(({ recordId }) => recordId))]

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
        for (const eventType of EVENT_TYPES)
          expect([recordId, eventType, count(model, recordId, eventType)]).toEqual([
            recordId,
            eventType,
            realCount(model, recordId, eventType),
          ])
    }),
    { numRuns: 400 },
  )
})

test('when webhooks are lost, every one that arrived is recorded, nothing else is, and no net difference is missed', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const model = createModel()
      const { arrived } = play(model, steps)
      settle(model)
      settle(model)
      for (const recordId of recordsOf(model))
        for (const eventType of EVENT_TYPES) {
          const recorded = count(model, recordId, eventType)
          expect(recorded).toBeLessThanOrEqual(realCount(model, recordId, eventType))
          expect(recorded).toBeGreaterThanOrEqual(realCount(model, recordId, eventType, (at) => arrived.has(at)))
        }
    }),
    { numRuns: 400 },
  )
})
