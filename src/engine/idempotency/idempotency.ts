import { randomUUID } from 'node:crypto'
import type { Clock } from '../../kit/clock.ts'
import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import type { Logger } from '../../kit/logger.ts'
import type { Metrics } from '../../kit/metrics.ts'
import { CALL_DEADLINE_MS } from '../../pipedrive/client.ts'
import type { WriteGuard } from '../../pipedrive/write-guard.ts'
import type { Store } from '../../store/store.ts'
import { decideIdempotency } from './decide-idempotency.ts'
import { EarlierAttemptUnknown } from './errors/earlier-attempt-unknown.ts'
import { IdempotencyKeyReused } from './errors/idempotency-key-reused.ts'
import { WriteRunning } from './errors/write-running.ts'
import { WriteUndecided } from './errors/write-undecided.ts'
import { decideConclusion } from './decide-conclusion.ts'
import { LEASE_SPARE_MS, stepsOf, type RunState } from './decide-write.ts'
import { createGuardedRun } from './guarded-run.ts'
import { Halt } from './halt.ts'
import { idempotencyKeyOf, type IdempotencyInput } from './idempotency-key.ts'
import { createJournal, type RunLease, type JournalStep } from './journal.ts'
import { replayOutcome, storeOutcome, type OperationOutcome } from './stored-answer.ts'
import { createWaiters, type Waiters } from './waiters.ts'

/** Many clients give up after 60 s; who has chosen a key can come back with it. */
const KEY_WAITS_MS = 50_000
/** Hosts give up after 120 s and never repeat a 409: within this an attempt (25 s), the search (10 s), a repeat and another search have room. */
const HOST_WAITS_MS = 100_000
/** Who cannot come back for the outcome gets it within the 120 s: a last look of 15 s and the look-ups of the answer (25 s) come on top. */
const NAMELESS_WAITS_MS = 75_000
/** How often another process's work is looked at. */
const LOOK_EVERY_MS = 500
/** On the way out: what is not written down by then is found out by the repeat. */
const CLOSE_WITHIN_MS = 800

/** An AskedIntent is a call that writes: what it asks for, and in whose name. */
export interface IdempotentRequest extends IdempotencyInput {
  requestId: string
}

/** Runs the operation, with this guard before its writes. Never rejects. */
export type OperationAttempt = (guard: WriteGuard) => Promise<OperationOutcome>

/** A Resolution is what one caller gets. */
export interface Resolution {
  outcome: OperationOutcome
  /** It is the outcome of an earlier attempt, or of one beside. */
  replayed: boolean
}

/** Intents see to it that what a caller wants done once is done once, whoever asks for it how often. */
export interface Idempotency {
  run(asked: IdempotentRequest, attempt: OperationAttempt): Promise<Resolution>
  /** Decisions under way are left to the repeats of their callers. */
  drain(): void
  /** Waits a moment for what is at work. */
  close(): Promise<void>
}

export interface IdempotencyDeps {
  store: Store
  clock: Clock
  logger: Logger
  metrics: Metrics
  hostIntents: boolean
  settleSeconds: number
}

/** An Ended is how the pursuit of an intent has ended. */
interface ExecutionResult {
  outcome: OperationOutcome
  replayed: boolean
}

interface Execution {
  phase: 'elsewhere' | 'at work' | 'settling'
  waiting: Waiters<ExecutionResult>
}

const failed = (error: unknown, replayed = false): ExecutionResult => ({
  outcome: { ok: false, error, told: { warnings: [], incomplete: new Set() } },
  replayed,
})

export function createIdempotency({ store, clock, logger, metrics, hostIntents, settleSeconds }: IdempotencyDeps): Idempotency {
  const journal = createJournal(store)
  const stop = new AbortController()
  /** Those with a name, by name and fingerprint. */
  const pursuits = new Map<string, Execution>()
  const underWay = new Set<Promise<ExecutionResult>>()
  /** Who has the database for himself knows that whatever ran before him is dead. */
  const ready = store.isShared
    ? Promise.resolve()
    : journal
        .endLeases(clock.now())
        .catch((error: unknown) => logger.error({ error }, 'the leases of an earlier process could not be ended'))

  /** Ends a run in the journal, and says what its callers get; nothing when another run has it. */
  async function conclude(run: RunLease, state: RunState, outcome: OperationOutcome, named: boolean): Promise<ExecutionResult | undefined> {
    const ended: ExecutionResult = { outcome, replayed: false }
    const steps = stepsOf(state)
    /** Whether it is still ours; of what could not be noted the lease ends by itself, and the repeat then reads back what was done. */
    const note = async (what: Promise<boolean>) => {
      try {
        const ours = await what
        if (!ours) logger.warn({ ...run }, 'an intent was taken over while it was at work')
        return ours
      } catch (error) {
        logger.error({ ...run, error: (error as Error).cause ?? error }, 'the outcome of an intent could not be noted')
        return true
      }
    }
    const leave = async (error: unknown): Promise<ExecutionResult | undefined> => {
      metrics.intent('undecided')
      return (await note(journal.leave(run, steps, clock.now()))) ? failed(error) : undefined
    }
    const error = outcome.ok ? undefined : outcome.error
    switch (decideConclusion(state, outcome.ok ? 'answer' : isFinal(error) ? 'final-error' : 'error')) {
      case 'not-ours':
        return undefined
      case 'nothing-recorded':
        return ended
      case 'leave-halted':
        return leave(new WriteUndecided())
      case 'leave-earlier':
        return leave(new EarlierAttemptUnknown(error as Error))
      case 'leave-open':
        return leave(error)
      case 'release':
        await note(journal.release(run).then(() => true))
        return ended
      case 'finish': {
        // Who could never ask for it again leaves no answer behind.
        const ours = await note(journal.finish(run, named ? storeOutcome(outcome) : undefined, steps, clock.now()))
        // An error of ours does not count where another run has come to something.
        return ours || outcome.ok ? ended : undefined
      }
    }
  }

  async function pursue(
    asked: IdempotentRequest,
    named: ReturnType<typeof idempotencyKeyOf>,
    attempt: OperationAttempt,
    pursuit: () => Execution,
  ): Promise<ExecutionResult> {
    const { name, fingerprint, livesMs } = named
    const { requestId, operation } = asked
    const startedAtMs = clock.now()
    const pause = async (ms: number) => {
      pursuit().phase = 'settling'
      pursuit().waiting.notBefore(clock.now() + ms)
      await sleep(ms)
    }
    const oneRun = async (id: string, before: readonly JournalStep[] | undefined, expired: string | undefined) => {
      pursuit().phase = 'at work'
      metrics.intent('run')
      const now = clock.now()
      const entry = { id, name, fingerprint, operation, requestId, createdAtMs: now, expiresAtMs: now + livesMs }
      const guarded = createGuardedRun({
        entry,
        before,
        expired,
        journal,
        clock,
        logger,
        metrics,
        settleMs: settleSeconds * 1_000,
        salt: store.salt,
        untilMs: name === undefined ? startedAtMs + NAMELESS_WAITS_MS : undefined,
        pause,
      })
      const outcome = await attempt(guarded.guard)
      return conclude({ intentId: id, requestId }, guarded.state(), outcome, name !== undefined)
    }

    await ready
    // Nobody takes over what has no name: only a database that was emptied meanwhile leaves nothing to tell.
    if (name === undefined)
      return (
        (await oneRun(randomUUID(), undefined, undefined)) ??
        failed(new EarlierAttemptUnknown(new Error('it is no longer in the database')))
      )
    for (let waited = false; ;) {
      const entrance = decideIdempotency(await journal.find(name), fingerprint, clock.now())
      switch (entrance.do) {
        case 'refuse':
          metrics.intent('mismatch')
          return failed(new IdempotencyKeyReused())
        case 'replay':
          metrics.intent(waited ? 'twin' : 'replayed')
          return { outcome: replayOutcome(entrance.answer), replayed: true }
        case 'wait': {
          waited = true
          pursuit().phase = 'elsewhere'
          pursuit().waiting.notBefore(clock.now() + LOOK_EVERY_MS)
          if (pursuit().waiting.size === 0 || stop.signal.aborted) return failed(new WriteRunning())
          await sleep(LOOK_EVERY_MS).catch(() => undefined)
          continue
        }
        case 'start': {
          const ended = await oneRun(randomUUID(), undefined, entrance.expired)
          if (ended) return ended
          continue
        }
        case 'pick-up': {
          const { standing } = entrance
          const now = clock.now()
          if (!(await journal.takeOver(standing, requestId, now, now + CALL_DEADLINE_MS + LEASE_SPARE_MS, now + livesMs))) continue
          // Whoever had it may have been at work for as long as his lease.
          const endedAtMs = Math.min(now, standing.leaseUntilMs)
          const before = (await journal.steps(standing.id)).map((step) => (step.state === 'sent' ? { ...step, endedAtMs } : step))
          const ended = await oneRun(standing.id, before, undefined)
          if (ended) return { ...ended, replayed: ended.outcome.ok }
          continue
        }
      }
    }
  }

  async function sleep(ms: number): Promise<void> {
    if (stop.signal.aborted) throw new Halt('closing')
    await clock.sleep(ms, stop.signal).catch(() => {
      throw new Halt('closing')
    })
  }

  function start(
    asked: IdempotentRequest,
    named: ReturnType<typeof idempotencyKeyOf>,
    attempt: OperationAttempt,
    key: string | undefined,
  ): Execution {
    const ended = Promise.resolve()
      .then(() => pursue(asked, named, attempt, () => pursuit))
      .catch((error: unknown) => failed(error))
      .finally(() => {
        if (key !== undefined) pursuits.delete(key)
        underWay.delete(ended)
      })
    const pursuit: Execution = { phase: 'at work', waiting: createWaiters(ended, clock) }
    underWay.add(ended)
    if (key !== undefined) pursuits.set(key, pursuit)
    return pursuit
  }

  return {
    async run(asked, attempt) {
      const named = idempotencyKeyOf(asked, store.salt, hostIntents)
      const key = named.name === undefined ? undefined : `${named.name} ${named.fingerprint}`
      const beside = key === undefined ? undefined : pursuits.get(key)
      if (beside) metrics.intent('twin')
      const pursuit = beside ?? start(asked, named, attempt, key)
      // Who cannot come back for the outcome waits for it.
      const waitsMs = asked.idempotencyKey === undefined ? HOST_WAITS_MS : KEY_WAITS_MS
      const untilMs = key === undefined ? undefined : clock.now() + waitsMs
      const { outcome, replayed } = await pursuit.waiting.waitFor(untilMs, () =>
        failed(pursuit.phase === 'settling' ? new WriteUndecided() : new WriteRunning()),
      )
      return { outcome, replayed: replayed || (beside !== undefined && outcome.ok) }
    },
    drain: () => stop.abort(),
    async close() {
      stop.abort()
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_WITHIN_MS)))
      await Promise.race([Promise.all(underWay), late])
      clearTimeout(timer)
    },
  }
}

/** An error that the same call would meet again, so that its repeats may be told at once. */
const isFinal = (error: unknown): boolean =>
  error instanceof DealbridgeError && error.status < 500 && error.status !== 429 && error.status !== 401
