import { sql } from 'kysely'
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
import { inTransaction, rows } from './sqlite-rows.ts'

const idsOf = (found: readonly { id: string }[]): Set<string> => new Set(found.map(({ id }) => id))

/** Idempotency records in SQLite: a short transaction. */
export const sqliteIdempotency: IdempotencyStatements = {
  begin: (db, intents) =>
    inTransaction(db, async (trx) => {
      const begun = await sql<{ id: string }>`
        insert into intents (id, name, fingerprint, operation, state, request_id, lease_until, created_at, expires_at)
        select id, name, fingerprint, operation, 'running', request_id, lease_until, created_at, expires_at
        from ${rows(
          recordColumns,
          intents.map(({ intent }) => intent),
        )} where true order by n
        on conflict (name) do nothing returning id`.execute(trx)
      const ids = idsOf(begun.rows)
      await insertWrites(
        trx,
        intents.map(({ write }) => write).filter(({ intent_id: id }) => ids.has(id)),
      )
      return ids
    }),

  move: (db, moves) =>
    inTransaction(db, async (trx) => {
      const moved = await sql<{ id: string }>`
        update intents as i set state = v.state, answer = v.answer, lease_until = coalesce(v.lease_until, i.lease_until)
        from ${rows(updateColumns, updateRows(moves))} where i.id = v.id and i.request_id = v.request_id returning id`.execute(trx)
      const ids = idsOf(moved.rows)
      const applied = moves.filter(({ id }) => ids.has(id))
      const notes = noteRows(applied)
      if (notes.length > 0)
        await sql`
          update intent_writes as w set state = v.state, record_id = v.record_id, result = v.result, ended_at = v.ended_at,
            sent_at = coalesce(v.sent_at, w.sent_at)
          from ${rows(noteColumns, notes)} where w.intent_id = v.intent_id and w.step = v.step`.execute(trx)
      await insertWrites(trx, nextRows(applied))
      for (const { id, forgetFrom } of applied)
        if (forgetFrom !== undefined)
          await trx.deleteFrom('intent_writes').where('intent_id', '=', id).where('step', '>=', forgetFrom).execute()
      return ids
    }),
}

async function insertWrites(trx: Parameters<IdempotencyStatements['begin']>[0], writes: ReturnType<typeof nextRows>): Promise<void> {
  if (writes.length === 0) return
  const names = sql.join(Object.keys(writeColumns).map((name) => sql.ref(name)))
  await sql`insert into intent_writes (${names}) select ${names} from ${rows(writeColumns, writes)} order by n`.execute(trx)
}
