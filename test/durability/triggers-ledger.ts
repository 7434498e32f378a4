import { Console } from 'node:console'
import { afterAll, expect } from 'vitest'
import type { ReceivedRequest } from './triggers-receiver.ts'

/** A DeliveryTally is the result of one history, counted at the receiver. */
export interface DeliveryTally {
  scenario: string
  store: string
  expected: number
  received: number
  lost: number
  /** Events that arrived under more than one id, or that were not expected. */
  'second ids': number
  /** Requests for deliveries that the receiver had already accepted. */
  repeats: number
  'found by reconciliation': number
  'tokens per event': number
}

/** A DeliveryLedger compares the events that a history caused in Pipedrive with the requests that reached the receiver. */
export interface DeliveryLedger {
  /** Expects this number of events for each of these records at this path. */
  expect(path: string, records: readonly number[], times?: number): void
  count(requests: readonly ReceivedRequest[]): Pick<DeliveryTally, 'expected' | 'received' | 'lost' | 'second ids' | 'repeats'>
  /** Lists a few events that are lost, or that arrived too often. */
  describeFaults(requests: readonly ReceivedRequest[]): string
}

const nameOf = ({ path, record }: Pick<ReceivedRequest, 'path' | 'record'>): string => `${path} ${record}`

export function createDeliveryLedger(): DeliveryLedger {
  const expectedTimes = new Map<string, number>()

  /** The ids that arrived for each record, and those that the receiver accepted. */
  function idsByRecord(requests: readonly ReceivedRequest[]) {
    const arrived = new Map<string, Set<string>>()
    const accepted = new Map<string, Set<string>>()
    for (const request of requests) {
      const name = nameOf(request)
      if (!arrived.has(name)) {
        arrived.set(name, new Set())
        accepted.set(name, new Set())
      }
      arrived.get(name)!.add(request.id)
      if (request.accepted) accepted.get(name)!.add(request.id)
    }
    return { arrived, accepted }
  }

  return {
    expect(path, records, times = 1) {
      for (const record of records) {
        const name = nameOf({ path, record })
        expectedTimes.set(name, (expectedTimes.get(name) ?? 0) + times)
      }
    },
    count(requests) {
      const { arrived, accepted } = idsByRecord(requests)
      let [expected, lost, received, second] = [0, 0, 0, 0]
      for (const [name, times] of expectedTimes) {
        expected += times
        lost += Math.max(0, times - (accepted.get(name)?.size ?? 0))
      }
      for (const ids of accepted.values()) received += ids.size
      for (const [name, ids] of arrived) second += Math.max(0, ids.size - (expectedTimes.get(name) ?? 0))
      const repeats = requests.filter((request) => request.accepted).length - received
      return { expected, received, lost, 'second ids': second, repeats }
    },
    describeFaults(requests) {
      const { arrived, accepted } = idsByRecord(requests)
      const lost = [...expectedTimes]
        .filter(([name, times]) => (accepted.get(name)?.size ?? 0) < times)
        .map(([name, times]) => `${name} (${times})`)
      const second = [...arrived]
        .filter(([name, ids]) => ids.size > (expectedTimes.get(name) ?? 0))
        .map(([name, ids]) => `${name} (${ids.size})`)
      return `lost ${lost.length}: ${lost.slice(0, 8).join(', ')}; too many ${second.length}: ${second.slice(0, 8).join(', ')}`
    },
  }
}

const tallies: DeliveryTally[] = []

/** Adds a line to the table that is printed at the end of the test file. */
export function recordTally(tally: DeliveryTally): void {
  tallies.push(tally)
}

/** Call this once in each test file. */
export function printTallies(): void {
  afterAll(() => {
    const out = new Console(process.stdout)
    out.table(tallies)
    tallies.length = 0
  })
}

/** Checks the result of a history. A repeat occurs if the response was lost, or if the process was killed before it recorded the response. */
export function expectAllOnce(tally: DeliveryTally, repeatsAtMost: number): void {
  expect(tally).toMatchObject({ lost: 0, 'second ids': 0, received: tally.expected })
  expect(tally.repeats).toBeLessThanOrEqual(repeatsAtMost)
}

/**
 * Returns the deliveries that were out of order. For each record and subscription, all attempts of a delivery must come before the first attempt
 * of the next one.
 */
export function outOfOrder(requests: readonly ReceivedRequest[]): string[] {
  const past = new Map<string, { current: string; done: Set<string> }>()
  const wrong: string[] = []
  for (const request of requests) {
    const name = nameOf(request)
    const before = past.get(name)
    if (!before) past.set(name, { current: request.id, done: new Set() })
    else if (before.current !== request.id) {
      if (before.done.has(request.id)) wrong.push(`${name}: ${request.id} again after ${before.current}`)
      before.done.add(before.current)
      before.current = request.id
    }
  }
  return wrong
}
