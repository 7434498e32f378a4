import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { BoundValue } from './bind-values.ts'
import { typedColumns, type Row, type TypedColumn } from './read-values.ts'

/** A StatementResult is the result of a statement, with values as SQLite stores them. */
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

/** A Script is statements that are one transaction, carried out in one go. */
export interface Script {
  statements: readonly Statement[]
  isLazy: boolean
}

/** SqliteStatements run one after another on a database, in the thread that has it. */
export interface SqliteStatements {
  execute(statement: Statement): StatementResult
  /** All or none. One result for each statement. */
  run(script: Script): StatementResult[]
  commit(): void
  /** If there is still something to roll back: a full disk ends a transaction by itself. */
  rollback(): void
}

/** Cached compiled statements: the program has fewer, but lists of values make variants. */
const STATEMENTS_MAX = 500

interface PreparedStatement {
  statement: StatementSync
  /** Undefined for a statement that returns no rows. */
  typed: readonly TypedColumn[] | undefined
}

export function sqliteStatements(database: DatabaseSync): SqliteStatements {
  const cache = new Map<string, PreparedStatement>()

  const prepare = (text: string): PreparedStatement => {
    const known = cache.get(text)
    // Moves it to the end: the first entry is the least recently used.
    cache.delete(text)
    const statement = known?.statement ?? database.prepare(text)
    const prepared = known ?? { statement, typed: typedColumns(statement) }
    cache.set(text, prepared)
    if (cache.size > STATEMENTS_MAX) cache.delete(cache.keys().next().value!)
    return prepared
  }

  const run = ({ text, values }: Statement): StatementResult => {
    const { statement, typed } = prepare(text)
    if (!typed) return { rows: [], affected: BigInt(statement.run(...values).changes), typed: [] }
    const rows = statement.all(...values)
    return { rows, affected: BigInt(rows.length), typed }
  }

  const lazily = <T>(isLazy: boolean | undefined, work: () => T): T => {
    if (!isLazy) return work()
    database.exec('pragma synchronous = normal')
    try {
      return work()
    } finally {
      database.exec('pragma synchronous = full')
    }
  }
  // Immediate: a transaction that begins by reading could else fail when it comes to write.
  const begin = () => database.exec('begin immediate')
  const commit = () => database.exec('commit')
  const rollback = () => {
    if (database.isTransaction) database.exec('rollback')
  }

  return {
    execute(statement) {
      if (statement.begins) begin()
      return lazily(statement.isLazy, () => run(statement))
    },
    run: ({ statements, isLazy }) =>
      lazily(isLazy, () => {
        begin()
        try {
          const results = statements.map(run)
          commit()
          return results
        } catch (error) {
          rollback()
          throw error
        }
      }),
    commit,
    rollback,
  }
}
