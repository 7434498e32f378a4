import { Console } from 'node:console'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FaultRule } from '../../sandbox/src/index.ts'
import { createRandom } from '../../sandbox/src/random.ts'
import { onEveryEngine } from '../../src/store/engines.fixture.ts'
import type { Store } from '../../src/store/store.ts'
import { findOrCreateWorld, type FoundProcess, type FoundReply } from '../find-or-create-world.ts'

const VALUES = 100
const PROCESSES = 2
/** For each value in each process. */
const CALLERS = 3
const SECOND_MS = 1_000
/** Longer than an outcome that stays unknown is remembered. */
const PATIENCE_MS = 30 * 60 * SECOND_MS

/** DEALBRIDGE_SEED=… selects other faults, DEALBRIDGE_HISTORIES=… how often all of it is played. */
const firstSeed = Number(process.env['DEALBRIDGE_SEED'] ?? 20_261_201)
const numRuns = Number(process.env['DEALBRIDGE_HISTORIES'] ?? 10)

const creates = { method: 'POST', path: '/api/v2/persons' } as const
const searches = { method: 'GET', path: '/api/v2/persons/search' } as const
const reads = { method: 'GET', path: '/api/v2/persons' } as const
const faults: readonly FaultRule[] = [
  { kind: 'status', status: 502, when: 'after', probability: 0.1, ...creates },
  { kind: 'reset', when: 'after', probability: 0.1, ...creates },
  { kind: 'reset', when: 'before', probability: 0.1, ...creates },
  { kind: 'reset', when: 'later', seconds: 3, probability: 0.05, ...creates },
  { kind: 'silent', probability: 0.05, ...creates },
  { kind: 'truncated', probability: 0.05, ...creates },
  { kind: 'late-commit', seconds: 3, probability: 0.05, ...creates },
  { kind: 'rate-limit', probability: 0.1, ...creates },
  { kind: 'status', status: 503, probability: 0.05, ...searches },
  { kind: 'rate-limit', probability: 0.05, ...searches },
  { kind: 'reset', probability: 0.1, ...reads },
]
/** When a process dies at its next create, and whether that reaches Pipedrive. */
const kills = [
  [2, 'reached'],
  [5, 'not reached'],
  [8, 'reached'],
  [45, 'reached'],
] as const

type Tally = Record<string, number>
const count = (tally: Tally, what: string, by = 1) => void (tally[what] = (tally[what] ?? 0) + by)

onEveryEngine('find or create under faults', (newStore) => {
  let database: Store
  beforeAll(async () => {
    database = await newStore()
  })
  afterAll(() => database.close())

  test('100 values, each by three callers at once in each of two processes that die now and then, leave exactly 100 records', async () => {
    const tally: Tally = {}
    try {
      for (let n = 0; n < numRuns; n++) await play(database, firstSeed + n, tally)
    } finally {
      new Console(process.stdout).table(tally)
    }
    expect(tally['process killed']).toBeGreaterThan(numRuns)
    for (const { kind, path } of faults) expect(tally[`${kind} ${path}`], kind).toBeGreaterThan(numRuns)
  })
})

async function play(database: Store, seed: number, tally: Tally): Promise<void> {
  const world = findOrCreateWorld(database)
  const { clock, sandbox } = world
  sandbox.behaviour.firewallAfter = 'never'
  const random = createRandom(seed)
  const added = faults.map((rule, n) => sandbox.faults.add({ ...rule, seed: seed * 100 + n }))
  const running = Array.from({ length: PROCESSES }, () => world.process())

  /** The process, or the one that replaces it. */
  function processOf(n: number): FoundProcess {
    const known = running[n]
    if (known && !known.isDead) return known
    count(tally, 'process killed')
    return (running[n] = world.process())
  }
  /** Calls until it gets a record, with or without an Idempotency-Key. */
  async function persist(value: string, n: number, key: string | undefined): Promise<FoundReply> {
    const untilMs = clock.now() + PATIENCE_MS
    for (;;) {
      const process = processOf(n)
      const options = { person: { name: `By ${n}` }, ...(key !== undefined && { key }) }
      const reply = await Promise.race([process.email(value, options), process.died])
      count(tally, reply ? reply.outcome : 'caller disconnected')
      if (reply?.id !== undefined) return reply
      expect(clock.now(), `${value}: ${reply?.message}`).toBeLessThan(untilMs)
      await clock.sleep((reply?.outcome === 'OutcomeUnknown' ? 60 : 5) * SECOND_MS)
    }
  }

  const values = Array.from({ length: VALUES }, (_, n) => `person-${n}@example.com`)
  const calls = values.flatMap((value, v) => {
    const startsMs = random.whole(0, 20 * SECOND_MS)
    return Array.from({ length: PROCESSES * CALLERS }, async (_, c) => {
      const key = random.chance(0.5) ? `${v}-${c}` : undefined
      await clock.sleep(startsMs + random.whole(0, 2) * 100)
      return { value, reply: await persist(value, c % PROCESSES, key) }
    })
  })
  const dying = kills.map(async ([second, reached], n) => {
    await clock.sleep(second * SECOND_MS)
    processOf(n % PROCESSES).killAtNextCreate(reached)
  })
  const [replies] = await clock.run(Promise.all([Promise.all(calls), ...dying]))

  for (const { rule, hits } of added) count(tally, `${rule.kind} ${rule.path}`, hits)
  sandbox.faults.clear()
  const records = await world.byEmail()
  const about = `seed ${seed}`
  expect(values.flatMap((value) => records.get(value) ?? []).length, about).toBe(VALUES)
  for (const { value, reply } of replies) expect(records.get(value), about).toEqual([reply.id])
  for (const value of values) {
    const creators = replies.filter((one) => one.value === value && one.reply.outcome === 'created')
    expect(creators.length, `${about}: calls that created ${value}`).toBeLessThanOrEqual(1)
  }
  await world.close()
}
