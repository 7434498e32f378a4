import { sql, type CompiledQuery, type Kysely, type RawBuilder } from 'kysely'
import {
  recordColumns,
  updateColumns,
  updateRows,
  nextRows,
  noteColumns,
  noteRows,
  writeColumns,
  type IdempotencyStatements,
  type IdempotencyUpdate,
  type NewWrite,
} from '../idempotency-statements.ts'
import type { Tables } from '../tables.ts'
import { inOneCommit, rows } from './sqlite-rows.ts'

const idsOf = ([found]: readonly (readonly Record<string, unknown>[])[]): Set<string> => new Set(found?.map(({ id }) => String(id)))

/** Idempotency records in SQLite: a short transaction. Every statement repeats the condition of the first, so that none waits for its result. */
export const sqliteIdempotency: IdempotencyStatements = {
  async begin(db, intents) {
    const records = rows(
      recordColumns,
      intents.map(({ intent }) => intent),
    )
    const begun = sql`
      insert into intents (id, name, fingerprint, operation, state, request_id, lease_until, created_at, expires_at)
      select id, name, fingerprint, operation, 'running', request_id, lease_until, created_at, expires_at
      from ${records} where true order by n
      on conflict (name) do nothing returning id`.compile(db)
    const writes = intents.map(({ write }) => write)
    return idsOf(await inOneCommit(db, [begun, insertWrites(db, writes, sql`(select id from intents)`)]))
  },

  async move(db, moves) {
    const updates = rows(updateColumns, updateRows(moves))
    const moved = sql`
      update intents as i set state = v.state, answer = v.answer, lease_until = coalesce(v.lease_until, i.lease_until)
      from ${updates} where i.id = v.id and i.request_id = v.request_id returning id`.compile(db)
    const isLazy = moves.every((move) => move.isLazy)
    return idsOf(await inOneCommit(db, [moved, ...changesOfWrites(db, moves)], isLazy))
  },
}

function changesOfWrites(db: Kysely<Tables>, moves: readonly IdempotencyUpdate[]): CompiledQuery[] {
  const runs = rows({ id: 'text', request_id: 'text' }, updateRows(moves))
  const held = sql`(select i.id from ${runs} join intents i on i.id = v.id and i.request_id = v.request_id)`
  const notes = noteRows(moves)
  const next = nextRows(moves)
  return [
    ...(notes.length === 0
      ? []
      : [
          sql`
            update intent_writes as w set state = v.state, record_id = v.record_id, result = v.result, ended_at = v.ended_at,
              sent_at = coalesce(v.sent_at, w.sent_at)
            from ${rows(noteColumns, notes)} where w.intent_id = v.intent_id and w.step = v.step and v.intent_id in ${held}`.compile(db),
        ]),
    ...(next.length === 0 ? [] : [insertWrites(db, next, held)]),
    ...moves.flatMap(({ id, forgetFrom }) =>
      forgetFrom === undefined
        ? []
        : [sql`delete from intent_writes where intent_id = ${id} and step >= ${forgetFrom} and intent_id in ${held}`.compile(db)],
    ),
  ]
}

/** Those whose idempotency record is among `records`. */
function insertWrites(db: Kysely<Tables>, writes: readonly NewWrite[], records: RawBuilder<unknown>): CompiledQuery {
  const names = sql.join(Object.keys(writeColumns).map((name) => sql.ref(name)))
  return sql`
    insert into intent_writes (${names}) select ${names} from ${rows(writeColumns, writes)} where v.intent_id in ${records} order by n`.compile(
    db,
  )
}
