import { expect, test } from 'vitest'
import { manualClock } from '../kit/clock.ts'
import { createCircuits, type Passage } from './circuit.ts'

const second = 1_000
const minute = 60 * second

function setUp() {
  const clock = manualClock()
  const circuits = createCircuits(clock)
  return { clock, circuits, meet: (key: string) => circuits.enter(key)('blocked'), wait: (key: string) => circuits.blockedMs(key) }
}

test('calls flow as long as no firewall answers', () => {
  const { circuits, wait } = setUp()
  circuits.enter('a')('passed')
  circuits.enter('a')('unknown')
  expect(wait('a')).toBe(0)
})

test('a key that meets the firewall stays away for 60 s, other keys do not', () => {
  const { clock, meet, wait } = setUp()
  meet('a')
  expect([wait('a'), wait('b')]).toEqual([minute, 0])
  clock.advance(59 * second)
  expect(wait('a')).toBe(second)
  clock.advance(second)
  expect(wait('a')).toBe(0)
})

test('after the pause one call tries, the others wait for it', () => {
  const { clock, circuits, meet, wait } = setUp()
  meet('a')
  clock.advance(minute)
  const probe = circuits.enter('a')
  expect(wait('a')).toBeGreaterThan(0)
  probe('passed')
  expect(wait('a')).toBe(0)
})

test('each blocked probe doubles the pause, up to 15 minutes; a passed one starts over', () => {
  const { clock, circuits, meet, wait } = setUp()
  meet('a')
  const pauses = [1, 2, 3, 4, 5, 6].map(() => {
    clock.advance(wait('a'))
    meet('a')
    return wait('a') / minute
  })
  expect(pauses).toEqual([2, 4, 8, 15, 15, 15])
  clock.advance(wait('a'))
  circuits.enter('a')('passed')
  meet('a')
  expect(wait('a')).toBe(minute)
})

test('calls that were under way together when the firewall answered count as one meeting', () => {
  const { circuits, wait } = setUp()
  const under = [circuits.enter('a'), circuits.enter('a'), circuits.enter('a')]
  for (const leave of under) leave('blocked')
  expect(wait('a')).toBe(minute)
})

test('a call that was sent before the circuit opened does not close it', () => {
  const { circuits, meet, wait } = setUp()
  const early = circuits.enter('a')
  meet('a')
  early('passed')
  expect(wait('a')).toBe(minute)
})

test('a probe without an answer leaves the next call to try', () => {
  const { clock, circuits, meet, wait } = setUp()
  meet('a')
  clock.advance(minute)
  circuits.enter('a')('unknown')
  expect(wait('a')).toBe(0)
})

test('a probe that never reports blocks the key for a minute only', () => {
  const { clock, circuits, meet, wait } = setUp()
  meet('a')
  clock.advance(minute)
  circuits.enter('a')
  expect(wait('a')).toBe(minute)
  clock.advance(minute)
  expect(wait('a')).toBe(0)
})

test('three keys within a minute close the way for the whole server, until one probe passes', () => {
  const { clock, circuits, meet, wait } = setUp()
  meet('a')
  meet('b')
  expect(wait('d')).toBe(0)
  meet('c')
  expect(wait('d')).toBe(minute)
  clock.advance(minute)
  const probe = circuits.enter('d')
  expect(wait('e')).toBeGreaterThan(0)
  probe('passed')
  expect([wait('d'), wait('e')]).toEqual([0, 0])
})

test("each circuit that opens or closes is reported once: those of keys, and the server's", () => {
  const told: string[] = []
  const clock = manualClock()
  const circuits = createCircuits(clock, (state) => told.push(state))
  const pass = (key: string, passage: Passage) => circuits.enter(key)(passage)
  pass('a', 'passed')
  pass('a', 'blocked')
  expect(told.splice(0)).toEqual(['open'])
  clock.advance(minute)
  pass('a', 'blocked')
  pass('b', 'blocked')
  expect(told.splice(0)).toEqual(['open'])
  pass('c', 'blocked')
  expect(told.splice(0)).toEqual(['open', 'open'])
  clock.advance(20 * minute)
  for (const key of ['a', 'b', 'c']) pass(key, 'passed')
  expect(told).toEqual(['closed', 'closed', 'closed', 'closed'])
})

test('a blocked probe of the server doubles the pause of all', () => {
  const { clock, meet, wait } = setUp()
  for (const key of ['a', 'b', 'c']) meet(key)
  clock.advance(minute)
  meet('d')
  expect(wait('e')).toBe(2 * minute)
})

test('three keys over a longer time, or one key three times, do not close the server', () => {
  const { clock, meet, wait } = setUp()
  for (const key of ['a', 'b', 'c']) {
    meet(key)
    clock.advance(31 * second)
  }
  expect(wait('d')).toBe(0)
  clock.advance(20 * minute)
  for (let i = 0; i < 3; i++) {
    clock.advance(wait('a'))
    meet('a')
  }
  expect(wait('d')).toBe(0)
})
