import { sql, type Selectable } from 'kysely'
import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import type { UpstreamWrite } from '../../pipedrive/write-guard.ts'
import { StoreUnavailable } from '../../store/errors/store-unavailable.ts'
import { createGroupCommit } from '../../store/group-commit.ts'
import type { IdempotencyUpdate, NewIdempotencyRecord, NewWrite, WriteNote } from '../../store/idempotency-statements.ts'
import type { Store } from '../../store/store.ts'
import type { IdempotencyRecordRow } from '../../store/tables.ts'
import { isUniqueViolation } from '../../store/violations.ts'

/** An IdempotencyRecord is the state of a call in the journal (table `intents`). */
export interface IdempotencyRecord {
  id: string
  fingerprint: string
  state: 'running' | 'undecided' | 'done'
  answer: unknown
  requestId: string
  leaseUntilMs: number
  expiresAtMs: number
}

/** A JournalEntry is a new idempotency record. */
export interface JournalEntry {
  id: string
  name: string | undefined
  fingerprint: string
  operation: string
  requestId: string
  createdAtMs: number
  expiresAtMs: number
}

/** A JournalStep is one write of a call: its content, its baseline and its outcome. */
export interface JournalStep {
  step: number
  method: UpstreamWrite['method']
  /** The path of the list of the records that it concerns. */
  collection: string
  companyId: number
  userId: number
  contentHash: string
  sinceId: number | undefined
  sinceDateMs: number | undefined
  state: 'sent' | 'unknown' | 'done'
  /** The id of the record that it created. */
  recordId: string | undefined
  result: unknown
  sentAtMs: number
  endedAtMs: number | undefined
}

/** ConcurrentWrites counts the writes of other calls whose Pipedrive records a read-back may see. */
export interface ConcurrentWrites {
  inFlight: number
  inFlightOther: number
  undecided: number
  givenUp: number
}

/**
 * A Journal stores idempotency records and their writes. A run updates its record with its own `requestId`: after another run has taken
 * the record over, the update has no effect and returns false. Throws StoreUnavailable.
 */
export interface Journal {
  find(name: string): Promise<IdempotencyRecord | undefined>
  steps(intentId: string): Promise<JournalStep[]>
  /** Called before the first write is sent. False: another record has the key. `expired` is the id of an expired record that releases the key. */
  begin(entry: JournalEntry, first: JournalStep, leaseUntilMs: number, expired?: string): Promise<boolean>
  /** Called before any further write is sent; also stores the results of the earlier writes. */
  addStep(run: RunLease, step: JournalStep, before: readonly JournalStep[], leaseUntilMs: number): Promise<boolean>
  /** The step is sent again, or its connection ended without an answer. */
  moveStep(run: RunLease, step: JournalStep, leaseUntilMs: number): Promise<boolean>
  extend(run: RunLease, leaseUntilMs: number): Promise<boolean>
  /** Assigns a record that was read back to this step, unless another call has claimed it. */
  claim(run: RunLease, step: JournalStep): Promise<'claimed' | 'taken' | 'lost'>
  /** Ends the call. An answer from Pipedrive overrides a claim by read-back. Without `answer` no answer is stored. */
  finish(run: RunLease, answer: object | undefined, steps: readonly JournalStep[], nowMs: number): Promise<boolean>
  /** The next repeat of the call resumes from here. */
  leave(run: RunLease, steps: readonly JournalStep[], nowMs: number): Promise<boolean>
  /** Nothing was written: deletes the record. */
  release(run: RunLease): Promise<void>
  /** The stored answer is not found any more. */
  forget(intentId: string): Promise<void>
  /** Extends the record as if it were new. False: another run took it over first. */
  takeOver(record: IdempotencyRecord, requestId: string, nowMs: number, leaseUntilMs: number, expiresAtMs: number): Promise<boolean>
  concurrentWrites(intentId: string, step: JournalStep, nowMs: number): Promise<ConcurrentWrites>
  /** Which of these Pipedrive records were created by other calls. */
  claimed(intentId: string, step: JournalStep, ids: readonly string[]): Promise<Set<string>>
  /** With a store that only one process uses, every run from before it was opened has ended. */
  endLeases(nowMs: number): Promise<void>
}

/** A RunLease identifies one run: the record and the request that holds it. */
export interface RunLease {
  intentId: string
  requestId: string
}

/** A write abandoned longer before another one started cannot have created a record that the other one sees. */
const CONCURRENT_WITHIN_MS = 10 * 60_000

const at = (ms: number): Date => new Date(ms)
const atOrNull = (ms: number | undefined): Date | null => (ms === undefined ? null : at(ms))
/** JSON in a JSON string: the database gets the document as one text and does not interpret it. */
const pack = (value: unknown): string => JSON.stringify(JSON.stringify(value ?? null))
const unpack = (packed: unknown): unknown => (typeof packed === 'string' ? (JSON.parse(packed) as unknown) : undefined)

const recordOf = (row: Selectable<IdempotencyRecordRow>): IdempotencyRecord => ({
  id: row.id,
  fingerprint: row.fingerprint,
  state: row.state,
  answer: unpack(row.answer),
  requestId: row.request_id,
  leaseUntilMs: row.lease_until.getTime(),
  expiresAtMs: row.expires_at.getTime(),
})

async function mapStoreErrors<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof DealbridgeError || isUniqueViolation(error)) throw error
    // Only the message: a driver's error may hold the connection, and so the password.
    throw new StoreUnavailable(new Error((error as Error).message))
  }
}

export function createJournal(store: Store): Journal {
  const { idempotency: intents } = store.engine
  // Concurrent calls share a commit.
  const beginnings = createGroupCommit<NewIdempotencyRecord, boolean>({
    save: async (items) => {
      const begun = await intents.begin(store.db, items)
      return items.map(({ intent }) => begun.has(intent.id))
    },
  })
  const moves = createGroupCommit<IdempotencyUpdate, boolean>({
    save: async (items) => {
      const moved = await intents.move(store.db, items)
      return items.map(({ id }) => moved.has(id))
    },
  })

  // Look-ups share a statement as well: half the cost of a call is the trip to the database.
  const lookups = createGroupCommit<string, IdempotencyRecord | undefined>({
    save: async (names) => {
      const rows = await store.db
        .selectFrom('intents')
        .selectAll()
        .where('name', 'in', [...new Set(names)])
        .execute()
      const byName = new Map(rows.map((row) => [row.name, recordOf(row)]))
      return names.map((name) => byName.get(name))
    },
    mayRepeat: true,
  })

  const writeOf = (intentId: string, step: JournalStep): NewWrite => ({
    intent_id: intentId,
    step: step.step,
    method: step.method,
    collection: step.collection,
    company_id: step.companyId,
    user_id: step.userId,
    content_hash: step.contentHash,
    since_id: step.sinceId ?? null,
    since_date: atOrNull(step.sinceDateMs),
    state: step.state,
    sent_at: at(step.sentAtMs),
  })
  const notesOf = (steps: readonly JournalStep[], keepResults: boolean): WriteNote[] =>
    steps.map(({ step, state, recordId, result, endedAtMs }) => ({
      step,
      state,
      record_id: recordId ?? null,
      result: keepResults && state === 'done' ? pack(result) : null,
      sent_at: null,
      ended_at: atOrNull(endedAtMs),
    }))
  const moveOf = (run: RunLease, leaseUntilMs: number | undefined, more: Partial<IdempotencyUpdate> = {}): IdempotencyUpdate => ({
    id: run.intentId,
    requestId: run.requestId,
    state: 'running',
    answer: null,
    leaseUntil: atOrNull(leaseUntilMs),
    notes: [],
    ...more,
  })

  /** An answer from Pipedrive decides which call created a record; it overrides a claim by read-back. */
  async function withClaims(run: RunLease, steps: readonly JournalStep[], move: IdempotencyUpdate): Promise<boolean> {
    try {
      return await moves.write(move)
    } catch (error) {
      if (!isUniqueViolation(error)) throw error
      return store.transaction(async (trx) => {
        for (const { companyId, collection, recordId, method } of steps) {
          if (recordId === undefined || method !== 'POST') continue
          await trx
            .updateTable('intent_writes')
            .set({ record_id: null })
            .where('company_id', '=', companyId)
            .where('collection', '=', collection)
            .where('record_id', '=', recordId)
            .where('intent_id', '<>', run.intentId)
            .execute()
        }
        return (await intents.move(trx, [move])).size > 0
      })
    }
  }

  return {
    find: (name) => mapStoreErrors(() => lookups.write(name)),

    steps: (intentId) =>
      mapStoreErrors(async () => {
        const rows = await store.db.selectFrom('intent_writes').selectAll().where('intent_id', '=', intentId).orderBy('step').execute()
        return rows.map((row) => ({
          step: row.step,
          method: row.method,
          collection: row.collection,
          companyId: Number(row.company_id),
          userId: Number(row.user_id),
          contentHash: row.content_hash,
          sinceId: row.since_id === null ? undefined : Number(row.since_id),
          sinceDateMs: row.since_date?.getTime(),
          state: row.state,
          recordId: row.record_id ?? undefined,
          result: unpack(row.result),
          sentAtMs: row.sent_at.getTime(),
          endedAtMs: row.ended_at?.getTime(),
        }))
      }),

    begin: (entry, first, leaseUntilMs, expired) =>
      mapStoreErrors(async () => {
        const created_at = at(entry.createdAtMs)
        const intent = {
          id: entry.id,
          name: entry.name ?? null,
          fingerprint: entry.fingerprint,
          operation: entry.operation,
          request_id: entry.requestId,
          lease_until: at(leaseUntilMs),
          created_at,
          expires_at: at(entry.expiresAtMs),
        }
        const item = { intent, write: writeOf(entry.id, first) }
        if (expired === undefined) return beginnings.write(item)
        return store.transaction(async (trx) => {
          // Another run may have extended the expired record meanwhile.
          await trx.updateTable('intents').set({ name: null }).where('id', '=', expired).where('expires_at', '<=', created_at).execute()
          return (await intents.begin(trx, [item])).size > 0
        })
      }),

    addStep: (run, step, before, leaseUntilMs) =>
      mapStoreErrors(() =>
        withClaims(run, before, moveOf(run, leaseUntilMs, { notes: notesOf(before, true), next: writeOf(run.intentId, step) })),
      ),

    moveStep: (run, { step, state, recordId, result, sentAtMs, endedAtMs }, leaseUntilMs) =>
      mapStoreErrors(() => {
        const note = { step, state, record_id: recordId ?? null, result: result === undefined ? null : pack(result) }
        return moves.write(moveOf(run, leaseUntilMs, { notes: [{ ...note, sent_at: at(sentAtMs), ended_at: atOrNull(endedAtMs) }] }))
      }),

    extend: (run, leaseUntilMs) => mapStoreErrors(() => moves.write(moveOf(run, leaseUntilMs))),

    claim: (run, step) =>
      mapStoreErrors(async () => {
        try {
          const isHeld = await moves.write(moveOf(run, undefined, { notes: notesOf([{ ...step, state: 'done' }], true) }))
          return isHeld ? ('claimed' as const) : ('lost' as const)
        } catch (error) {
          if (isUniqueViolation(error)) return 'taken' as const
          throw error
        }
      }),

    finish: (run, answer, steps, nowMs) =>
      mapStoreErrors(() => {
        // No caller can ask for a call without a stored answer: a crash of the database leaves it as a crash before this commit does.
        const end = { state: 'done' as const, answer: answer ? pack(answer) : null, notes: notesOf(steps, false), isLazy: !answer }
        return withClaims(run, steps, moveOf(run, nowMs, end))
      }),

    leave: (run, steps, nowMs) =>
      mapStoreErrors(() => {
        const forgetFrom = Math.max(-1, ...steps.map(({ step }) => step)) + 1
        return withClaims(run, steps, moveOf(run, nowMs, { state: 'undecided', notes: notesOf(steps, true), forgetFrom }))
      }),

    release: (run) =>
      mapStoreErrors(async () => {
        await store.db.deleteFrom('intents').where('id', '=', run.intentId).where('request_id', '=', run.requestId).execute()
      }),

    forget: (intentId) =>
      mapStoreErrors(async () => {
        await store.db.updateTable('intents').set({ name: null }).where('id', '=', intentId).where('state', '=', sql.lit('done')).execute()
      }),

    takeOver: (record, requestId, nowMs, leaseUntilMs, expiresAtMs) =>
      mapStoreErrors(async () => {
        const updated = await store.db
          .updateTable('intents')
          .set({
            state: 'running',
            request_id: requestId,
            lease_until: at(leaseUntilMs),
            expires_at: at(Math.max(record.expiresAtMs, expiresAtMs)),
          })
          .where('id', '=', record.id)
          .where('name', 'is not', null)
          .where('request_id', '=', record.requestId)
          .where('state', '<>', sql.lit('done'))
          .where(({ eb, or }) => or([eb('state', '=', 'undecided'), eb('lease_until', '<=', at(nowMs))]))
          .returning('id')
          .execute()
        return updated.length > 0
      }),

    concurrentWrites: (intentId, step, nowMs) =>
      mapStoreErrors(async () => {
        const rows = await store.db
          .selectFrom('intent_writes as w')
          .innerJoin('intents as i', 'i.id', 'w.intent_id')
          .select(['w.state', 'w.content_hash', 'i.name', 'i.state as intent', 'i.lease_until'])
          .where('w.company_id', '=', step.companyId)
          .where('w.collection', '=', step.collection)
          .where('w.method', '=', sql.lit('POST'))
          .where('w.state', '<>', sql.lit('done'))
          .where('w.intent_id', '<>', intentId)
          .where('w.sent_at', '>', new Date(step.sentAtMs - CONCURRENT_WITHIN_MS))
          .execute()
        const counts: ConcurrentWrites = { inFlight: 0, inFlightOther: 0, undecided: 0, givenUp: 0 }
        for (const row of rows) {
          const isRunning = row.intent === 'running' && row.lease_until.getTime() > nowMs
          const isSame = row.content_hash === step.contentHash
          if (isRunning && row.state === 'sent') counts[isSame ? 'inFlight' : 'inFlightOther']++
          else if (isSame) counts[row.intent !== 'done' && (isRunning || row.name !== null) ? 'undecided' : 'givenUp']++
        }
        return counts
      }),

    claimed: (intentId, step, ids) =>
      mapStoreErrors(async () => {
        if (ids.length === 0) return new Set<string>()
        const rows = await store.db
          .selectFrom('intent_writes')
          .select('record_id')
          .where('company_id', '=', step.companyId)
          .where('collection', '=', step.collection)
          .where('method', '=', sql.lit('POST'))
          .where('record_id', 'in', [...ids])
          .where('intent_id', '<>', intentId)
          .execute()
        return new Set(rows.flatMap((row) => row.record_id ?? []))
      }),

    endLeases: (nowMs) =>
      mapStoreErrors(async () => {
        const now = new Date(nowMs)
        await store.db
          .updateTable('intents')
          .set({ lease_until: now })
          .where('state', '=', 'running')
          .where('lease_until', '>', now)
          .execute()
      }),
  }
}
