import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { silentLogger } from '../kit/logger.ts'
import { StoreUnavailable } from './errors/store-unavailable.ts'
import { createHousekeeping } from './housekeeping.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a task runs every so often, but never beside itself', async () => {
  const housekeeping = createHousekeeping(silentLogger)
  const ends: (() => void)[] = []
  housekeeping.every('slow', 1000, () => new Promise<void>((resolve) => ends.push(resolve)))
  await vi.advanceTimersByTimeAsync(999)
  expect(ends).toHaveLength(0)
  await vi.advanceTimersByTimeAsync(3001)
  expect(ends).toHaveLength(1)
  ends[0]!()
  await vi.advanceTimersByTimeAsync(1000)
  expect(ends).toHaveLength(2)
})

test('one that fails is logged by its name, and runs again', async () => {
  const warn = vi.fn<(fields: object, message: string) => void>()
  const housekeeping = createHousekeeping({ ...silentLogger, warn } as unknown as typeof silentLogger)
  const task = vi.fn<() => Promise<void>>(() => Promise.reject(new Error('disk full')))
  housekeeping.every('sweep', 1000, task)
  await vi.advanceTimersByTimeAsync(2000)
  expect(task).toHaveBeenCalledTimes(2)
  expect(warn).toHaveBeenCalledWith({ task: 'sweep', reason: 'disk full' }, 'housekeeping failed; will retry')
})

test('of a database that does not answer the log has the reason, not the words for callers', async () => {
  const warn = vi.fn<(fields: object, message: string) => void>()
  const housekeeping = createHousekeeping({ ...silentLogger, warn } as unknown as typeof silentLogger)
  housekeeping.every('sweep', 1000, () => Promise.reject(new StoreUnavailable(new Error('connect ECONNREFUSED'))))
  await vi.advanceTimersByTimeAsync(1000)
  expect(warn).toHaveBeenCalledWith({ task: 'sweep', reason: 'connect ECONNREFUSED' }, expect.anything())
})

test('stop waits for what runs, and starts nothing any more', async () => {
  const housekeeping = createHousekeeping(silentLogger)
  const { promise, resolve } = Promise.withResolvers<void>()
  const task = vi.fn<() => Promise<void>>(() => promise)
  housekeeping.every('sweep', 1000, task)
  await vi.advanceTimersByTimeAsync(1000)
  let stopped = false
  const stopping = housekeeping.stop().then(() => void (stopped = true))
  await vi.advanceTimersByTimeAsync(5000)
  expect(stopped).toBe(false)
  resolve()
  await stopping
  expect(task).toHaveBeenCalledTimes(1)
})
