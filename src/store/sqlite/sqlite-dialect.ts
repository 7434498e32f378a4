import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, type Dialect } from 'kysely'
import { sqliteDriver, type SqliteSession } from './sqlite-driver.ts'

class GuardedAdapter extends SqliteAdapter {
  /** The guard queues the callers: if Kysely did, the guard could not detect a caller that waits for itself. */
  override get supportsMultipleConnections(): boolean {
    return true
  }
  /** A migration is one transaction: a start that dies in between leaves nothing. */
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

/** A transaction locks the whole database: row locks are not needed, and SQLite has no syntax for them. */
class LocklessCompiler extends SqliteQueryCompiler {
  protected override visitSelectModifier(): void {}
}

/** SQLite through node:sqlite, for an open database. */
export function sqliteDialect(session: SqliteSession): Dialect {
  return {
    createAdapter: () => new GuardedAdapter(),
    createDriver: () => sqliteDriver(session),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new LocklessCompiler(),
  }
}
