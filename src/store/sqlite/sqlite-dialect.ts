import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, type Dialect } from 'kysely'
import { sqliteDriver, type SqliteSession } from './sqlite-driver.ts'

class GuardedAdapter extends SqliteAdapter {
  /** Kysely would line up callers where the guard cannot see who waits for itself; the guard does it instead. */
  override get supportsMultipleConnections(): boolean {
    return true
  }
  /** What a migration changes about tables is one transaction: a start that dies half-way leaves nothing. */
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

/** One transaction has the whole database: rows need no locks, and SQLite has no words for them. */
class LocklessCompiler extends SqliteQueryCompiler {
  protected override visitSelectModifier(): void {}
}

/** SQLite through node:sqlite, for a database that is open. */
export function sqliteDialect(session: SqliteSession): Dialect {
  return {
    createAdapter: () => new GuardedAdapter(),
    createDriver: () => sqliteDriver(session),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new LocklessCompiler(),
  }
}
