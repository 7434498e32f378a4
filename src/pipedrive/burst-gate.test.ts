import { expect, test } from 'vitest'
import { manualClock } from '../kit/clock.ts'
import { createBurstGate } from './burst-gate.ts'

function setUp() {
  const clock = manualClock()
  return { clock, gate: createBurstGate(clock) }
}
const left = (remaining: number, limit = 20) => ({ limit, remaining, resetMs: 2_000 })

test('no call is delayed before an answer reports the limit, or without the headers', () => {
  const { gate } = setUp()
  for (let i = 0; i < 500; i++) gate.send('a')({})
  expect(gate.waitMs('a')).toBe(0)
})

test('an answer with nothing remaining delays the next call until the window resets, for this key only', () => {
  const { clock, gate } = setUp()
  gate.send('a')(left(0))
  expect([gate.waitMs('a'), gate.waitMs('b')]).toEqual([2_050, 0])
  clock.advance(2_000)
  expect(gate.waitMs('a')).toBe(0)
})

test('calls sent after the answered one are subtracted from its remaining ones', () => {
  const { gate } = setUp()
  const first = gate.send('a')
  gate.send('a')
  first(left(3))
  expect(gate.waitMs('a')).toBe(0)
  gate.send('a')
  expect(gate.waitMs('a')).toBe(0)
  gate.send('a')
  expect(gate.waitMs('a')).toBe(2_050)
})

test('calls that went out before the answered one are counted in its answer already', () => {
  const { gate } = setUp()
  for (let i = 0; i < 15; i++) gate.send('a')
  gate.send('a')(left(4))
  for (let i = 0; i < 3; i++) gate.send('a')
  expect(gate.waitMs('a')).toBe(0)
  gate.send('a')
  expect(gate.waitMs('a')).toBe(2_050)
})

test('an answer that arrives late does not overwrite a later one', () => {
  const { gate } = setUp()
  const early = gate.send('a')
  gate.send('a')(left(0))
  early(left(1))
  expect(gate.waitMs('a')).toBe(2_050)
})

test('after a pause no more calls go out at once than the limit that is known', () => {
  const { clock, gate } = setUp()
  gate.send('a')(left(4, 5))
  clock.advance(60_000)
  const out = () => {
    let sent = 0
    while (gate.waitMs('a') === 0 && sent < 100) {
      gate.send('a')
      sent++
    }
    return sent
  }
  expect([out(), gate.waitMs('a')]).toEqual([5, 2_050])
  clock.advance(2_050)
  expect(out()).toBe(5)
})

test('an epoch or an invalid value in the reset header delays no call for more than 10 s', () => {
  const { gate } = setUp()
  gate.send('a')({ limit: 20, remaining: 0, resetMs: 86_400_000 })
  expect(gate.waitMs('a')).toBe(10_050)
})

test('a limit of zero is not believed', () => {
  const { gate } = setUp()
  gate.send('a')({ limit: 0, remaining: 0, resetMs: 1_000 })
  expect(gate.waitMs('a')).toBe(0)
})

test('before an upstream that counts in windows, a busy key is never refused', () => {
  const { clock, gate } = setUp()
  const limit = 5
  let window = { start: -Infinity, calls: 0 }
  let refused = 0
  for (let i = 0; i < 200; i++) {
    clock.advance(gate.waitMs('a'))
    const answered = gate.send('a')
    if (clock.now() - window.start >= 2_000) window = { start: clock.now(), calls: 0 }
    if (++window.calls > limit) refused++
    answered({ limit, remaining: Math.max(0, limit - window.calls), resetMs: window.start + 2_000 - clock.now() })
    clock.advance((i % 7) * 90)
  }
  expect(refused).toBe(0)
})
