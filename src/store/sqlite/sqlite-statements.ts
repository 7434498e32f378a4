import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { BoundValue } from './bind-values.ts'
import { typedColumns, type Row, type TypedColumn } from './read-values.ts'

/** A StatementResult is the result of a statement, with values as SQLite stores them. */
export interface StatementResult {
  rows: Row[]
  affected: bigint
  typed: readonly TypedColumn[]
}

/** SqliteStatements run statements on a database, in the thread that opened it. */
export interface SqliteStatements {
  execute(text: string, values: readonly BoundValue[]): StatementResult
  exec(text: string): void
  /** Only if a transaction is open: a full disk ends it. */
  rollback(): void
}

/** Cached compiled statements: the program has fewer, but lists of values make variants. */
const STATEMENTS_MAX = 500

interface Prepared {
  statement: StatementSync
  /** Undefined for a statement that returns no rows. */
  typed: readonly TypedColumn[] | undefined
}

export function sqliteStatements(database: DatabaseSync): SqliteStatements {
  const cache = new Map<string, Prepared>()

  const prepare = (text: string): Prepared => {
    const known = cache.get(text)
    // Moves it to the end: the first entry is the least recently used.
    cache.delete(text)
    const statement = known?.statement ?? database.prepare(text)
    const prepared = known ?? { statement, typed: typedColumns(statement) }
    cache.set(text, prepared)
    if (cache.size > STATEMENTS_MAX) cache.delete(cache.keys().next().value!)
    return prepared
  }

  return {
    execute(text, values) {
      const { statement, typed } = prepare(text)
      if (!typed) return { rows: [], affected: BigInt(statement.run(...values).changes), typed: [] }
      const rows = statement.all(...values)
      return { rows, affected: BigInt(rows.length), typed }
    },
    exec: (text) => database.exec(text),
    rollback() {
      if (database.isTransaction) database.exec('rollback')
    },
  }
}
