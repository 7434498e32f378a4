import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { eventually, PATIENCE_MS } from './eventually.fixture.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

const HALF_MS = PATIENCE_MS / 2 + 1

test('what succeeds in the end is returned, however long it took while something progressed', async () => {
  let looks = 0
  const look = () => {
    vi.advanceTimersByTime(HALF_MS)
    expect(++looks).toBe(6)
    return looks
  }
  expect(await eventually(look)).toBe(6)
})

test('progress that the error does not show is progress', async () => {
  let looks = 0
  const look = () => {
    vi.advanceTimersByTime(HALF_MS)
    if (++looks < 6) throw new Error('not yet')
  }
  await eventually(look, () => looks)
  expect(looks).toBe(6)
})

test('where nothing progresses for long, the last error is thrown', async () => {
  let looks = 0
  const look = () => {
    vi.advanceTimersByTime(HALF_MS)
    looks++
    throw new Error('never')
  }
  await expect(eventually(look, () => 'the same')).rejects.toThrow('never')
  expect(looks).toBe(3)
})
