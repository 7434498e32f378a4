import fc from 'fast-check'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { connectorWorld, type ConnectorWorldOptions } from './connector-world.ts'
import { histories, type HistoryWorld } from './histories.ts'
import { modelWorld } from './model-world.ts'
import { runHistory, type PollingTally } from './run-history.ts'

/** Another seed plays other histories: DEALBRIDGE_SEED=…; a failure prints the seed and the shortest history that fails. */
const seed = Number(process.env['DEALBRIDGE_SEED'] ?? 20_261_122)
const numRuns = Number(process.env['DEALBRIDGE_HISTORIES'] ?? 1_000)

/** Plays the histories, and makes sure that together they still reach everything. */
async function playAll(worldOf: (kind: number) => Promise<HistoryWorld>): Promise<void> {
  const tally: PollingTally = {}
  await fc.assert(
    fc.asyncProperty(histories, async ({ steps, kind }) => {
      await runHistory(await worldOf(kind), { steps }, tally)
      // Everything above happens in one turn of the event loop, in which no world could be forgotten.
      await setImmediate()
    }),
    { seed, numRuns },
  )
  for (const what of reached.split(', ')) expect(tally[what], what).toBeGreaterThan(numRuns / 50)
}

const reached =
  'answers, records, idle polls, lost answers, answers with more waiting, early polls, restart, rotate keys, change key, ' +
  'delete, restore, archive, un-archive, re-assign, hide, show'

/** From an empty account to one with more than a page. */
const PASTS = [0, 3, 60, 130, 640]

test('what can be read within ten minutes of its creation comes exactly once, and nothing else: the engine alone', () =>
  playAll((kind) => Promise.resolve(modelWorld({ mineOnly: kind % 2 === 0, pastRecords: PASTS[kind % PASTS.length]! }))))

const TRIGGERS: Omit<ConnectorWorldOptions, 'pastRecords'>[] = [
  { trigger: 'TrigNewDealV2', activities: 'mine' },
  { trigger: 'TrigNewActivity', activities: 'mine' },
  { trigger: 'TrigNewDeal', activities: 'mine' },
  { trigger: 'TrigNewActivity', activities: 'all' },
]

test('what can be read within ten minutes of its creation comes exactly once, and nothing else: from host to sandbox', () =>
  playAll((kind) => connectorWorld({ ...TRIGGERS[kind % TRIGGERS.length]!, pastRecords: kind % 7 === 0 ? 130 : 0 })))
