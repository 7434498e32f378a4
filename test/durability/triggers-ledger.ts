import { Console } from 'node:console'
import { afterAll, expect } from 'vitest'
import type { ReceivedRequest } from './triggers-receiver.ts'

/** A Tally is what came of one history, counted at the receiver. */
export interface DeliveryTally {
  scenario: string
  store: string
  expected: number
  received: number
  lost: number
  /** Events that have come under more than one id, or that nobody expected. */
  'second ids': number
  /** Requests that brought what the receiver had already. */
  repeats: number
  'found by reconciliation': number
  'tokens per event': number
}

/** A Book is what a history has done in Pipedrive, as far as a receiver must hear of it, and what the receiver has heard. */
export interface DeliveryLedger {
  /** From now on this path must hear so often of these records. */
  expect(path: string, records: readonly number[], times?: number): void
  count(requests: readonly ReceivedRequest[]): Pick<DeliveryTally, 'expected' | 'received' | 'lost' | 'second ids' | 'repeats'>
  /** For people: a few of those that are lost, or told too often. */
  faults(requests: readonly ReceivedRequest[]): string
}

const nameOf = ({ path, record }: Pick<ReceivedRequest, 'path' | 'record'>): string => `${path} ${record}`

export function createDeliveryLedger(): DeliveryLedger {
  const wanted = new Map<string, number>()

  /** The ids that came for each record, and those that the receiver has taken. */
  function heard(requests: readonly ReceivedRequest[]) {
    const seen = new Map<string, Set<string>>()
    const taken = new Map<string, Set<string>>()
    for (const request of requests) {
      const name = nameOf(request)
      if (!seen.has(name)) {
        seen.set(name, new Set())
        taken.set(name, new Set())
      }
      seen.get(name)!.add(request.id)
      if (request.taken) taken.get(name)!.add(request.id)
    }
    return { seen, taken }
  }

  return {
    expect(path, records, times = 1) {
      for (const record of records) wanted.set(nameOf({ path, record }), (wanted.get(nameOf({ path, record })) ?? 0) + times)
    },
    count(requests) {
      const { seen, taken } = heard(requests)
      let [expected, lost, received, second] = [0, 0, 0, 0]
      for (const [name, times] of wanted) {
        expected += times
        lost += Math.max(0, times - (taken.get(name)?.size ?? 0))
      }
      for (const ids of taken.values()) received += ids.size
      for (const [name, ids] of seen) second += Math.max(0, ids.size - (wanted.get(name) ?? 0))
      const repeats = requests.filter(({ taken: isTaken }) => isTaken).length - received
      return { expected, received, lost, 'second ids': second, repeats }
    },
    faults(requests) {
      const { seen, taken } = heard(requests)
      const lost = [...wanted].filter(([name, times]) => (taken.get(name)?.size ?? 0) < times).map(([name, times]) => `${name} (${times})`)
      const second = [...seen].filter(([name, ids]) => ids.size > (wanted.get(name) ?? 0)).map(([name, ids]) => `${name} (${ids.size})`)
      return `lost ${lost.length}: ${lost.slice(0, 8).join(', ')}; too many ${second.length}: ${second.slice(0, 8).join(', ')}`
    },
  }
}

const tallies: DeliveryTally[] = []

/** Every history of a test file is a line in the table at its end. */
export function recordTally(tally: DeliveryTally): void {
  tallies.push(tally)
}

/** Called once in each test file. */
export function printTallies(): void {
  afterAll(() => {
    const out = new Console(process.stdout)
    out.table(tallies)
    tallies.length = 0
  })
}

/** What every history must come to. A repeat is what a receiver gets that had it, and could not say so, or nobody was there to write it down. */
export function expectAllOnce(tally: DeliveryTally, repeatsAtMost: number): void {
  expect(tally).toMatchObject({ lost: 0, 'second ids': 0, received: tally.expected })
  expect(tally.repeats).toBeLessThanOrEqual(repeatsAtMost)
}

/**
 * Deliveries of one record and subscription, each with all its attempts, one after the other: the next one begins when the one before was taken.
 * Answers those that were not.
 */
export function outOfOrder(requests: readonly ReceivedRequest[]): string[] {
  const past = new Map<string, { now: string; done: Set<string> }>()
  const wrong: string[] = []
  for (const request of requests) {
    const name = nameOf(request)
    const before = past.get(name)
    if (!before) past.set(name, { now: request.id, done: new Set() })
    else if (before.now !== request.id) {
      if (before.done.has(request.id)) wrong.push(`${name}: ${request.id} again after ${before.now}`)
      before.done.add(before.now)
      before.now = request.id
    }
  }
  return wrong
}
