import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { EventType } from '../../src/catalog/contract/records/record-kind.ts'
import { initBaseline } from '../../src/delivery/reconcile/init-baseline.ts'
import { createSourceRunner } from '../../src/delivery/queue/run-source.ts'
import { onEveryEngine } from '../../src/store/engines.fixture.ts'
import type { Store } from '../../src/store/store.ts'
import { deleteAccounts } from './delivery-world.ts'
import { HELD_LEASE, openSourceFixture, type SourceFixture } from './source.fixture.ts'

const HOUR_MS = 3_600_000

onEveryEngine('a source without events', (newStore) => {
  let store: Store
  beforeAll(async () => (store = await newStore()))
  afterAll(() => store.close())
  beforeEach(() => deleteAccounts(store))

  const open = async (hook: boolean, ...happenings: EventType[]): Promise<SourceFixture> => {
    const fixture = await openSourceFixture(store, 'deal', { hook })
    if (!hook) fixture.options.hookBase = () => undefined
    for (const happening of happenings) {
      await initBaseline(fixture.deps, await fixture.source(), happening)
      await fixture.subscribe(happening)
    }
    return fixture
  }

  /** Runs the source's work item whenever it is due. */
  async function idle(fixture: SourceFixture, ms: number): Promise<{ tokens: number; runs: number; longestMs: number }> {
    const { clock } = fixture.world
    const run = createSourceRunner(fixture.deps, () => 0)
    const until = clock.now() + ms
    let [runs, longestMs] = [0, 0]
    fixture.tokensSpent()
    for (let due = clock.now(); due < until; runs++) {
      longestMs = Math.max(longestMs, due - clock.now())
      clock.advance(due - clock.now())
      due = (await run((await fixture.source()).id, HELD_LEASE))!.getTime()
    }
    return { tokens: fixture.tokensSpent(), runs, longestMs }
  }

  test.each<[number, EventType[]]>([
    [1, ['won']],
    [2, ['added', 'updated', 'won', 'lost']],
    [3, ['added', 'moved', 'deleted']],
  ])('of %i lists costs at most 300 tokens a day, webhook included', async (lists, happenings) => {
    const fixture = await open(true, ...happenings)
    // The first day starts with an extra reconciliation.
    await idle(fixture, HOUR_MS)
    const { tokens, longestMs } = await idle(fixture, 24 * HOUR_MS)
    expect(tokens).toBeLessThanOrEqual(300)
    // Nearly all of it is used: one reconciliation may fall outside of either end of the day, and so may the webhook check.
    expect(tokens).toBeGreaterThanOrEqual(300 - 2 * 10 * lists - 10)
    expect(longestMs).toBeLessThanOrEqual([50, 103, 160][lists - 1]! * 60_000)
  })

  test('without a webhook costs 10 tokens for each list every two minutes', async () => {
    const fixture = await open(false, 'won', 'added')
    expect(await idle(fixture, HOUR_MS)).toEqual({ tokens: 2 * 300, runs: 30, longestMs: 120_000 })
  })
})
