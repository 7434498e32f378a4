import { LRUCache } from 'lru-cache'
import type { Clock } from '../../kit/clock.ts'
import { OutcomeUnknown } from '../../pipedrive/errors/outcome-unknown.ts'
import { WriteRunning } from '../idempotency/errors/write-running.ts'
import type { SharedRuns } from '../idempotency/idempotency.ts'
import { failedOutcome, type OperationOutcome } from '../idempotency/stored-answer.ts'
import { createWaiters, type Waiters } from '../idempotency/waiters.ts'

/** Outcomes that are remembered. */
const OUTCOMES_MAX = 10_000

/** SharedRuns without a store: they end with the process, and nothing looks for a lost answer. `isKept` says which outcomes are remembered. */
export function createProcessRuns(clock: Clock, isKept: (body: unknown) => boolean): SharedRuns {
  const kept = new LRUCache<string, { outcome: OperationOutcome; untilMs: number }>({ max: OUTCOMES_MAX })
  const running = new Map<string, Waiters<OperationOutcome>>()
  return {
    async share({ name, ttlMs, untilMs }, attempt) {
      const known = kept.get(name)
      if (known && known.untilMs > clock.now()) return { outcome: known.outcome, replayed: true, joined: false, recordId: name }
      const other = running.get(name)
      const run = other ?? start()
      const outcome = await run.waitFor(untilMs, () => failedOutcome(new WriteRunning()))
      return { outcome, replayed: false, joined: other !== undefined, recordId: name }

      function start(): Waiters<OperationOutcome> {
        const result = attempt(undefined).then((outcome) => {
          running.delete(name)
          if (outcome.ok ? isKept(outcome.body) : outcome.error instanceof OutcomeUnknown)
            kept.set(name, { outcome, untilMs: clock.now() + ttlMs })
          return outcome
        })
        const waiters = createWaiters(result, clock)
        running.set(name, waiters)
        return waiters
      }
    },
    forget: (name) => Promise.resolve(void kept.delete(name)),
  }
}
