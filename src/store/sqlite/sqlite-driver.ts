import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely'
import { bindValue } from './bind-values.ts'
import { readerOf, type Row } from './read-values.ts'
import { tellingErrors } from './sqlite-error.ts'

/** Statements that are kept compiled: the program has fewer, but lists of values make some of one. */
const STATEMENTS_KEPT = 500

interface Prepared {
  statement: StatementSync
  read: ((rows: Row[]) => Row[]) | undefined
}

/** The one connection of a database. Its statements run to their end in the thread that asks: guarded-dialect.ts lines up the callers. */
class SqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync
  readonly #prepared = new Map<string, Prepared>()

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  #prepare(text: string): Prepared {
    const known = this.#prepared.get(text)
    if (known) {
      // The one that was used last goes to the end: the first is forgotten first.
      this.#prepared.delete(text)
      this.#prepared.set(text, known)
      return known
    }
    const statement = this.#database.prepare(text)
    const prepared = { statement, read: readerOf(statement) }
    this.#prepared.set(text, prepared)
    if (this.#prepared.size > STATEMENTS_KEPT) this.#prepared.delete(this.#prepared.keys().next().value!)
    return prepared
  }

  // Its promise is already kept: SQLite answers at once.
  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    return tellingErrors(() => {
      const values = parameters.map(bindValue)
      const { statement, read } = this.#prepare(sql)
      if (!read) return { rows: [], numAffectedRows: BigInt(statement.run(...values).changes) }
      const rows = read(statement.all(...values)) as R[]
      return { rows, numAffectedRows: BigInt(rows.length) }
    })
  }

  // oxlint-disable-next-line require-yield -- nobody streams
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('The embedded store streams nothing: one statement at a time has the connection.')
  }

  exec(text: string): void {
    tellingErrors(() => this.#database.exec(text))
  }
}

/** A Driver for a database that is open. Who opened it closes it. */
export function sqliteDriver(database: DatabaseSync): Driver {
  const connection = new SqliteConnection(database)
  return {
    init: () => Promise.resolve(),
    acquireConnection: () => Promise.resolve(connection),
    releaseConnection: () => Promise.resolve(),
    // Immediate: a transaction that begins by reading could else fail when it comes to write.
    beginTransaction: async () => connection.exec('begin immediate'),
    commitTransaction: async () => connection.exec('commit'),
    rollbackTransaction: async () => {
      // A full disk ends a transaction by itself.
      if (database.isTransaction) connection.exec('rollback')
    },
    destroy: () => Promise.resolve(),
  }
}
