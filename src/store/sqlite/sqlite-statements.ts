import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { BoundValue } from './bind-values.ts'
import { typedColumns, type Row, type TypedColumn } from './read-values.ts'

/** A StatementResult is what a statement has answered, as SQLite stores it. */
export interface StatementResult {
  rows: Row[]
  affected: bigint
  typed: readonly TypedColumn[]
}

/** A Statement is one that is to be carried out. */
export interface Statement {
  text: string
  values: readonly BoundValue[]
  /** Begins a transaction before it. */
  begins?: boolean
  /** Need not be on the disk when it is confirmed: the next commit that is synced carries it along. Not inside a transaction. */
  isLazy?: boolean
}

/** SqliteStatements run one after another on a database, in the thread that has it. */
export interface SqliteStatements {
  execute(statement: Statement): StatementResult
  commit(): void
  /** If there is still something to roll back: a full disk ends a transaction by itself. */
  rollback(): void
}

/** Statements that are kept compiled: the program has fewer, but lists of values make some of one. */
const STATEMENTS_KEPT = 500

interface Prepared {
  statement: StatementSync
  /** Undefined for a statement that answers no rows. */
  typed: readonly TypedColumn[] | undefined
}

export function sqliteStatements(database: DatabaseSync): SqliteStatements {
  const kept = new Map<string, Prepared>()

  const prepare = (text: string): Prepared => {
    const known = kept.get(text)
    // The one that was used last goes to the end: the first is forgotten first.
    kept.delete(text)
    const statement = known?.statement ?? database.prepare(text)
    const prepared = known ?? { statement, typed: typedColumns(statement) }
    kept.set(text, prepared)
    if (kept.size > STATEMENTS_KEPT) kept.delete(kept.keys().next().value!)
    return prepared
  }

  const run = (text: string, values: readonly BoundValue[]): StatementResult => {
    const { statement, typed } = prepare(text)
    if (!typed) return { rows: [], affected: BigInt(statement.run(...values).changes), typed: [] }
    const rows = statement.all(...values)
    return { rows, affected: BigInt(rows.length), typed }
  }

  return {
    execute({ text, values, begins, isLazy }) {
      // Immediate: a transaction that begins by reading could else fail when it comes to write.
      if (begins) database.exec('begin immediate')
      if (!isLazy) return run(text, values)
      database.exec('pragma synchronous = normal')
      try {
        return run(text, values)
      } finally {
        database.exec('pragma synchronous = full')
      }
    },
    commit: () => database.exec('commit'),
    rollback() {
      if (database.isTransaction) database.exec('rollback')
    },
  }
}
