import { expect, test } from 'vitest'
import { manualClock } from '../kit/clock.ts'
import { createBurstGate } from './burst-gate.ts'

function setUp() {
  const clock = manualClock()
  const gate = createBurstGate(clock)
  return { clock, gate }
}

test('nothing is held up before an answer has told the limit, or when the headers are missing', () => {
  const { gate } = setUp()
  for (let i = 0; i < 500; i++) gate.sent('a')
  expect(gate.waitMs('a')).toBe(0)
  gate.answered('a', {})
  expect(gate.waitMs('a')).toBe(0)
})

test('an answer that leaves nothing holds the next call until the window is new', () => {
  const { clock, gate } = setUp()
  gate.sent('a')
  gate.answered('a', { limit: 20, remaining: 0, resetMs: 2_000 })
  expect(gate.waitMs('a')).toBe(2_050)
  expect(gate.waitMs('b')).toBe(0)
  clock.advance(2_000)
  expect(gate.waitMs('a')).toBe(0)
})

test('our own calls since the last answer are taken off what it left', () => {
  const { gate } = setUp()
  gate.answered('a', { limit: 20, remaining: 2, resetMs: 1_000 })
  gate.sent('a')
  expect(gate.waitMs('a')).toBe(0)
  gate.sent('a')
  expect(gate.waitMs('a')).toBe(1_050)
})

test('a whole window of our own calls holds the next one until the oldest has left it, whatever late answers say', () => {
  const { clock, gate } = setUp()
  gate.answered('a', { limit: 3, remaining: 3, resetMs: 2_000 })
  for (let i = 0; i < 3; i++) {
    gate.sent('a')
    clock.advance(100)
  }
  gate.answered('a', { limit: 3, remaining: 2, resetMs: 2_000 })
  expect(gate.waitMs('a')).toBe(1_750)
  clock.advance(1_750)
  expect(gate.waitMs('a')).toBe(0)
})

test('an epoch or nonsense in the reset header holds nobody for more than 10 s', () => {
  const { gate } = setUp()
  gate.answered('a', { limit: 20, remaining: 0, resetMs: 86_400_000 })
  expect(gate.waitMs('a')).toBe(10_050)
})

test('a limit of zero is not believed', () => {
  const { clock, gate } = setUp()
  gate.answered('a', { limit: 0, remaining: 0, resetMs: 1_000 })
  clock.advance(1_000)
  expect(gate.waitMs('a')).toBe(0)
})

test('a busy key at its limit never sends more than the limit in any window', () => {
  const { clock, gate } = setUp()
  const sent: number[] = []
  gate.answered('a', { limit: 5, remaining: 5, resetMs: 2_000 })
  for (let i = 0; i < 40; i++) {
    clock.advance(gate.waitMs('a'))
    expect(gate.waitMs('a')).toBe(0)
    gate.sent('a')
    sent.push(clock.now())
    clock.advance((i % 4) * 30)
  }
  const busiest = Math.max(...sent.map((from) => sent.filter((at) => at >= from && at < from + 2_000).length))
  expect(busiest).toBe(5)
})
