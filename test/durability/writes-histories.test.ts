import { Console } from 'node:console'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { onEveryEngine } from '../../src/store/engines.fixture.ts'
import type { Store } from '../../src/store/store.ts'
import { runWrites, type WritesTally } from './run-writes.ts'
import { CALLERS, FAULTS, plans } from './writes-plans.ts'

/** DEALBRIDGE_SEED=… selects other histories. A failure prints the seed and the shortest failing history. */
const seed = Number(process.env['DEALBRIDGE_SEED'] ?? 20_261_122)
const numRuns = Number(process.env['DEALBRIDGE_HISTORIES'] ?? 1_000)

onEveryEngine('histories of writes', (newStore) => {
  let database: Store
  beforeAll(async () => {
    database = await newStore()
  })
  afterAll(() => database.close())

  test('a run creates one record under every fault and every repeat; only a commit after the settle time is duplicated', async () => {
    const tally: WritesTally = {}
    try {
      await fc.assert(
        fc.asyncProperty(plans, (plan) => runWrites(plan, database, tally)),
        { seed, numRuns },
      )
    } finally {
      new Console(process.stdout).table(tally)
    }
    for (const line of [...FAULTS.map((fault) => `fault: ${fault}`), ...CALLERS.map((caller) => `caller: ${caller}`)])
      expect(tally[line]?.['histories'], line).toBeGreaterThan(numRuns / 50)
    for (const fault of FAULTS) if (fault !== 'none') expect(tally[`fault: ${fault}`]?.['faults'], fault).toBeGreaterThan(numRuns / 50)
  })
})
