import { expect, test } from 'vitest'
import { manualClock } from '../kit/clock.ts'
import { noMetrics } from '../kit/metrics.ts'
import { createAuthThrottle } from './auth-throttle.ts'

const ADDRESS = '203.0.113.1'
const setup = () => {
  const clock = manualClock()
  return { clock, throttle: createAuthThrottle({ clock, metrics: noMetrics }) }
}
const names = (count: number) => Array.from({ length: count }, (_, index) => `key ${index}`)
const nextTick = () => new Promise((resolve) => setImmediate(resolve))

test('of many valid keys that arrive at once, 20 are on trial at a time and all pass', async () => {
  const { throttle } = setup()
  let onTrial = 0
  let most = 0
  const call = async (name: string) => {
    const end = await throttle.startTrial(name, ADDRESS)
    most = Math.max(most, ++onTrial)
    await nextTick()
    throttle.recordAcceptance(name)
    onTrial--
    end()
  }
  await Promise.all(names(75).map(call))
  expect(most).toBe(20)
})

test('parallel calls of one key take one place', async () => {
  const { throttle } = setup()
  const ends = await Promise.all(Array.from({ length: 100 }, () => throttle.startTrial('one key', ADDRESS)))
  await throttle.startTrial('another key', ADDRESS)
  ends.forEach((end) => end())
})

test('refusals leave fewer places, and those who wait are refused with them', async () => {
  const { throttle } = setup()
  for (const name of names(18)) throttle.recordRefusal(name, ADDRESS)
  const [first, second] = await Promise.all([throttle.startTrial('a', ADDRESS), throttle.startTrial('b', ADDRESS)])
  const third = throttle.startTrial('c', ADDRESS)
  throttle.recordRefusal('a', ADDRESS)
  first()
  throttle.recordRefusal('b', ADDRESS)
  second()
  await expect(third).rejects.toMatchObject({ status: 429, code: 'TooManyRefusedKeys' })
})

test('a place is free again after an outage, which says nothing about the key', async () => {
  const { throttle } = setup()
  const ends = await Promise.all(names(20).map((name) => throttle.startTrial(name, ADDRESS)))
  const late = throttle.startTrial('late', ADDRESS)
  ends[7]!()
  await late
})
