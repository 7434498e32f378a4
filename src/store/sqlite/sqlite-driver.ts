import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely'
import { bindValue, type BoundValue } from './bind-values.ts'
import { readRows } from './read-values.ts'
import { withSqliteErrors } from './sqlite-error.ts'
import type { SqliteStatements, StatementResult } from './sqlite-statements.ts'

/** A SqliteSession is an open database, in this thread or in another. It runs one statement at a time: guarded-dialect.ts queues the callers. */
export interface SqliteSession {
  execute(text: string, values: readonly BoundValue[]): Promise<StatementResult>
  exec(text: string): Promise<void>
  rollback(): Promise<void>
}

/** In this thread, which waits for each statement. */
export const ownSession = (statements: SqliteStatements): SqliteSession => ({
  execute: async (text, values) => withSqliteErrors(() => statements.execute(text, values)),
  exec: async (text) => withSqliteErrors(() => statements.exec(text)),
  rollback: async () => withSqliteErrors(() => statements.rollback()),
})

class SqliteConnection implements DatabaseConnection {
  readonly #session: SqliteSession

  constructor(session: SqliteSession) {
    this.#session = session
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, affected, typed } = await this.#session.execute(sql, parameters.map(bindValue))
    return { rows: readRows(rows, typed) as R[], numAffectedRows: affected }
  }

  // oxlint-disable-next-line require-yield -- streaming is not supported
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('The embedded store does not support streaming: it has one connection.')
  }
}

/** A Driver for an open database, which its opener closes. */
export function sqliteDriver(session: SqliteSession): Driver {
  const connection = new SqliteConnection(session)
  return {
    init: () => Promise.resolve(),
    acquireConnection: () => Promise.resolve(connection),
    releaseConnection: () => Promise.resolve(),
    // Immediate: otherwise a transaction that starts with a read could fail at its first write.
    beginTransaction: () => session.exec('begin immediate'),
    commitTransaction: () => session.exec('commit'),
    rollbackTransaction: () => session.rollback(),
    destroy: () => Promise.resolve(),
  }
}
