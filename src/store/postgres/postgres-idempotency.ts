import { sql, type Kysely, type RawBuilder } from 'kysely'
import {
  recordColumns,
  updateColumns,
  updateRows,
  nextRows,
  noteColumns,
  noteRows,
  writeColumns,
  type IdempotencyStatements,
} from '../idempotency-statements.ts'
import type { Tables } from '../tables.ts'
import { rows, UNFLUSHED } from './postgres-rows.ts'

const WRITE_NAMES = Object.keys(writeColumns)
const columnsOfWrites = sql.join(WRITE_NAMES.map((name) => sql.ref(name)))
const selectedWrites = sql.join(WRITE_NAMES.map((name) => sql.ref(`v.${name}`)))

const idsOf = async (db: Kysely<Tables>, statement: RawBuilder<{ id: string }>): Promise<Set<string>> =>
  new Set((await statement.execute(db)).rows.map(({ id }) => id))

/** Idempotency records in PostgreSQL: always one statement. */
export const postgresIdempotency: IdempotencyStatements = {
  // In the order of their names, so that two processes never deadlock.
  begin: (db, intents) =>
    idsOf(
      db,
      sql`
        with begun as (
          insert into intents (id, name, fingerprint, operation, state, request_id, lease_until, created_at, expires_at)
          select id, name, fingerprint, operation, 'running', request_id, lease_until, created_at, expires_at
          from ${rows(
            recordColumns,
            intents.map(({ intent }) => intent),
          )} order by name
          on conflict (name) do nothing returning id
        )
        insert into intent_writes (${columnsOfWrites})
        select ${selectedWrites} from ${rows(
          writeColumns,
          intents.map(({ write }) => write),
        )} join begun on begun.id = v.intent_id
        returning intent_id as id`,
    ),

  move: (db, moves) =>
    idsOf(
      db,
      sql`
        with moves as (select * from ${rows(updateColumns, updateRows(moves))}), mine as (
          update intents as i set state = m.state, answer = m.answer, lease_until = coalesce(m.lease_until, i.lease_until)
          from moves m where i.id = m.id and i.request_id = m.request_id and ${moves.every(({ isLazy }) => isLazy) ? UNFLUSHED : sql`true`}
          returning i.id
        ), noted as (
          update intent_writes as w
          set state = v.state, record_id = v.record_id, result = v.result, ended_at = v.ended_at, sent_at = coalesce(v.sent_at, w.sent_at)
          from mine, ${rows(noteColumns, noteRows(moves))}
          where w.intent_id = mine.id and v.intent_id = mine.id and w.step = v.step
        ), added as (
          insert into intent_writes (${columnsOfWrites})
          select ${selectedWrites} from ${rows(writeColumns, nextRows(moves))} join mine on mine.id = v.intent_id
        ), forgotten as (
          delete from intent_writes w using mine, moves m where w.intent_id = mine.id and m.id = mine.id and w.step >= m.forget_from
        )
        select id from mine`,
    ),
}
