import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'

/** Only `store backup` reads beside us. */
const BUSY_TIMEOUT_MS = 5_000
/** What is left of a log that has grown is given back to the disk. */
const LOG_BYTES_KEPT = 64 << 20

/** PostgreSQL's, which ignores what is null. */
function least(...values: SQLOutputValue[]): SQLOutputValue {
  const given = values.filter((value) => value !== null)
  return given.length === 0 ? null : given.reduce((a, b) => (b < a ? b : a))
}

/** Opens a database, and makes it one that loses nothing: a commit is on the disk when it is confirmed. */
export function openFile(file: string): DatabaseSync {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
  const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true })
  database.function('least', { deterministic: true, varargs: true }, least)
  database.exec('pragma synchronous = full')
  database.exec(`pragma journal_size_limit = ${LOG_BYTES_KEPT}`)
  return database
}
