import fc from 'fast-check'
import { expect, test } from 'vitest'
import { histories } from './histories.ts'
import { modelWorld } from './model-world.ts'
import { runHistory, type Tally } from './run-history.ts'

/** Another seed plays other histories: DEALBRIDGE_SEED=…; a failure prints the seed and the shortest history that fails. */
const seed = Number(process.env['DEALBRIDGE_SEED'] ?? 20_261_122)
const numRuns = Number(process.env['DEALBRIDGE_HISTORIES'] ?? 1_000)

const PASTS = [0, 3, 60, 130, 640]

test('what can be read within ten minutes of its creation comes exactly once, and nothing else comes', { timeout: 60_000 }, async () => {
  const tally: Tally = {}
  await fc.assert(
    fc.asyncProperty(histories, async ({ steps, kind }) => {
      const world = modelWorld({ mineOnly: kind % 2 === 0, archives: true, pastRecords: PASTS[kind % PASTS.length]! })
      await runHistory(world, { steps }, tally)
    }),
    { seed, numRuns },
  )
  console.log(tally)
  expect(tally).toBeDefined()
})
