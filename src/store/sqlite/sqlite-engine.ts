import { sql, type Kysely, type RawBuilder } from 'kysely'
import type { Clock } from '../../kit/clock.ts'
import { sqliteTypes } from '../columns.ts'
import type { AttemptRecord, StoreEngine, TransferStatements } from '../engine.ts'
import { createLeaseStatements } from '../lease-statements.ts'
import type { Tables } from '../tables.ts'
import { sqliteIdempotency } from './sqlite-idempotency.ts'
import { inTransaction, rows } from './sqlite-rows.ts'

/** What SQLite does in its own way. */
export function sqliteEngine(db: Kysely<Tables>, clock: Clock): StoreEngine {
  return {
    types: sqliteTypes,
    rows,
    leases: createLeaseStatements(db, {
      rows,
      later: (ms) => sql<Date>`${new Date(clock.now() + ms)}`,
      skipLocked: sql``,
      lockRows: sql``,
      lazily,
      // Leases of an earlier process end at the start of the next one, also those of which the disk knows nothing.
      claiming: lazily,
    }),
    idempotency: sqliteIdempotency,
    saveAttempts,
    transfer,
  }
}

/** The log of the next commit that is synced carries this one with it. */
async function lazily<T>(db: Kysely<Tables>, statement: (condition: RawBuilder<unknown>) => RawBuilder<T>): Promise<T[]> {
  return db.connection().execute(async (connection) => {
    await sql`pragma synchronous = normal`.execute(connection)
    try {
      return (await statement(sql`true`).execute(connection)).rows
    } finally {
      await sql`pragma synchronous = full`.execute(connection)
    }
  })
}

async function saveAttempts(db: Kysely<Tables>, attempts: readonly AttemptRecord[]): Promise<void> {
  const made = rows(
    { id: 'text', at: 'time', ms: 'int', status: 'int', reason: 'text', state: 'text', counts: 'boolean', next_at: 'time' },
    attempts.map(({ deliveryId, nextAt, ...rest }) => ({ id: deliveryId, next_at: nextAt, ...rest })),
  )
  await inTransaction(db, async (trx) => {
    await sql`
      insert into delivery_attempts (delivery_id, attempt, at, status, reason, ms)
      select v.id, 1 + coalesce((select max(a.attempt) from delivery_attempts a where a.delivery_id = v.id), 0), v.at, v.status, v.reason, v.ms
      from ${made} join deliveries d on d.id = v.id where true
      on conflict do nothing`.execute(trx)
    await sql`
      update deliveries as d set state = v.state, attempts = d.attempts + v.counts, next_at = coalesce(v.next_at, d.next_at),
        last_status = v.status, last_reason = v.reason, ended_at = case when v.state <> 'pending' then v.at end
      from ${made} where d.id = v.id and d.state = 'pending'`.execute(trx)
  })
}

/** A transaction has the database for itself, and autoincrement goes on behind the highest id there ever was. */
const transfer: TransferStatements = {
  freeze: () => Promise.resolve(),
  lockTables: () => Promise.resolve(),
  keepIds: sql``,
  continueIds: () => Promise.resolve(),
}
