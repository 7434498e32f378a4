import type { KeyObject } from 'node:crypto'
import type { Clock } from '../../kit/clock.ts'
import type { Logger } from '../../kit/logger.ts'
import type { Metrics } from '../../kit/metrics.ts'
import { CALL_DEADLINE_MS } from '../../pipedrive/client.ts'
import { NotFound } from '../../pipedrive/errors/not-found.ts'
import { OutcomeUnknown } from '../../pipedrive/errors/outcome-unknown.ts'
import type { UpstreamWrite, WriteGuard } from '../../pipedrive/write-guard.ts'
import { StoreUnavailable } from '../../store/errors/store-unavailable.ts'
import { canonical, digest } from './intent-name.ts'
import type { Entry, Journal, Step } from './journal.ts'
import { readBack } from './read-back.ts'

/** What a process may need beyond its own deadline to note how its write ended. */
export const LEASE_SPARE_MS = 5_000

/** Less time than this makes a repeat only another write in doubt. */
const REPEAT_ROOM_MS = 10_000

/** A Halt ends a run from outside: its name was taken by another one, the intent was taken over, or the process is about to end. */
export class Halt extends Error {
  readonly why: 'taken' | 'lost' | 'closing'
  constructor(why: Halt['why']) {
    super(`the run has ended: ${why}`)
    this.why = why
  }
}

export interface GuardedRunParts {
  entry: Entry
  /** What earlier runs of the intent have sent; none for a new one. */
  before: readonly Step[] | undefined
  /** An intent whose time is over and which gives the name away. */
  expired: string | undefined
  journal: Journal
  clock: Clock
  logger: Logger
  metrics: Metrics
  settleMs: number
  salt: KeyObject
  /** Until when its caller waits, where he cannot come back: nothing is looked for or sent once more after it. */
  untilMs: number | undefined
  /** Waits for as long as nothing is known; throws Halt when the process is about to end. */
  pause(ms: number): Promise<void>
}

/** A GuardedRun is one run of an intent: its guard notes every write before it is sent, and finds out what became of one that got no answer. */
export interface GuardedRun {
  guard: WriteGuard
  /** What the operation makes of a Halt does not count. */
  halted(): Halt | undefined
  /** The intent is in the journal. */
  noted(): boolean
  steps(): readonly Step[]
  /** Some write was executed, or may have been. */
  mayHaveWritten(): boolean
  /** The outcome of a write is unknown, and the next repeat may find it out. */
  isOpen(): boolean
  /** The operation has not come as far as an earlier run of it. */
  fellShort(): boolean
}

export function createGuardedRun(parts: GuardedRunParts): GuardedRun {
  const { entry, before, expired, journal, clock, logger, metrics, settleMs, salt, untilMs, pause } = parts
  const run = { intentId: entry.id, requestId: entry.requestId }
  const steps: Step[] = [...(before ?? [])]
  const refused = new Set<Step>()
  let noted = before !== undefined
  let withoutStore = false
  let open = false
  let next = 0
  let halted: Halt | undefined

  const halt = (why: Halt['why']): never => {
    throw (halted ??= new Halt(why))
  }
  const keep = async (kept: Promise<boolean>) => void ((await kept) || halt('lost'))

  async function note(step: Step, leaseUntilMs: number): Promise<void> {
    if (noted) {
      await keep(
        journal.addStep(
          run,
          step,
          steps.filter((one) => !refused.has(one)),
          leaseUntilMs,
        ),
      )
    } else {
      try {
        if (!(await journal.begin(entry, step, leaseUntilMs, expired))) halt('taken')
        noted = true
      } catch (error) {
        if (!(error instanceof StoreUnavailable) || entry.name !== undefined) throw error
        logger.warn({ requestId: entry.requestId, error: error.cause }, 'the store does not answer: a write goes out without being noted')
        withoutStore = true
        return
      }
    }
    steps.push(step)
  }

  async function newStep<T>(write: UpstreamWrite, attempt: () => Promise<T>, index: number, contentHash: string): Promise<T> {
    const { companyId, userId, sinceId, sinceDateMs } = await write.standpoint()
    const { method, object } = write
    const step: Step = {
      step: index,
      method,
      object,
      companyId,
      userId,
      contentHash,
      sinceId,
      sinceDateMs,
      state: 'sent',
      recordId: undefined,
      result: undefined,
      sentAtMs: clock.now(),
      endedAtMs: undefined,
    }
    await note(step, write.deadline.at + LEASE_SPARE_MS)
    if (withoutStore) return attempt()
    try {
      return done(step, await attempt())
    } catch (error) {
      if (error instanceof OutcomeUnknown) return settle(step, write, attempt, error)
      refused.add(step)
      throw error
    }
  }

  function done<T>(step: Step, result: T): T {
    const { id } = (result ?? {}) as { id?: number }
    Object.assign(step, { state: 'done', recordId: step.method === 'POST' ? id : undefined, result, endedAtMs: clock.now() })
    return result
  }

  /** Finds out what became of a write that got no answer; what was not executed is sent once more. */
  async function settle<T>(step: Step, write: UpstreamWrite, attempt: () => Promise<T>, lost?: OutcomeUnknown): Promise<T> {
    const { target } = write
    const unknown = (why: string, options: { candidates?: readonly number[]; repeated?: boolean } = {}) =>
      new OutcomeUnknown(target, step.sentAtMs, lost ? `${lost.reason}; ${why}` : why, { ...options, cause: lost })
    const stillOpen = <E>(error: E): E => {
      open = true
      return error
    }
    const logged = { requestId: entry.requestId, operation: entry.operation, method: write.method, object: write.object }
    step.endedAtMs ??= clock.now()
    step.state = 'unknown'
    if (step.sinceId === undefined && step.sinceDateMs === undefined && step.method === 'POST')
      throw unknown('nothing tells which records are newer than it')
    const pauseAsOwner = async (ms: number, thenBusyForMs: number) => {
      await keep(journal.extend(run, clock.now() + ms + thenBusyForMs + LEASE_SPARE_MS))
      if (ms > 0) await pause(ms)
    }
    try {
      for (let repeated = false; ; repeated = true) {
        step.state = 'unknown'
        await keep(journal.moveStep(run, step, clock.now() + LEASE_SPARE_MS + settleMs))
        const seen = await readBack({ write, step, run, journal, clock, settleMs, untilMs, pause: pauseAsOwner })
        logger.info({ ...logged, seen: seen.do, repeated }, 'a write without an answer was looked for')
        if (seen.do === 'lost-lease') return halt('lost')
        if (seen.do === 'found') {
          metrics.intent('found')
          return done(step, seen.row) as T
        }
        if (seen.do === 'undecided') throw stillOpen(unknown(seen.why, { repeated }))
        if (seen.do === 'ambiguous' || repeated) {
          metrics.intent('ambiguous')
          const why = seen.do === 'ambiguous' ? 'what is there now does not tell' : 'it was sent once more, and that was lost too'
          throw unknown(why, { candidates: seen.do === 'ambiguous' ? seen.candidates : [], repeated })
        }
        const leftMs = (untilMs ?? Infinity) - clock.now()
        if (leftMs < REPEAT_ROOM_MS)
          throw stillOpen(unknown('nothing of it was there, and its caller cannot wait until it is sent once more'))
        metrics.intent('repeated')
        write.deadline.at = clock.now() + Math.min(CALL_DEADLINE_MS, leftMs)
        step.state = 'sent'
        step.sentAtMs = clock.now()
        await keep(journal.moveStep(run, { ...step, endedAtMs: undefined }, write.deadline.at + LEASE_SPARE_MS))
        try {
          return done(step, await attempt())
        } catch (error) {
          step.endedAtMs = clock.now()
          step.state = 'unknown'
          if (error instanceof OutcomeUnknown) continue
          // Gone already: then it was the first one.
          if (error instanceof NotFound && step.method === 'DELETE') return done(step, undefined as T)
          throw stillOpen(error)
        }
      }
    } catch (error) {
      if (error instanceof StoreUnavailable) {
        logger.error({ ...logged, error: error.cause }, 'the store does not answer: a write without an answer cannot be looked for')
        throw stillOpen(unknown("the connector's database does not answer, so it cannot be looked for"))
      }
      // Nobody can come back for the outcome of what has no name.
      if (error instanceof Halt && error.why === 'closing' && entry.name === undefined)
        throw stillOpen(unknown('the server was stopped before it could be looked for'))
      throw error
    } finally {
      // What is left to do for the answer begins now.
      write.deadline.at = Math.max(write.deadline.at, clock.now() + CALL_DEADLINE_MS)
    }
  }

  return {
    guard: {
      async around(write, attempt) {
        if (halted) throw halted
        if (withoutStore) return attempt()
        const index = next++
        const { method, object, id, body } = write
        const contentHash = digest(salt, 'content', canonical([method, object, id ?? null, body ?? null]))
        const known = steps[index]
        try {
          if (!known) return await newStep(write, attempt, index, contentHash)
          if (known.contentHash !== contentHash) {
            open = true
            throw new OutcomeUnknown(write.target, known.sentAtMs, 'an earlier attempt sent something else for the same call')
          }
          if (known.state === 'done') return known.result as never
          return await settle(known, write, attempt)
        } catch (error) {
          if (error instanceof Halt) halted ??= error
          throw error
        }
      },
    },
    halted: () => halted,
    noted: () => noted,
    steps: () => steps.filter((step) => !refused.has(step)),
    mayHaveWritten: () => steps.some((step) => !refused.has(step)),
    isOpen: () => open,
    fellShort: () => next < steps.length,
  }
}
