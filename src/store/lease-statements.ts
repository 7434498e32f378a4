import { sql, type Kysely, type RawBuilder } from 'kysely'
import type { Lazily, RowsOf } from './columns.ts'
import type { Tables } from './tables.ts'

/** A LeasedTable has rows that one worker at a time processes: the columns `due_at`, `leased_until` and `leased_by`. */
export type LeasedTable = 'sources' | 'subscriptions'

/** A due time that never comes. */
export const NEVER = new Date('9999-01-01T00:00:00Z')

/** Longer than a short pause of a process or its database. */
const LEASE_MS = 30_000

/** A Claim is a worker's request for rows. */
export interface Claim {
  table: LeasedTable
  /** The worker. */
  me: string
  limit: number
  /** Rows that the worker holds already; they are never returned. */
  except: readonly string[]
}

/** LeaseStatements lease rows to workers, by the clock of the database. */
export interface LeaseStatements {
  /** Rows that are due by `now` and not leased; they are no longer due. */
  claimDue(claim: Claim, now: Date): Promise<string[]>
  /** Rows whose lease has expired, or that this worker leased without learning of it. */
  claimLeft(claim: Claim): Promise<string[]>
  /** One row, due or not. It becomes due at `dueAt` at the latest, so that it is processed even if the worker dies. */
  claimOne(table: LeasedTable, id: string, me: string, dueAt: Date): Promise<'claimed' | 'busy' | 'gone'>
  /** Returns the ids that the worker still holds. */
  renew(table: LeasedTable, me: string, ids: readonly string[]): Promise<Set<string>>
  /** Releases a row, due at `due` or sooner. Returns when it is due; undefined if another worker holds it. */
  release(table: LeasedTable, me: string, id: string, due: Date): Promise<Date | undefined>
  /** For a store of one process: ends the leases of earlier processes, and makes every row due. */
  endAll(table: LeasedTable, now: Date): Promise<void>
}

/** A LeaseDialect is the SQL of the lease statements that differs by engine. */
export interface LeaseDialect {
  rows: RowsOf
  /** The time of the database plus `ms`. */
  later(ms: number): RawBuilder<Date>
  /** After a select: skips rows that a concurrent claim has locked. */
  skipLocked: RawBuilder<unknown>
  lockRows: RawBuilder<unknown>
  lazily: Lazily
  /** The same for claims, if losing one in a crash of the database does no harm. */
  claiming: Lazily
}

export function createLeaseStatements(db: Kysely<Tables>, dialect: LeaseDialect): LeaseStatements {
  const { rows: rowsOf, later, skipLocked, lockRows, lazily, claiming } = dialect
  const idsIn = (ids: readonly string[]) =>
    sql`(select v.id from ${rowsOf(
      { id: 'text' },
      ids.map((id) => ({ id })),
    )})`

  const claimRows = async ({ table, me, limit, except }: Claim, which: RawBuilder<unknown>, order: 'due_at' | 'leased_until') => {
    const rows = await claiming(
      db,
      (condition) => sql<{ id: string }>`
        with due as (
          select id as due_id from ${sql.table(table)} where ${which} and id not in ${idsIn(except)}
          order by ${sql.ref(order)} limit ${limit} ${skipLocked}
        )
        update ${sql.table(table)} as t set due_at = ${NEVER}, leased_by = ${me}, leased_until = ${later(LEASE_MS)}
        from due where t.id = due.due_id and ${condition} returning id`,
    )
    return rows.map(({ id }) => id)
  }

  return {
    claimDue: (claim, now) => claimRows(claim, sql`due_at <= ${now} and leased_until is null`, 'due_at'),
    claimLeft: (claim) =>
      claimRows(claim, sql`leased_until is not null and (leased_until < ${later(0)} or leased_by = ${claim.me})`, 'leased_until'),

    async claimOne(table, id, me, dueAt) {
      const rows = await claiming(
        db,
        (condition) => sql`
          update ${sql.table(table)} set leased_by = ${me}, leased_until = ${later(LEASE_MS)}, due_at = least(due_at, ${dueAt})
          where id = ${id} and (leased_until is null or leased_until < ${later(0)}) and ${condition} returning id`,
      )
      if (rows.length > 0) return 'claimed'
      const existing = await sql`select id from ${sql.table(table)} where id = ${id}`.execute(db)
      return existing.rows.length > 0 ? 'busy' : 'gone'
    },

    async renew(table, me, ids) {
      // Locked in the order of their ids, as in every statement that changes several rows, so that two never deadlock.
      const rows = await claiming(
        db,
        (condition) => sql<{ id: string }>`
          with mine as (
            select id as mine_id from ${sql.table(table)} where id in ${idsIn(ids)} and leased_by = ${me} and leased_until >= ${later(0)}
            order by id ${lockRows}
          )
          update ${sql.table(table)} as t set leased_until = ${later(LEASE_MS)}
          from mine where t.id = mine.mine_id and ${condition} returning id`,
      )
      return new Set(rows.map(({ id }) => id))
    },

    async release(table, me, id, due) {
      const rows = await lazily(
        db,
        (condition) => sql<{ due_at: Date }>`
          update ${sql.table(table)} set leased_until = null, leased_by = null, due_at = least(due_at, ${due})
          where id = ${id} and leased_by = ${me} and ${condition} returning due_at`,
      )
      return rows[0]?.due_at
    },

    async endAll(table, now) {
      await sql`
        update ${sql.table(table)} set leased_until = null, leased_by = null, due_at = ${now}
        where leased_until is not null or (due_at > ${now} and due_at < ${NEVER})`.execute(db)
    },
  }
}
