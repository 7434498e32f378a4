import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSteadyClock } from './steady-clock.ts'

const HOUR_MS = 3_600_000

function steady() {
  let machine = 1_000_000_000_000
  let elapsed = 0
  const clock = createSteadyClock({ machine: () => machine, elapsed: () => elapsed })
  return {
    clock,
    pass: (ms: number) => void ((machine += ms), (elapsed += ms)),
    set: (ms: number) => void (machine += ms),
    machine: () => machine,
  }
}

test('it is the machine’s clock as long as that is not changed', () => {
  const { clock, pass, machine } = steady()
  pass(1_234)
  expect(clock.now()).toBe(machine())
})

test('a step forward is taken at once', () => {
  const { clock, set, machine } = steady()
  set(HOUR_MS)
  expect(clock.now()).toBe(machine())
})

test('after a step back it goes on at half its speed, until both agree', () => {
  const { clock, pass, set, machine } = steady()
  const before = clock.now()
  set(-HOUR_MS)
  expect(clock.now()).toBe(before)
  pass(10_000)
  expect(clock.now()).toBe(before + 5_000)
  pass(2 * HOUR_MS)
  expect(clock.now()).toBe(machine())
})

test('after any change of the machine’s clock, it never goes back and no minute takes more than two', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(100_000), fc.integer({ min: -10 * HOUR_MS, max: HOUR_MS }))), (steps) => {
      const { clock, pass, set } = steady()
      for (const [ms, by] of steps) {
        const before = clock.now()
        set(by)
        pass(ms)
        expect(clock.now() - before).toBeGreaterThanOrEqual(Math.floor(ms / 2) - 1)
      }
    }),
  )
})
