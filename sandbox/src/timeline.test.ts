import { setTimeout as realTime } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { eventually } from './eventually.fixture.ts'
import { manualClock, systemClock } from './clock.ts'
import { createTimeline } from './timeline.ts'

function recorder() {
  const clock = manualClock(0)
  const timeline = createTimeline(clock)
  const visible: [string, number][] = []
  const note = (name: string) => () => void visible.push([name, timeline.now()])
  return { clock, timeline, seen: visible, note }
}

test('a jump runs due work in the order of its moments, ties in the order of planning, each at its own moment', async () => {
  const { timeline, seen: visible, note } = recorder()
  timeline.at(300, note('last'))
  timeline.at(100, note('first'))
  timeline.at(200, note('tie a'))
  timeline.at(200, note('tie b'))
  timeline.at(301, note('not yet'))
  timeline.advance(300)
  expect(visible).toEqual([
    ['first', 100],
    ['tie a', 200],
    ['tie b', 200],
    ['last', 300],
  ])
  expect(timeline.now()).toBe(300)
})

test('work that due work plans finds its place in the same jump', async () => {
  const { timeline, seen: visible, note } = recorder()
  timeline.at(100, () => void timeline.at(timeline.now() + 50, note('retry')))
  timeline.at(200, note('later'))
  timeline.set(1_000)
  expect(visible).toEqual([
    ['retry', 150],
    ['later', 200],
  ])
})

test('work that waits keeps its time and delays later work, while other code sees the new time', async () => {
  const { timeline, seen: visible, note } = recorder()
  timeline.at(100, async () => {
    await realTime(5)
    note('waited')()
    timeline.at(timeline.now() + 3, note('its retry'))
  })
  timeline.at(200, note('after it'))
  timeline.advance(500)
  expect([timeline.now(), visible]).toEqual([500, []])
  await timeline.settle()
  expect(visible).toEqual([
    ['waited', 100],
    ['its retry', 103],
    ['after it', 200],
  ])
})

test('frozen time stops, and resumed time continues from there', () => {
  const { clock, timeline } = recorder()
  clock.advance(10)
  timeline.freeze()
  clock.advance(1_000)
  expect([timeline.now(), timeline.frozen]).toEqual([10, true])
  timeline.advance(5)
  expect(timeline.now()).toBe(15)
  timeline.resume()
  clock.advance(7)
  expect([timeline.now(), timeline.frozen]).toEqual([22, false])
})

test("a test's own clock drives the work: it runs in order at the next touch", () => {
  const { clock, timeline, seen: visible, note } = recorder()
  timeline.at(200, note('b'))
  timeline.at(100, note('a'))
  clock.advance(1_000)
  expect(visible).toEqual([])
  timeline.runDue()
  expect(visible).toEqual([
    ['a', 100],
    ['b', 200],
  ])
})

test('work for now runs after the current turn, also while time is frozen', async () => {
  const { timeline, seen: visible, note } = recorder()
  timeline.freeze()
  timeline.at(0, note('now'))
  expect(visible).toEqual([])
  await timeline.settle()
  expect(visible).toEqual([['now', 0]])
  timeline.at(0, note('again'))
  await realTime(20)
  expect(visible).toHaveLength(2)
})

test('cancelled work does not run', () => {
  const { timeline, seen: visible, note } = recorder()
  const cancel = timeline.at(5, note('never'))
  cancel()
  timeline.advance(10)
  expect(visible).toEqual([])
})

test('moving back runs nothing and keeps the schedule', () => {
  const { timeline, seen: visible, note } = recorder()
  timeline.at(50, note('planned'))
  timeline.set(-1_000)
  timeline.set(49)
  expect(visible).toEqual([])
  timeline.set(50)
  expect(visible).toEqual([['planned', 50]])
})

test('running time starts work without a call, and concurrently', async () => {
  const timeline = createTimeline(systemClock)
  const visible: string[] = []
  let end = () => {}
  timeline.at(timeline.now(), () => new Promise<void>((resolve) => (end = resolve)))
  timeline.at(timeline.now() + 5, () => void visible.push('not held up'))
  await eventually(() => expect(visible).toEqual(['not held up']))
  const settled = timeline.settle()
  end()
  await settled
})

test('running time can jump, and work scheduled far ahead runs', async () => {
  const timeline = createTimeline(systemClock)
  const visible: number[] = []
  const due = timeline.now() + 40 * 86_400_000
  timeline.at(due, () => void visible.push(timeline.now()))
  timeline.advance(41 * 86_400_000)
  expect(visible).toEqual([due])
  await timeline.settle()
})

test('settle rejects with an error of due work', async () => {
  const { timeline } = recorder()
  timeline.at(1, () => {
    throw new Error('broken')
  })
  timeline.advance(1)
  await expect(timeline.settle()).rejects.toThrow('broken')
})

test('work that settles does not wait for itself', async () => {
  const { timeline } = recorder()
  timeline.at(1, () => timeline.settle())
  timeline.advance(1)
  await timeline.settle()
})

test('a sleeper wakes at its time, or when its signal aborts', async () => {
  const { timeline } = recorder()
  timeline.freeze()
  const slept = timeline.sleep(100)
  timeline.advance(100)
  await slept
  const stop = new AbortController()
  const disturbed = timeline.sleep(100, stop.signal)
  stop.abort(new Error('enough'))
  await expect(disturbed).rejects.toThrow('enough')
})

test('cleared, it shows the clock underneath and has no plans', () => {
  const { timeline, seen: visible, note } = recorder()
  timeline.freeze()
  timeline.set(500)
  timeline.at(600, note('never'))
  timeline.clear()
  timeline.advance(1_000)
  expect([timeline.now(), visible]).toEqual([1_000, []])
})

test('clear wakes all sleepers', async () => {
  const { timeline } = recorder()
  timeline.freeze()
  const slept = timeline.sleep(100)
  timeline.clear()
  await slept
})
