import { expect, test } from 'vitest'
import { manualClock } from '../../kit/clock.ts'
import { createLogger } from '../../kit/logger.ts'
import { noMetrics } from '../../kit/metrics.ts'
import { createLostLocations, dropsLocations, STARTS_KEPT_MS } from './lost-locations.ts'

const MINUTE_MS = 60_000
const FIRST = { notBefore: 0 }
const LATER = { notBefore: 1_790_000_000 }

/** Polls of triggers and connections, and what is logged and counted of them. */
function polls() {
  const clock = manualClock()
  const lines: Record<string, unknown>[] = []
  const counted: string[] = []
  const logger = createLogger('warn', { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) })
  const lost = createLostLocations({ clock, logger, metrics: { ...noMetrics, lostLocation: (trigger) => void counted.push(trigger) } })
  return {
    lines,
    counted,
    poll(before: typeof FIRST | undefined, { triggerId = 'TrigNewDeal', principal = 'one', waitMs = 2 * MINUTE_MS } = {}) {
      lost.record({ triggerId, principal, account: `account of ${principal}`, before })
      clock.advance(waitMs)
    },
  }
}

test('a host that drops every Location is logged once a day, and each further poll is counted', () => {
  const { poll, lines, counted } = polls()
  for (let n = 0; n < 30; n++) poll(undefined)
  expect(lines).toEqual([
    {
      level: 40,
      time: expect.any(Number) as number,
      account: 'account of one',
      trigger: 'TrigNewDeal',
      started: 9,
      followed: 0,
      msg: expect.stringMatching(/without the Location.*instant trigger/) as string,
    },
  ])
  expect(counted).toHaveLength(22)
  for (let ms = 0; ms < STARTS_KEPT_MS; ms += 2 * MINUTE_MS) poll(undefined)
  expect(lines).toHaveLength(2)
})

test('it is found beside other flows of the same trigger and connection that follow theirs', () => {
  const { poll, lines } = polls()
  for (let n = 0; n < 30; n++) {
    poll(undefined, { waitMs: 0 })
    if (n < 3) {
      poll(undefined, { waitMs: 0 })
      poll(FIRST, { waitMs: 0 })
    }
    poll(LATER)
  }
  expect(lines).toHaveLength(1)
})

test('flows that are turned on together, or one after another all day, are no such host', () => {
  const { poll, lines } = polls()
  for (let n = 0; n < 50; n++) poll(undefined, { waitMs: 0 })
  for (let n = 0; n < 50; n++) poll(FIRST, { waitMs: 30_000 })
  for (let n = 0; n < 300; n++) {
    poll(undefined)
    poll(FIRST)
  }
  expect(lines).toEqual([])
})

test('each trigger and connection is counted separately, and above 2,000 the least recently used is forgotten', () => {
  const { poll, lines } = polls()
  for (let n = 0; n < 8; n++) {
    poll(undefined, { principal: `two ${n}` })
    poll(undefined, { triggerId: `TrigDealWon${n}` })
  }
  expect(lines).toEqual([])
  for (let round = 0; round < 10; round++)
    for (let n = 0; n < 3_000; n++) poll(undefined, { principal: `many ${n}`, waitMs: round === 0 ? MINUTE_MS : 0 })
  expect(lines).toEqual([])
})

test.each([
  [{ started: 5, followed: 0 }, 15, true],
  [{ started: 5, followed: 0 }, 14, false],
  [{ started: 4, followed: 0 }, 60, false],
  [{ started: 100, followed: 51 }, 60, false],
  [{ started: 100, followed: 50 }, 60, true],
])('%j after %i minutes: a host drops its Locations is %s', (counts, minutes, expected) => {
  expect(dropsLocations({ since: 0, ...counts }, minutes * MINUTE_MS)).toBe(expected)
})
