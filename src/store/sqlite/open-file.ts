import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'

/** Only `store backup` reads at the same time. */
const BUSY_TIMEOUT_MS = 5_000
/** A larger WAL is truncated to this size. */
const WAL_SIZE_LIMIT = 64 << 20

/** As in PostgreSQL, ignores null. */
function least(...values: SQLOutputValue[]): SQLOutputValue {
  const given = values.filter((value) => value !== null)
  return given.length === 0 ? null : given.reduce((a, b) => (b < a ? b : a))
}

/** Opens a database in which a commit is on disk when it is confirmed. */
export function openFile(file: string): DatabaseSync {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
  const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true })
  database.function('least', { deterministic: true, varargs: true }, least)
  database.exec('pragma synchronous = full')
  database.exec(`pragma journal_size_limit = ${WAL_SIZE_LIMIT}`)
  return database
}
