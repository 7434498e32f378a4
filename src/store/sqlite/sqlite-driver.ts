import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely'
import { bindValue } from './bind-values.ts'
import { readRows } from './read-values.ts'
import { withSqliteErrors } from './sqlite-error.ts'
import { ScriptQuery } from './script-query.ts'
import type { Script, SqliteStatements, Statement, StatementResult } from './sqlite-statements.ts'

/** A SqliteSession is a database that is open, in this thread or in another. One statement at a time: guarded-dialect.ts lines up the callers. */
export interface SqliteSession {
  execute(statement: Statement): Promise<StatementResult>
  run(script: Script): Promise<StatementResult[]>
  commit(): Promise<void>
  rollback(): Promise<void>
}

/** In this thread, which waits for each statement. */
export const ownSession = (statements: SqliteStatements): SqliteSession => ({
  execute: async (statement) => withSqliteErrors(() => statements.execute(statement)),
  run: async (script) => withSqliteErrors(() => statements.run(script)),
  commit: async () => withSqliteErrors(() => statements.commit()),
  rollback: async () => withSqliteErrors(() => statements.rollback()),
})

/** In a comment of a statement: see Statement. */
export const LAZY = '/* lazy */'

const statementOf = ({ sql, parameters }: CompiledQuery): Statement => ({ text: sql, values: parameters.map(bindValue) })

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

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (query instanceof ScriptQuery) {
      const results = await this.#session.run({ statements: query.statements.map(statementOf), isLazy: query.isLazy })
      return { rows: results.map(({ rows, typed }) => readRows(rows, typed)) as R[] }
    }
    const begins = this.#begins
    this.#begins = false
    const statement = { ...statementOf(query), begins, isLazy: query.sql.includes(LAZY) }
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
