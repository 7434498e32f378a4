import { sql, type Kysely } from 'kysely'
import type { Clock } from '../../kit/clock.ts'
import { sqliteTypes, type Lazily } from '../columns.ts'
import type { AttemptRecord, StoreEngine, TransferStatements } from '../engine.ts'
import { createLeaseStatements } from '../lease-statements.ts'
import type { Tables } from '../tables.ts'
import { LAZY } from './sqlite-driver.ts'
import { sqliteIdempotency } from './sqlite-idempotency.ts'
import { inOneCommit, rows } from './sqlite-rows.ts'

/** The statements of SQLite. */
export function sqliteEngine(db: Kysely<Tables>, clock: Clock): StoreEngine {
  return {
    types: sqliteTypes,
    rows,
    lazily,
    leases: createLeaseStatements(db, {
      rows,
      later: (ms) => sql<Date>`${new Date(clock.now() + ms)}`,
      skipLocked: sql``,
      lockRows: sql``,
      lazily,
      // The next start ends the leases of an earlier process, also those that are not on disk.
      claiming: lazily,
    }),
    idempotency: sqliteIdempotency,
    saveAttempts,
    inOneCommit: async (on, statements) => void (await inOneCommit(on, statements)),
    transfer,
  }
}

const lazily: Lazily = async (db, statement) => (await statement(sql.raw(`true ${LAZY}`)).execute(db)).rows

async function saveAttempts(db: Kysely<Tables>, attempts: readonly AttemptRecord[]): Promise<void> {
  const made = rows(
    { id: 'text', at: 'time', ms: 'int', status: 'int', reason: 'text', state: 'text', counts: 'boolean', next_at: 'time' },
    attempts.map(({ deliveryId, nextAt, ...rest }) => ({ id: deliveryId, next_at: nextAt, ...rest })),
  )
  await inOneCommit(db, [
    sql`
      insert into delivery_attempts (delivery_id, attempt, at, status, reason, ms)
      select v.id, 1 + coalesce((select max(a.attempt) from delivery_attempts a where a.delivery_id = v.id), 0), v.at, v.status, v.reason, v.ms
      from ${made} join deliveries d on d.id = v.id where true
      on conflict do nothing`.compile(db),
    sql`
      update deliveries as d set state = v.state, attempts = d.attempts + v.counts, next_at = coalesce(v.next_at, d.next_at),
        last_status = v.status, last_reason = v.reason, ended_at = case when v.state <> 'pending' then v.at end
      from ${made} where d.id = v.id and d.state = 'pending'`.compile(db),
  ])
}

/** A transaction has the database exclusively, and autoincrement continues after the highest id ever used. */
const transfer: TransferStatements = {
  freeze: () => Promise.resolve(),
  lockTables: () => Promise.resolve(),
  keepIds: sql``,
  continueIds: () => Promise.resolve(),
}
