import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely'
import { bindValue } from './bind-values.ts'
import { readRows } from './read-values.ts'
import { withSqliteErrors } from './sqlite-error.ts'
import type { SqliteStatements, Statement, StatementResult } from './sqlite-statements.ts'

/** A SqliteSession is a database that is open, in this thread or in another. One statement at a time: guarded-dialect.ts lines up the callers. */
export interface SqliteSession {
  execute(statement: Statement): Promise<StatementResult>
  commit(): Promise<void>
  rollback(): Promise<void>
}

/** In this thread, which waits for each statement. */
export const ownSession = (statements: SqliteStatements): SqliteSession => ({
  execute: async (statement) => withSqliteErrors(() => statements.execute(statement)),
  commit: async () => withSqliteErrors(() => statements.commit()),
  rollback: async () => withSqliteErrors(() => statements.rollback()),
})

/** In a comment of a statement: see Statement. */
export const LAZY = '/* lazy */'

class SqliteConnection implements DatabaseConnection {
  readonly #session: SqliteSession
  /** A transaction begins with its first statement: a thread is asked once for both. */
  #begins = false

  constructor(session: SqliteSession) {
    this.#session = session
  }

  begin(): void {
    this.#begins = true
  }

  /** Whether a transaction has come to a statement. */
  end(): boolean {
    const hasBegun = !this.#begins
    this.#begins = false
    return hasBegun
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const values = parameters.map(bindValue)
    const begins = this.#begins
    this.#begins = false
    const statement = { text: sql, values, begins, isLazy: sql.includes(LAZY) }
    const { rows, affected, typed } = await this.#session.execute(statement)
    return { rows: readRows(rows, typed) as R[], numAffectedRows: affected }
  }

  // oxlint-disable-next-line require-yield -- the store does not stream
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('The embedded store streams nothing: one statement at a time has the connection.')
  }
}

/** A Driver for a database that is open. Who opened it closes it. */
export function sqliteDriver(session: SqliteSession): Driver {
  const connection = new SqliteConnection(session)
  return {
    init: () => Promise.resolve(),
    acquireConnection: () => Promise.resolve(connection),
    releaseConnection: () => Promise.resolve(),
    beginTransaction: async () => connection.begin(),
    commitTransaction: () => (connection.end() ? session.commit() : Promise.resolve()),
    rollbackTransaction: () => (connection.end() ? session.rollback() : Promise.resolve()),
    destroy: () => Promise.resolve(),
  }
}
