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
import { RunAborted } from './run-aborted.ts'
import { idempotencyKeyOf, type IdempotencyIdentity, type IdempotencyInput } from './idempotency-key.ts'
import { createJournal, type RunLease, type JournalStep } from './journal.ts'
import { failedOutcome, replayOutcome, storeOutcome, type OperationOutcome } from './stored-answer.ts'
import { createWaiters, type Waiters } from './waiters.ts'

/** Many clients give up after 60 s; a caller with an Idempotency-Key can repeat the call. */
const KEY_WAITS_MS = 50_000
/** Hosts give up after 120 s and never retry a 409. This leaves room for a send (25 s), a read-back (10 s), a second send and a second read-back. */
const HOST_WAITS_MS = 100_000
/** A caller that cannot repeat the call gets the outcome within 120 s: a last read-back of 15 s and the look-ups of the answer (25 s) follow. */
const NAMELESS_WAITS_MS = 75_000
/** How often the record of a run in another process is read. */
const POLL_RECORD_EVERY_MS = 500
/** On shutdown: a repeat of the call determines each outcome that is not stored within this time. */
const CLOSE_WITHIN_MS = 800

/** An IdempotentRequest is a call that writes, with its principal and key. */
export interface IdempotentRequest extends IdempotencyInput {
  requestId: string
}

/** Runs the operation with this guard around its writes; `name` is that of the idempotency record, if repeats of the call find it. Never rejects. */
export type OperationAttempt = (guard: WriteGuard, name: string | undefined) => Promise<OperationOutcome>

/** A Resolution is what one caller gets. */
export interface Resolution {
  outcome: OperationOutcome
  /** The outcome belongs to an earlier or a concurrent attempt. */
  replayed: boolean
  /** The idempotency record that has the outcome, if it is stored. */
  recordId?: string
}

/** A SharedRequest is a write that several callers want done once, although each may send other values with it. */
export interface SharedRequest {
  /** A digest. */
  name: string
  operation: string
  requestId: string
  /** How long the outcome is kept. */
  ttlMs: number
  /** How long this caller waits for it. */
  untilMs: number
}

/** A SharedResolution is what one of them gets. */
export interface SharedResolution extends Resolution {
  /** The outcome is that of another caller of this process. */
  joined: boolean
}

/** SharedRuns carry out a write once for all callers that know its name: within one process, or within all that use a store. */
export interface SharedRuns {
  /** The attempt of the first caller counts. It gets no guard where no store records the write. */
  share(request: SharedRequest, attempt: (guard: WriteGuard | undefined) => Promise<OperationOutcome>): Promise<SharedResolution>
  /** The stored outcome is out of date: the next caller starts again. */
  forget(recordId: string): Promise<void>
}

/** Idempotency carries out each write of a caller once, however often the call is repeated. */
export interface Idempotency extends SharedRuns {
  run(request: IdempotentRequest, attempt: OperationAttempt): Promise<Resolution>
  /** Leaves undetermined outcomes to the repeats of the calls. */
  drain(): void
  /** Waits briefly for running executions. */
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

/** An Execution is one idempotent call in this process, with all callers that wait for it. */
interface Execution {
  phase: 'running-elsewhere' | 'running' | 'settling'
  waiters: Waiters<Resolution>
}

/** The fingerprint of every shared write: what a caller sends with it does not count. */
const SHARED = 'shared'

/** A Call is what the log and the journal know of a caller. */
type Call = Pick<IdempotentRequest, 'operation' | 'requestId'>

const failed = (error: unknown, replayed = false): Resolution => ({
  outcome: failedOutcome(error),
  replayed,
})

export function createIdempotency({ store, clock, logger, metrics, hostIntents, settleSeconds }: IdempotencyDeps): Idempotency {
  const journal = createJournal(store)
  const stop = new AbortController()
  /** Executions with a key, by name and fingerprint. */
  const executions = new Map<string, Execution>()
  const running = new Set<Promise<Resolution>>()
  /** With an unshared database, every run of an earlier process has ended. */
  const ready = store.isShared
    ? Promise.resolve()
    : journal.endLeases(clock.now()).catch((error: unknown) => logger.error({ error }, 'ending leases of an earlier process failed'))

  /** Ends a run in the journal and returns what its callers get; undefined when another run holds the record. */
  async function conclude(run: RunLease, state: RunState, outcome: OperationOutcome, named: boolean): Promise<Resolution | undefined> {
    const resolution: Resolution = { outcome, replayed: false, recordId: run.intentId }
    const steps = stepsOf(state)
    /** Whether this run still holds the record. If recording fails, the lease expires and the repeat of the call reads the write back. */
    const recorded = async (update: Promise<boolean>) => {
      try {
        const isHeld = await update
        if (!isHeld) logger.warn({ ...run }, 'idempotency record taken over by another run')
        return isHeld
      } catch (error) {
        logger.error({ ...run, error: (error as Error).cause ?? error }, 'recording the outcome of a write failed')
        return true
      }
    }
    const leave = async (error: unknown): Promise<Resolution | undefined> => {
      metrics.idempotency('undecided')
      return (await recorded(journal.leave(run, steps, clock.now()))) ? failed(error) : undefined
    }
    const error = outcome.ok ? undefined : outcome.error
    switch (decideConclusion(state, outcome.ok ? 'answer' : isFinal(error) ? 'final-error' : 'error')) {
      case 'not-ours':
        return undefined
      case 'nothing-recorded':
        return resolution
      case 'leave-aborted':
        return leave(new WriteUndecided())
      case 'leave-earlier':
        return leave(new EarlierAttemptUnknown(error as Error))
      case 'leave-unresolved':
        return leave(error)
      case 'release':
        await recorded(journal.release(run).then(() => true))
        return resolution
      case 'finish': {
        // No caller can ask for it again without a key, so no answer is stored.
        const isHeld = await recorded(journal.finish(run, named ? storeOutcome(outcome) : undefined, steps, clock.now()))
        // The result of another run supersedes an error of this one.
        return isHeld || outcome.ok ? resolution : undefined
      }
    }
  }

  async function execute(
    request: Call,
    identity: IdempotencyIdentity,
    attempt: OperationAttempt,
    execution: () => Execution,
  ): Promise<Resolution> {
    const { name, fingerprint, ttlMs } = identity
    const { requestId, operation } = request
    const startedAtMs = clock.now()
    const pause = async (ms: number) => {
      execution().phase = 'settling'
      execution().waiters.notBefore(clock.now() + ms)
      await sleep(ms)
    }
    const oneRun = async (id: string, before: readonly JournalStep[] | undefined, expired: string | undefined) => {
      execution().phase = 'running'
      metrics.idempotency('run')
      const now = clock.now()
      const entry = { id, name, fingerprint, operation, requestId, createdAtMs: now, expiresAtMs: now + ttlMs }
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
      const outcome = await attempt(guarded.guard, name)
      return conclude({ intentId: id, requestId }, guarded.state(), outcome, name !== undefined)
    }

    await ready
    // No run takes over a record without a key, so a missing result means that the database was emptied meanwhile.
    if (name === undefined)
      return (
        (await oneRun(randomUUID(), undefined, undefined)) ??
        failed(new EarlierAttemptUnknown(new Error('it is no longer in the database')))
      )
    for (let waited = false; ;) {
      const decision = decideIdempotency(await journal.find(name), fingerprint, clock.now())
      switch (decision.do) {
        case 'mismatch':
          metrics.idempotency('mismatch')
          return failed(new IdempotencyKeyReused())
        case 'replay':
          metrics.idempotency(waited ? 'twin' : 'replayed')
          return { outcome: replayOutcome(decision.answer), replayed: true, recordId: decision.recordId }
        case 'wait': {
          waited = true
          execution().phase = 'running-elsewhere'
          execution().waiters.notBefore(clock.now() + POLL_RECORD_EVERY_MS)
          if (execution().waiters.size === 0 || stop.signal.aborted) return failed(new WriteRunning())
          await sleep(POLL_RECORD_EVERY_MS).catch(() => undefined)
          continue
        }
        case 'start': {
          const resolution = await oneRun(randomUUID(), undefined, decision.expired)
          if (resolution) return resolution
          continue
        }
        case 'resume': {
          const { record } = decision
          const now = clock.now()
          if (!(await journal.takeOver(record, requestId, now, now + CALL_DEADLINE_MS + LEASE_SPARE_MS, now + ttlMs))) continue
          // The earlier run may have been active until its lease expired.
          const endedAtMs = Math.min(now, record.leaseUntilMs)
          const before = (await journal.steps(record.id)).map((step) => (step.state === 'sent' ? { ...step, endedAtMs } : step))
          const resolution = await oneRun(record.id, before, undefined)
          if (resolution) return { ...resolution, replayed: resolution.outcome.ok }
          continue
        }
      }
    }
  }

  async function sleep(ms: number): Promise<void> {
    if (stop.signal.aborted) throw new RunAborted('closing')
    await clock.sleep(ms, stop.signal).catch(() => {
      throw new RunAborted('closing')
    })
  }

  function start(request: Call, identity: IdempotencyIdentity, attempt: OperationAttempt, key: string | undefined): Execution {
    const result = Promise.resolve()
      .then(() => execute(request, identity, attempt, () => execution))
      .catch((error: unknown) => failed(error))
      .finally(() => {
        if (key !== undefined) executions.delete(key)
        running.delete(result)
      })
    const execution: Execution = { phase: 'running', waiters: createWaiters(result, clock) }
    running.add(result)
    if (key !== undefined) executions.set(key, execution)
    return execution
  }

  /** The first caller starts an execution, the others wait for it. */
  async function join(
    request: Call,
    identity: IdempotencyIdentity,
    attempt: OperationAttempt,
    untilMs: number | undefined,
  ): Promise<SharedResolution> {
    const key = identity.name === undefined ? undefined : `${identity.name} ${identity.fingerprint}`
    const concurrent = key === undefined ? undefined : executions.get(key)
    if (concurrent) metrics.idempotency('twin')
    const execution = concurrent ?? start(request, identity, attempt, key)
    const resolution = await execution.waiters.waitFor(untilMs, () =>
      failed(execution.phase === 'settling' ? new WriteUndecided() : new WriteRunning()),
    )
    return { ...resolution, joined: concurrent !== undefined }
  }

  return {
    async run(request, attempt) {
      const identity = idempotencyKeyOf(request, store.salt, hostIntents)
      // Without a key the caller cannot repeat the call, so it waits for the outcome.
      const waitsMs = request.idempotencyKey === undefined ? HOST_WAITS_MS : KEY_WAITS_MS
      const untilMs = identity.name === undefined ? undefined : clock.now() + waitsMs
      const { outcome, replayed, joined } = await join(request, identity, attempt, untilMs)
      return { outcome, replayed: replayed || (joined && outcome.ok) }
    },
    share: ({ name, operation, requestId, ttlMs, untilMs }, attempt) =>
      join({ operation, requestId }, { name, fingerprint: SHARED, ttlMs }, attempt, untilMs),
    forget: (recordId) => journal.forget(recordId),
    drain: () => stop.abort(),
    async close() {
      stop.abort()
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_WITHIN_MS)))
      await Promise.race([Promise.all(running), late])
      clearTimeout(timer)
    },
  }
}

/** An error that the same call would get again, so its repeats get it at once. */
const isFinal = (error: unknown): boolean =>
  error instanceof DealbridgeError && error.status < 500 && error.status !== 429 && error.status !== 401
