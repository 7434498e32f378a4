import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RecordId } from '../../kit/record-id.ts'
import { matchLostWrite, type LostWriteObservation, type LostWriteVerdict } from './match-lost-write.ts'

const nothing: LostWriteObservation = {
  same: [],
  similar: [],
  truncated: false,
  inFlight: 0,
  inFlightOther: 0,
  undecided: 0,
  givenUp: 0,
  settled: false,
  timedOut: false,
}
const last = { settled: true }
const over = { settled: true, timedOut: true }
const readOn: LostWriteVerdict = { do: 'read-again' }
const giveUp = (...candidates: number[]): LostWriteVerdict => ({ do: 'give-up', candidates })
const take = (id: number): LostWriteVerdict => ({ do: 'take', id })

test.each<[string, Partial<LostWriteObservation>, LostWriteVerdict]>([
  ['nothing yet: reads again', {}, readOn],
  ['nothing after the settle time: repeated', last, { do: 'repeat' }],
  ['nothing, while other writes are in flight: repeated', { ...last, inFlight: 3 }, { do: 'repeat' }],
  ['one at the first read: the answer', { same: [7] }, take(7)],
  ['one, and a similar one: the same one', { same: [7], similar: [8] }, take(7)],
  ['one, which may belong to a write in flight: reads again', { same: [7], inFlight: 1 }, readOn],
  ['even after the settle time', { ...last, same: [7], inFlight: 1 }, readOn],
  ['until the time is over', { ...over, same: [7], inFlight: 1 }, giveUp(7)],
  ['several: other calls may claim theirs', { same: [7, 8] }, readOn],
  ['several after the settle time: undecided', { ...last, same: [7, 8] }, giveUp(7, 8)],
  ['as many as pending read-backs: each claims one', { same: [7, 8], undecided: 1 }, take(7)],
  ['fewer than pending read-backs: a call that finds none repeats', { same: [7], undecided: 1 }, take(7)],
  ['more than pending read-backs', { ...last, same: [7, 8, 9], undecided: 1 }, giveUp(7, 8, 9)],
  ['one, which may belong to an abandoned call', { ...last, same: [7], givenUp: 1 }, giveUp(7)],
  ['one for each call, abandoned ones included', { same: [7, 8], givenUp: 1 }, take(7)],
  ['one, but not every record was read', { ...last, same: [7], truncated: true }, giveUp(7)],
  ['a similar one may yet become the same', { similar: [7] }, readOn],
  ['a similar one after the settle time is never repeated', { ...last, similar: [7] }, giveUp(7)],
  ['a similar one, while other writes are in flight', { ...last, similar: [7], inFlightOther: 1 }, readOn],
  ['a similar one, while other writes stay in flight until the time is over', { ...over, similar: [7], inFlightOther: 1 }, giveUp(7)],
  ['nothing, but not every record was read', { ...last, truncated: true }, giveUp()],
])('%s', (_, facts, verdict) => {
  expect(matchLostWrite({ ...nothing, ...facts })).toEqual(verdict)
})

const readings: fc.Arbitrary<LostWriteObservation> = fc
  .record({
    same: fc.uniqueArray(fc.nat(20), { maxLength: 4 }).map((ids) => ids.toSorted((a, b) => a - b)),
    similar: fc.uniqueArray(fc.nat(20), { maxLength: 2 }),
    truncated: fc.boolean(),
    inFlight: fc.nat(2),
    inFlightOther: fc.nat(2),
    undecided: fc.nat(3),
    givenUp: fc.nat(2),
    settled: fc.boolean(),
    timedOut: fc.boolean(),
  })
  .map((reading) => ({ ...reading, settled: reading.settled || reading.timedOut }))

test('what there is any trace of is never repeated, and nothing is repeated before the settle time is over', () => {
  fc.assert(
    fc.property(readings, (reading) => {
      if (matchLostWrite(reading).do !== 'repeat') return
      expect(reading).toMatchObject({ same: [], similar: [], truncated: false, settled: true })
    }),
  )
})

test('no seeker takes a record that a pending write may be creating, or more records than the seekers can have created', () => {
  fc.assert(
    fc.property(readings, (reading) => {
      const verdict = matchLostWrite(reading)
      if (verdict.do !== 'take') return
      expect(reading.inFlight).toBe(0)
      expect(reading.same.length).toBeLessThanOrEqual(1 + reading.undecided + reading.givenUp)
      expect(verdict.id).toBe(reading.same[0])
    }),
  )
})

test('a settled reading after the time limit decides', () => {
  fc.assert(
    fc.property(readings, (reading) => {
      expect(matchLostWrite({ ...reading, settled: true, timedOut: true }).do).not.toBe('read-again')
    }),
  )
})

test('as many equal seekers as records end with one each, in any order of their readings', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.nat(5), (seekers, committed) => {
      let free: RecordId[] = Array.from({ length: Math.min(seekers, committed) }, (_, n) => n + 1)
      let repeats = 0
      for (let undecided = seekers - 1; undecided >= 0; undecided--) {
        const verdict = matchLostWrite({ ...nothing, ...last, same: free, undecided })
        if (verdict.do === 'take') free = free.filter((id) => id !== verdict.id)
        else {
          expect(verdict).toEqual({ do: 'repeat' })
          repeats++
        }
      }
      expect([free, repeats]).toEqual([[], seekers - Math.min(seekers, committed)])
    }),
  )
})
