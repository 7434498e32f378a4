import { expect } from 'vitest'
import { PollingLedger } from './ledger.ts'
import type { Actor, PollResponse, History, Step, HistoryWorld } from './histories.ts'

/** The cost of one page, and of the request for the user of a key. */
const PAGE_TOKENS = 10
const ME_TOKENS = 2
const MOST_CALLS = 6
const POLL_EVERY_SECONDS = 115
/** If more records than this were created in the ten minutes before a state, one page cannot contain them all, and gaps below it need more requests. */
const PAGE_ROWS = 450
/** Enough to return the largest backlog of a history. */
const MOST_ANSWERS = 60

const isAlive = (record: { deleted: boolean; archived: boolean }): boolean => !record.deleted && !record.archived

/** A PollingTally counts what the histories exercised, so that a test fails if the generator no longer reaches something. */
export type PollingTally = Record<string, number>

/** Plays one history against a world, and compares every response with the ledger. */
export async function runHistory(world: HistoryWorld, { steps }: Pick<History, 'steps'>, tally: PollingTally = {}): Promise<void> {
  const ledger = new PollingLedger(world)
  const count = (what: string, by = 1) => void (tally[what] = (tally[what] ?? 0) + by)
  let actor: Actor = 'alice'
  let keyInState: Actor | undefined
  let state: string | undefined
  let hasMore = false
  /** Whether nothing has changed since the state was issued. */
  let quiet = false
  let servedAt = 0
  let notBefore = 0

  async function poll({ lost = false } = {}): Promise<PollResponse> {
    const now = world.nowSeconds()
    const answer = await world.poll(actor, state)
    const first = state === undefined
    expect([200, 202]).toContain(answer.status)
    expect(answer.status).toBe(answer.ids.length > 0 ? 200 : 202)
    const hasMoreNow = answer.retryAfterSeconds === 1
    expect(answer.retryAfterSeconds).toBe(hasMoreNow ? 1 : 120)
    expect(answer.state).toBeTruthy()
    expect(answer.ids.length).toBeLessThanOrEqual(100)
    expect(answer.ids).toEqual([...new Set(answer.ids)].toSorted((a, b) => a - b))

    if (first) {
      expect(answer.ids).toEqual([])
      expect(answer.tokens).toBe(PAGE_TOKENS + ME_TOKENS)
    } else {
      const { must, may, inOrder } = ledger.expected(actor, now)
      expect(
        answer.ids.filter((id) => !may.has(id)),
        'returned, but not new',
      ).toEqual([])
      const last = answer.ids.at(-1) ?? 0
      const due = hasMoreNow ? inOrder.filter((id) => id <= last) : must
      expect(
        due.filter((id) => !answer.ids.includes(id)),
        'missing',
      ).toEqual([])
      const allowance = actor === keyInState ? 0 : ME_TOKENS
      const crowded = ledger.countReadable('alice', now, servedAt - 660) > PAGE_ROWS
      if (answer.status === 202) {
        const idle = quiet && !hasMore && !crowded && !ledger.anyReadableSince(servedAt, now)
        if (idle) expect(answer.tokens, 'cost of an idle poll').toBe(PAGE_TOKENS)
        if (idle) count('idle polls')
        expect(answer.tokens).toBeLessThanOrEqual(MOST_CALLS * PAGE_TOKENS + allowance)
      }
    }
    count(lost ? 'lost answers' : 'answers')
    count('records', answer.ids.length)
    if (hasMoreNow) count('answers with more waiting')
    if (lost && !first) return answer
    ledger.acknowledge(actor, now, answer, hasMoreNow, first)
    state = answer.state
    keyInState = actor
    hasMore = hasMoreNow
    quiet = true
    servedAt = now
    notBefore = first || hasMoreNow ? 0 : now + POLL_EVERY_SECONDS
    return answer
  }

  async function catchUp(): Promise<void> {
    for (let answers = 0; answers < MOST_ANSWERS; answers++) {
      await poll()
      if (!hasMore) return
      world.advance(1)
    }
    throw new Error(`more to come after ${MOST_ANSWERS} answers`)
  }

  async function change({ do: what, pick }: Step & { pick: number }): Promise<void> {
    const on = async (fits: Parameters<PollingLedger['pick']>[2], act: (id: number) => Promise<Parameters<PollingLedger['change']>[1]>) => {
      const id = ledger.pick(pick, world.nowSeconds(), fits)
      if (id === undefined) return
      quiet = false
      count(what)
      ledger.change(id, await act(id))
    }
    const { remove, restore, setArchived, setOwner, setPrivate } = world
    switch (what) {
      case 'delete':
        return on(isAlive, async (id) => (await remove(id), { deleted: true }))
      case 'restore':
        return (
          restore &&
          on(
            (r) => r.deleted,
            async (id) => (await restore(id), { deleted: false }),
          )
        )
      case 'archive':
        return setArchived && on(isAlive, async (id) => (await setArchived(id, true), { archived: true }))
      case 'un-archive':
        return (
          setArchived &&
          on(
            (r) => r.archived,
            async (id) => (await setArchived(id, false), { archived: false }),
          )
        )
      case 're-assign':
        return on(isAlive, async (id) => {
          const owner = ledger.owner(id) === 'alice' ? 'bob' : 'alice'
          await setOwner(id, owner)
          return { owner }
        })
      case 'hide':
        return on(
          (r) => isAlive(r) && !r.private,
          async (id) => (await setPrivate(id, true), { private: true }),
        )
      case 'show':
        return on(
          (r) => isAlive(r) && r.private,
          async (id) => (await setPrivate(id, false), { private: false }),
        )
      default:
        throw new Error(`no such change: ${what}`)
    }
  }

  await poll()
  for (const step of steps) {
    switch (step.do) {
      case 'create': {
        const now = world.nowSeconds()
        const newRecords = Array.from({ length: step.size }, (_, i) => step.pattern[i % step.pattern.length]!)
        ledger.recordCreated(await world.create(newRecords), newRecords, now)
        count('created', newRecords.length)
        break
      }
      case 'wait':
        world.advance(step.seconds)
        break
      case 'poll':
        if (!hasMore) world.advance(step.afterSeconds)
        await poll({ lost: step.lost })
        break
      case 'catch up': {
        if (!hasMore) world.advance(120)
        await catchUp()
        world.advance(120)
        await poll()
        break
      }
      case 'poll too early': {
        const rest = notBefore - world.nowSeconds()
        if (rest <= 0) break
        const { tokens, ...early } = await world.poll(actor, state)
        expect(early).toEqual({ status: 429, ids: [], state: undefined, retryAfterSeconds: rest })
        // With another key, its company is looked up before the limit: a state of another company is no valid one.
        expect(actor === keyInState ? [0] : [0, ME_TOKENS]).toContain(tokens)
        count('early polls')
        break
      }
      case 'restart':
        await world.restart()
        count(step.do)
        break
      case 'rotate keys':
        await world.rotateKeys()
        count(step.do)
        break
      case 'change key':
        actor = actor === 'alice' ? 'bob' : 'alice'
        ledger.keyChanged()
        quiet = false
        count(step.do)
        break
      default:
        await change(step)
    }
  }
  // All late records become readable, the backlog is returned, and then polls are empty.
  if (!hasMore) world.advance(120)
  await catchUp()
  world.advance(3_600)
  await catchUp()
  world.advance(120)
  await poll()
}
