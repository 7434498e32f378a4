import { sql, type Kysely, type RawBuilder } from 'kysely'
import type { RowsOf } from './columns.ts'
import type { Tables } from './tables.ts'

/** A LeasedTable has rows that one worker at a time works on: the columns `due_at`, `leased_until` and `leased_by`. */
export type LeasedTable = 'sources' | 'subscriptions'

/** A due time that never comes. */
export const NEVER = new Date('9999-01-01T00:00:00Z')

/** Longer than a short pause of a process or its database. */
const LEASE_MS = 30_000

/** A Claim says which rows a worker wants. */
export interface Claim {
  table: LeasedTable
  /** The worker. */
  me: string
  limit: number
  /** What the worker has already, whatever the database says of it. */
  except: readonly string[]
}

/** LeaseStatements give rows to workers, by the clock of the database. */
export interface LeaseStatements {
  /** Rows that are due by `now` and that nobody has; they are due no more. */
  claimDue(claim: Claim, now: Date): Promise<string[]>
  /** Rows whose worker is gone, or that this very worker has lost sight of. */
  claimLeft(claim: Claim): Promise<string[]>
  /** One row, whether it is due or not. It is due at `dueAt` at the latest, so that it is worked on afterwards, also if the worker dies. */
  claimOne(table: LeasedTable, id: string, me: string, dueAt: Date): Promise<'claimed' | 'busy' | 'gone'>
  /** Answers those that are still the worker's. */
  renew(table: LeasedTable, me: string, ids: readonly string[]): Promise<Set<string>>
  /** Gives a row back, due at `due` or sooner. Answers when it is due; nothing when it is another worker's by now. */
  release(table: LeasedTable, me: string, id: string, due: Date): Promise<Date | undefined>
  /** Where one process has the store: whoever had a lease before it is gone, and everything is looked at. */
  endAll(table: LeasedTable, now: Date): Promise<void>
}

/** LeaseWords are what the statements need of an engine. */
export interface LeaseDialect {
  rows: RowsOf
  /** The time of the database, and so much later. */
  later(ms: number): RawBuilder<Date>
  /** Behind a select: rows that another claim is just taking are left to it. */
  skipLocked: RawBuilder<unknown>
  lockRows: RawBuilder<unknown>
  /** For what need not be on the disk when it is confirmed. The condition goes into the statement. */
  lazily<T>(db: Kysely<Tables>, statement: (condition: RawBuilder<unknown>) => RawBuilder<T>): Promise<T[]>
  /** The same, where a claim that a crash of the database forgets does no harm. */
  claiming<T>(db: Kysely<Tables>, statement: (condition: RawBuilder<unknown>) => RawBuilder<T>): Promise<T[]>
}

export function createLeaseStatements(db: Kysely<Tables>, words: LeaseDialect): LeaseStatements {
  const { rows: rowsOf, later, skipLocked, lockRows, lazily, claiming } = words
  const idsIn = (ids: readonly string[]) =>
    sql`(select v.id from ${rowsOf(
      { id: 'text' },
      ids.map((id) => ({ id })),
    )})`

  const take = async ({ table, me, limit, except }: Claim, which: RawBuilder<unknown>, order: 'due_at' | 'leased_until') => {
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
    claimDue: (claim, now) => take(claim, sql`due_at <= ${now} and leased_until is null`, 'due_at'),
    claimLeft: (claim) =>
      take(claim, sql`leased_until is not null and (leased_until < ${later(0)} or leased_by = ${claim.me})`, 'leased_until'),

    async claimOne(table, id, me, dueAt) {
      const rows = await claiming(
        db,
        (condition) => sql`
          update ${sql.table(table)} set leased_by = ${me}, leased_until = ${later(LEASE_MS)}, due_at = least(due_at, ${dueAt})
          where id = ${id} and (leased_until is null or leased_until < ${later(0)}) and ${condition} returning id`,
      )
      if (rows.length > 0) return 'claimed'
      const there = await sql`select id from ${sql.table(table)} where id = ${id}`.execute(db)
      return there.rows.length > 0 ? 'busy' : 'gone'
    },

    async renew(table, me, ids) {
      // Locked in the order of their ids, as everybody does who changes several: two that wait for each other would wait in vain.
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
