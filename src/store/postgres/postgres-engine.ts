import { sql, type Kysely, type RawBuilder } from 'kysely'
import { postgresTypes, type Lazily } from '../columns.ts'
import type { AttemptRecord, StoreEngine, TransferStatements } from '../engine.ts'
import { createLeaseStatements } from '../lease-statements.ts'
import type { Tables } from '../tables.ts'
import { postgresIdempotency } from './postgres-idempotency.ts'
import { rows, UNFLUSHED } from './postgres-rows.ts'

/** The statements of PostgreSQL. */
export function postgresEngine(db: Kysely<Tables>): StoreEngine {
  const lazily: Lazily = (on, statement) => run(on, statement(UNFLUSHED))
  return {
    types: postgresTypes,
    rows,
    lazily,
    leases: createLeaseStatements(db, {
      rows,
      later: (ms) => sql<Date>`now() + make_interval(secs => ${ms / 1_000})`,
      skipLocked: sql`for update skip locked`,
      lockRows: sql`for no key update`,
      lazily,
      // If a crash of the database lost a claim, another process could claim the row as well.
      claiming: (on, statement) => run(on, statement(sql`true`)),
    }),
    idempotency: postgresIdempotency,
    saveAttempts,
    async inOneCommit(on, statements) {
      if (!on.isTransaction) return on.transaction().execute((trx) => this.inOneCommit(trx, statements))
      for (const statement of statements) await on.executeQuery(statement)
    },
    transfer,
  }
}

const run = async <T>(db: Kysely<Tables>, statement: RawBuilder<T>): Promise<T[]> => (await statement.execute(db)).rows

async function saveAttempts(db: Kysely<Tables>, attempts: readonly AttemptRecord[]): Promise<void> {
  const made = rows(
    { id: 'text', at: 'time', ms: 'int', status: 'int', reason: 'text', state: 'text', counts: 'boolean', next_at: 'time' },
    attempts.map(({ deliveryId, nextAt, ...rest }) => ({ id: deliveryId, next_at: nextAt, ...rest })),
  )
  await sql`
    with made as (select * from ${made}), updated as (
      update deliveries as d set state = made.state, attempts = d.attempts + made.counts::int, next_at = coalesce(made.next_at, d.next_at),
        last_status = made.status, last_reason = made.reason, ended_at = case when made.state <> 'pending' then made.at end
      from made where d.id = made.id and d.state = 'pending'
    )
    insert into delivery_attempts (delivery_id, attempt, at, status, reason, ms)
    select made.id, 1 + coalesce((select max(a.attempt) from delivery_attempts a where a.delivery_id = made.id), 0), at, made.status, reason, ms
    from made join deliveries on deliveries.id = made.id
    on conflict do nothing`.execute(db)
}

const transfer: TransferStatements = {
  freeze: async (trx) => void (await sql`set transaction isolation level repeatable read, read only`.execute(trx)),
  lockTables: async (trx, tables) =>
    void (await sql`lock table ${sql.join(tables.map((table) => sql.table(table)))} in access exclusive mode`.execute(trx)),
  keepIds: sql`overriding system value`,
  async continueIds(trx, columns) {
    for (const { table, column } of columns)
      await sql`
        select setval(pg_get_serial_sequence(${table}, ${column}), (select coalesce(max(${sql.ref(column)}), 0) + 1 from ${sql.table(table)}), false)`.execute(
        trx,
      )
  },
}
