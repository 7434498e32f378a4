import { sql, type Kysely } from 'kysely'
import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'
import { StoreUnavailable } from '../../store/errors/store-unavailable.ts'
import type { Store } from '../../store/store.ts'
import type { Tables } from '../../store/tables.ts'

/** A Standing is how an intent stands in the journal. */
export interface IdempotencyRecord {
  id: string
  fingerprint: string
  state: 'running' | 'undecided' | 'done'
  answer: unknown
  requestId: string
  leaseUntilMs: number
  expiresAtMs: number
}

/** An Entry is a new intent. */
export interface JournalEntry {
  id: string
  name: string | undefined
  fingerprint: string
  operation: string
  requestId: string
  createdAtMs: number
  expiresAtMs: number
}

/** A Step is one write of an intent: what it was, where it started from, and what became of it. */
export interface JournalStep {
  step: number
  method: 'POST' | 'PATCH' | 'DELETE'
  object: string
  companyId: number
  userId: number
  contentHash: string
  sinceId: number | undefined
  sinceDateMs: number | undefined
  state: 'sent' | 'unknown' | 'done'
  recordId: number | undefined
  result: unknown
  sentAtMs: number
  endedAtMs: number | undefined
}

/** Others are the other intents whose records may be seen beside one's own. */
export interface ConcurrentWrites {
  inFlight: number
  inFlightOther: number
  undecided: number
  givenUp: number
}

/**
 * A Journal keeps intents and their writes. Whoever runs an intent writes with the `requestId` of his run: once another run has taken
 * the intent over, that is in vain, and the answer is false. Throws StoreUnavailable.
 */
export interface Journal {
  find(name: string): Promise<IdempotencyRecord | undefined>
  steps(intentId: string): Promise<JournalStep[]>
  /** Before the first write is sent. False: the name is taken. `expired` is an intent whose time is over and which gives the name away. */
  begin(entry: JournalEntry, first: JournalStep, leaseUntilMs: number, expired?: string): Promise<boolean>
  /** Before any further write is sent; what the earlier ones have yielded is noted by the way. */
  addStep(run: RunLease, step: JournalStep, before: readonly JournalStep[], leaseUntilMs: number): Promise<boolean>
  /** The step is sent once more, or its connection has ended without an answer. */
  moveStep(run: RunLease, step: JournalStep, leaseUntilMs: number): Promise<boolean>
  extend(run: RunLease, leaseUntilMs: number): Promise<boolean>
  /** A record that was read back becomes this step's, unless somebody has claimed it. */
  claim(run: RunLease, step: JournalStep): Promise<'claimed' | 'taken' | 'lost'>
  /** The end. An answer of Pipedrive takes its record from whoever had claimed it. Without an answer nothing is kept of it. */
  finish(run: RunLease, answer: object | undefined, steps: readonly JournalStep[], nowMs: number): Promise<boolean>
  /** The next repeat goes on from here. */
  leave(run: RunLease, steps: readonly JournalStep[], nowMs: number): Promise<boolean>
  /** Nothing was written: nothing is left behind. */
  release(run: RunLease): Promise<void>
  /** The outcome is kept as long as a new one. False: somebody else was sooner. */
  takeOver(standing: IdempotencyRecord, requestId: string, nowMs: number, leaseUntilMs: number, expiresAtMs: number): Promise<boolean>
  others(intentId: string, step: JournalStep, nowMs: number): Promise<ConcurrentWrites>
  /** Which of these records other intents have made. */
  claimed(intentId: string, step: JournalStep, ids: readonly number[]): Promise<Set<number>>
  /** Where one process has the store for itself, what ran when it opened is dead. */
  endLeases(nowMs: number): Promise<void>
}

/** A Run is one attempt at an intent, by one call. */
export interface RunLease {
  intentId: string
  requestId: string
}

/** A write that was given up longer before another one started cannot be among what that one sees. */
const RIVALRY_MS = 10 * 60_000

const at = (ms: number): string => new Date(ms).toISOString()
const atOrNull = (ms: number | undefined): string | null => (ms === undefined ? null : at(ms))
/** JSON in a JSON string: jsonb takes neither U+0000 nor half a surrogate pair, and both come in titles. */
const pack = (value: unknown): string => JSON.stringify(JSON.stringify(value ?? null))
const unpack = (packed: unknown): unknown => (typeof packed === 'string' ? (JSON.parse(packed) as unknown) : undefined)
const isTaken = (error: unknown): boolean => (error as { code?: unknown }).code === '23505'

type Db = Kysely<Tables>

async function reaching<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof DealbridgeError || isTaken(error)) throw error
    // Its words only: a driver's error may carry the connection, and that the password.
    throw new StoreUnavailable(new Error((error as Error).message))
  }
}

export function createJournal(store: Store): Journal {
  const rowsOf = async <T>(query: ReturnType<typeof sql<T>>, db: Db = store.db): Promise<T[]> => (await query.execute(db)).rows
  const hit = async (query: ReturnType<typeof sql<{ id: string }>>, db?: Db) => (await rowsOf(query, db)).length > 0

  /** The columns of a step, typed: nothing tells the database what a parameter of a `select` is. */
  const columnsOf = (step: JournalStep) => sql`
    ${step.step}::int, ${step.method}::text, ${step.object}::text, ${step.companyId}::bigint, ${step.userId}::bigint, ${step.contentHash}::text,
    ${step.sinceId ?? null}::bigint, ${atOrNull(step.sinceDateMs)}::timestamptz, ${step.state}::text, ${at(step.sentAtMs)}::timestamptz`
  const insertStep = (step: JournalStep, from: string) => sql`
    insert into intent_writes
      (intent_id, step, method, object, company_id, user_id, content_hash, since_id, since_date, state, sent_at)
    select id, ${columnsOf(step)} from ${sql.raw(from)} returning intent_id as id`
  /** What has become of some steps, as one parameter. */
  const noted = (steps: readonly JournalStep[], keepResults: boolean) =>
    JSON.stringify(
      steps.map(({ step, state, recordId, result, endedAtMs }) => ({
        step,
        state,
        record_id: recordId ?? null,
        result: keepResults && state === 'done' ? pack(result) : null,
        ended_at: atOrNull(endedAtMs),
      })),
    )
  const noteSteps = (steps: readonly JournalStep[], keepResults: boolean) => sql`
    update intent_writes w
    set state = v.state, record_id = v.record_id, result = v.result::jsonb, ended_at = v.ended_at
    from mine, jsonb_to_recordset(${noted(steps, keepResults)}::jsonb)
      as v(step int, state text, record_id bigint, result text, ended_at timestamptz)
    where w.intent_id = mine.id and w.step = v.step`

  /** Pipedrive's own answer tells whose a record is; a claim by read-back gives way. */
  async function withClaims(run: RunLease, steps: readonly JournalStep[], query: ReturnType<typeof sql<{ id: string }>>): Promise<boolean> {
    try {
      return await hit(query)
    } catch (error) {
      if (!isTaken(error)) throw error
      return store.transaction(async (trx) => {
        for (const { companyId, object, recordId, method } of steps) {
          if (recordId === undefined || method !== 'POST') continue
          await sql`update intent_writes set record_id = null where company_id = ${companyId} and object = ${object}
            and record_id = ${recordId} and intent_id <> ${run.intentId}`.execute(trx)
        }
        return hit(query, trx)
      })
    }
  }

  return {
    find: (name) =>
      reaching(async () => {
        const row = await store.db.selectFrom('intents').selectAll().where('name', '=', name).executeTakeFirst()
        return (
          row && {
            id: row.id,
            fingerprint: row.fingerprint,
            state: row.state,
            answer: unpack(row.answer),
            requestId: row.request_id,
            leaseUntilMs: row.lease_until.getTime(),
            expiresAtMs: row.expires_at.getTime(),
          }
        )
      }),

    steps: (intentId) =>
      reaching(async () => {
        const rows = await store.db.selectFrom('intent_writes').selectAll().where('intent_id', '=', intentId).orderBy('step').execute()
        return rows.map((row) => ({
          step: row.step,
          method: row.method,
          object: row.object,
          companyId: Number(row.company_id),
          userId: Number(row.user_id),
          contentHash: row.content_hash,
          sinceId: row.since_id === null ? undefined : Number(row.since_id),
          sinceDateMs: row.since_date?.getTime(),
          state: row.state,
          recordId: row.record_id === null ? undefined : Number(row.record_id),
          result: unpack(row.result),
          sentAtMs: row.sent_at.getTime(),
          endedAtMs: row.ended_at?.getTime(),
        }))
      }),

    begin: (entry, first, leaseUntilMs, expired) =>
      reaching(async () => {
        const insert = sql<{ id: string }>`
          with i as (
            insert into intents (id, name, fingerprint, operation, state, request_id, lease_until, created_at, expires_at)
            values (${entry.id}, ${entry.name ?? null}, ${entry.fingerprint}, ${entry.operation}, 'running', ${entry.requestId},
              ${at(leaseUntilMs)}::timestamptz, ${at(entry.createdAtMs)}::timestamptz, ${at(entry.expiresAtMs)}::timestamptz)
            on conflict (name) do nothing
            returning id
          )
          ${insertStep(first, 'i')}`
        if (expired === undefined) return hit(insert)
        return store.transaction(async (trx) => {
          // Somebody may have gone on with it at the last moment.
          await sql`update intents set name = null where id = ${expired} and expires_at <= ${at(entry.createdAtMs)}::timestamptz`.execute(
            trx,
          )
          return hit(insert, trx)
        })
      }),

    addStep: (run, step, before, leaseUntilMs) =>
      reaching(() =>
        withClaims(
          run,
          before,
          sql<{ id: string }>`
            with mine as (
              update intents set lease_until = ${at(leaseUntilMs)}::timestamptz
              where id = ${run.intentId} and request_id = ${run.requestId} returning id
            ), n as (${noteSteps(before, true)})
            ${insertStep(step, 'mine')}`,
        ),
      ),

    moveStep: (run, { step, state, sentAtMs, endedAtMs }, leaseUntilMs) =>
      reaching(() =>
        hit(sql<{ id: string }>`
          with mine as (
            update intents set lease_until = ${at(leaseUntilMs)}::timestamptz
            where id = ${run.intentId} and request_id = ${run.requestId} returning id
          )
          update intent_writes w
          set state = ${state}::text, sent_at = ${at(sentAtMs)}::timestamptz, ended_at = ${atOrNull(endedAtMs)}::timestamptz
          from mine where w.intent_id = mine.id and w.step = ${step} returning w.intent_id as id`),
      ),

    extend: (run, leaseUntilMs) =>
      reaching(() =>
        hit(sql<{ id: string }>`update intents set lease_until = ${at(leaseUntilMs)}::timestamptz
          where id = ${run.intentId} and request_id = ${run.requestId} returning id`),
      ),

    claim: (run, { step, recordId, result, endedAtMs }) =>
      reaching(async () => {
        try {
          const mine = await hit(sql<{ id: string }>`
            update intent_writes w
            set record_id = ${recordId ?? null}::bigint, result = ${pack(result)}::jsonb, state = 'done', ended_at = ${atOrNull(endedAtMs)}::timestamptz
            from intents i
            where i.id = ${run.intentId} and i.request_id = ${run.requestId} and w.intent_id = i.id and w.step = ${step}
            returning w.intent_id as id`)
          return mine ? ('claimed' as const) : ('lost' as const)
        } catch (error) {
          if (isTaken(error)) return 'taken' as const
          throw error
        }
      }),

    finish: (run, answer, steps, nowMs) =>
      reaching(() =>
        withClaims(
          run,
          steps,
          sql<{ id: string }>`
            with mine as (
              update intents set state = 'done', answer = ${answer ? pack(answer) : null}::jsonb, lease_until = ${at(nowMs)}::timestamptz
              where id = ${run.intentId} and request_id = ${run.requestId} returning id
            ), n as (${noteSteps(steps, false)})
            select id from mine`,
        ),
      ),

    leave: (run, steps, nowMs) =>
      reaching(() =>
        withClaims(
          run,
          steps,
          sql<{ id: string }>`
            with mine as (
              update intents set state = 'undecided', lease_until = ${at(nowMs)}::timestamptz
              where id = ${run.intentId} and request_id = ${run.requestId} returning id
            ), n as (${noteSteps(steps, true)}), d as (
              delete from intent_writes w using mine
              where w.intent_id = mine.id and w.step >= ${Math.max(-1, ...steps.map(({ step }) => step)) + 1}
            )
            select id from mine`,
        ),
      ),

    release: (run) =>
      reaching(async () => {
        await store.db.deleteFrom('intents').where('id', '=', run.intentId).where('request_id', '=', run.requestId).execute()
      }),

    takeOver: (standing, requestId, nowMs, leaseUntilMs, expiresAtMs) =>
      reaching(() =>
        hit(sql<{ id: string }>`
          update intents set state = 'running', request_id = ${requestId}, lease_until = ${at(leaseUntilMs)}::timestamptz,
            expires_at = greatest(expires_at, ${at(expiresAtMs)}::timestamptz)
          where id = ${standing.id} and name is not null and request_id = ${standing.requestId} and state <> 'done'
            and (state = 'undecided' or lease_until <= ${at(nowMs)}::timestamptz)
          returning id`),
      ),

    others: (intentId, step, nowMs) =>
      reaching(async () => {
        const rows = await store.db
          .selectFrom('intent_writes as w')
          .innerJoin('intents as i', 'i.id', 'w.intent_id')
          .select(['w.state', 'w.content_hash', 'i.name', 'i.state as intent', 'i.lease_until'])
          .where('w.company_id', '=', step.companyId)
          .where('w.object', '=', step.object)
          .where('w.method', '=', 'POST')
          .where('w.state', '<>', 'done')
          .where('w.intent_id', '<>', intentId)
          .where('w.sent_at', '>', new Date(step.sentAtMs - RIVALRY_MS))
          .execute()
        const others: ConcurrentWrites = { inFlight: 0, inFlightOther: 0, undecided: 0, givenUp: 0 }
        for (const row of rows) {
          const isAlive = row.intent === 'running' && row.lease_until.getTime() > nowMs
          const isSame = row.content_hash === step.contentHash
          if (isAlive && row.state === 'sent') others[isSame ? 'inFlight' : 'inFlightOther']++
          else if (isSame) others[row.intent !== 'done' && (isAlive || row.name !== null) ? 'undecided' : 'givenUp']++
        }
        return others
      }),

    claimed: (intentId, step, ids) =>
      reaching(async () => {
        if (ids.length === 0) return new Set<number>()
        const rows = await store.db
          .selectFrom('intent_writes')
          .select('record_id')
          .where('company_id', '=', step.companyId)
          .where('object', '=', step.object)
          .where('method', '=', 'POST')
          .where('record_id', 'in', [...ids])
          .where('intent_id', '<>', intentId)
          .execute()
        return new Set(rows.map((row) => Number(row.record_id)))
      }),

    endLeases: (nowMs) =>
      reaching(async () => {
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
