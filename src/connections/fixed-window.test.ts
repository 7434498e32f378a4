import fc from 'fast-check'
import { expect, test } from 'vitest'
import { manualClock } from '../kit/clock.ts'
import { createFixedWindow } from './fixed-window.ts'

test('the window opens with the first event, and a caller that waits as long as it says finds a new one', () => {
  const clock = manualClock()
  const window = createFixedWindow({ clock, limit: 2, seconds: 60 })
  window.add('a')
  clock.advance(20_500)
  window.add('a')
  expect(window.secondsUntilFree('a')).toBe(40)
  clock.advance(39_499)
  expect(window.secondsUntilFree('a')).toBe(1)
  clock.advance(1)
  expect(window.secondsUntilFree('a')).toBe(0)
})

test('one name does not use up the limit of another', () => {
  const window = createFixedWindow({ clock: manualClock(), limit: 1, seconds: 60 })
  window.add('a')
  expect([window.secondsUntilFree('a'), window.secondsUntilFree('b')]).toEqual([60, 0])
})

test('an event is taken back once, however often that is asked', () => {
  const window = createFixedWindow({ clock: manualClock(), limit: 2, seconds: 60 })
  window.add('a')
  const takeBack = window.add('a')
  takeBack()
  takeBack()
  expect(window.secondsUntilFree('a')).toBe(0)
  window.add('a')
  expect(window.secondsUntilFree('a')).toBe(60)
})

test('an event of a window that has ended is not taken from the next one', () => {
  const clock = manualClock()
  const window = createFixedWindow({ clock, limit: 1, seconds: 60 })
  const takeBack = window.add('a')
  clock.advance(60_000)
  window.add('a')
  takeBack()
  expect(window.secondsUntilFree('a')).toBe(60)
})

test('a window whose only event was taken back starts again with the next event', () => {
  const clock = manualClock()
  const window = createFixedWindow({ clock, limit: 1, seconds: 60 })
  window.add('a')()
  clock.advance(30_000)
  window.add('a')
  expect(window.secondsUntilFree('a')).toBe(60)
})

test('in no history does a window take more than its limit, and the wait that it names is exact to the second', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(30_000), { maxLength: 60 }), (pauses) => {
      const clock = manualClock()
      const window = createFixedWindow({ clock, limit: 5, seconds: 60 })
      let opened = -Infinity
      let events = 0
      for (const pause of pauses) {
        clock.advance(pause)
        if (clock.now() - opened >= 60_000) events = 0
        const wait = window.secondsUntilFree('a')
        if (events < 5) {
          expect(wait).toBe(0)
          if (events === 0) opened = clock.now()
          events++
          window.add('a')
        } else {
          expect(clock.now() + wait * 1000).toBeGreaterThanOrEqual(opened + 60_000)
          expect(clock.now() + (wait - 1) * 1000).toBeLessThan(opened + 60_000)
        }
      }
    }),
  )
})
