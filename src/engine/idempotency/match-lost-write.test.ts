import fc from 'fast-check'
import { expect, test } from 'vitest'
import { matchLostWrite, type ReadBackResult, type LostWriteVerdict } from './match-lost-write.ts'

const nothing: ReadBackResult = {
  same: [],
  similar: [],
  beyond: false,
  inFlight: 0,
  inFlightOther: 0,
  undecided: 0,
  givenUp: 0,
  last: false,
  over: false,
}
const last = { last: true }
const over = { last: true, over: true }
const readOn: LostWriteVerdict = { do: 'read-on' }
const giveUp = (...candidates: number[]): LostWriteVerdict => ({ do: 'give-up', candidates })
const take = (id: number): LostWriteVerdict => ({ do: 'take', id })

test.each<[string, Partial<ReadBackResult>, LostWriteVerdict]>([
  ['nothing yet: read on', {}, readOn],
  ['nothing at the last look: repeated', last, { do: 'repeat' }],
  ['nothing, while others are on their way: theirs is theirs', { ...last, inFlight: 3 }, { do: 'repeat' }],
  ['one at the first look: the answer', { same: [7] }, take(7)],
  ['one, and something similar: the same one', { same: [7], similar: [8] }, take(7)],
  ['one, which may be of a write on its way: read on', { same: [7], inFlight: 1 }, readOn],
  ['even after the settle time', { ...last, same: [7], inFlight: 1 }, readOn],
  ['but not for ever', { ...over, same: [7], inFlight: 1 }, giveUp(7)],
  ['several: perhaps others take theirs', { same: [7, 8] }, readOn],
  ['several at the last look: nobody knows', { ...last, same: [7, 8] }, giveUp(7, 8)],
  ['as many as look for one: each takes one', { same: [7, 8], undecided: 1 }, take(7)],
  ['fewer than look for one: who finds none repeats', { same: [7], undecided: 1 }, take(7)],
  ['more than look for one', { ...last, same: [7, 8, 9], undecided: 1 }, giveUp(7, 8, 9)],
  ['one, which may be of somebody who was given up', { ...last, same: [7], givenUp: 1 }, giveUp(7)],
  ['one for each, also for those who were given up', { same: [7, 8], givenUp: 1 }, take(7)],
  ['one, but not everything was looked at', { ...last, same: [7], beyond: true }, giveUp(7)],
  ['a similar one may yet become the same', { similar: [7] }, readOn],
  ['a similar one at the last look is never repeated', { ...last, similar: [7] }, giveUp(7)],
  ['a similar one, while others are on their way', { ...last, similar: [7], inFlightOther: 1 }, readOn],
  ['a similar one, while others are for ever on their way', { ...over, similar: [7], inFlightOther: 1 }, giveUp(7)],
  ['nothing, but not everything was looked at', { ...last, beyond: true }, giveUp()],
])('%s', (_, facts, verdict) => {
  expect(matchLostWrite({ ...nothing, ...facts })).toEqual(verdict)
})

const readings: fc.Arbitrary<ReadBackResult> = fc
  .record({
    same: fc.uniqueArray(fc.nat(20), { maxLength: 4 }).map((ids) => ids.toSorted((a, b) => a - b)),
    similar: fc.uniqueArray(fc.nat(20), { maxLength: 2 }),
    beyond: fc.boolean(),
    inFlight: fc.nat(2),
    inFlightOther: fc.nat(2),
    undecided: fc.nat(3),
    givenUp: fc.nat(2),
    last: fc.boolean(),
    over: fc.boolean(),
  })
  .map((reading) => ({ ...reading, last: reading.last || reading.over }))

test('what there is any trace of is never repeated, and nothing is repeated before the settle time is over', () => {
  fc.assert(
    fc.property(readings, (reading) => {
      if (matchLostWrite(reading).do !== 'repeat') return
      expect(reading).toMatchObject({ same: [], similar: [], beyond: false, last: true })
    }),
  )
})

test('nobody takes a record that a write on its way may be making, or more than the seekers can have made', () => {
  fc.assert(
    fc.property(readings, (reading) => {
      const verdict = matchLostWrite(reading)
      if (verdict.do !== 'take') return
      expect(reading.inFlight).toBe(0)
      expect(reading.same.length).toBeLessThanOrEqual(1 + reading.undecided + reading.givenUp)
      expect(verdict.id).toBe(Math.min(...reading.same))
    }),
  )
})

test('a look after which nobody reads on decides', () => {
  fc.assert(
    fc.property(readings, (reading) => {
      expect(matchLostWrite({ ...reading, last: true, over: true }).do).not.toBe('read-on')
    }),
  )
})

test('as many equal seekers as records end with one each, in whatever order they look', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.nat(5), (seekers, committed) => {
      let free = Array.from({ length: Math.min(seekers, committed) }, (_, n) => n + 1)
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
